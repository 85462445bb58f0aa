/*
 * front: the thread that meets the clients.
 *
 * It accepts, reads exactly one frame of each connection, and joins the two
 * that name the same uuid. A TCP pair goes to a worker as two descriptors;
 * as soon as one end is WebSocket the pair stays here, in a bridge, because a
 * WebSocket connection cannot leave its libwebsockets context.
 *
 *	accept TCP --> one frame --+                 +--> worker (splice)
 *	accept WS  --> one message +--> match(uuid) -+
 *	                                             +--> bridge (frame/message)
 *
 * This header is shared by the files of the front: front.c (life),
 * entry.c (connections), relay.c (sessions), bridge.c, peer.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/quota.h"
#include "common/net/listen.h"
#include "common/net/loop.h"
#include "common/net/mailbox.h"
#include "common/net/ws.h"
#include "services/hbbr/front/arrival.h"
#include "services/hbbr/front/bridge.h"
#include "services/hbbr/front/linger.h"
#include "services/hbbr/front/link.h"
#include "services/hbbr/front/peer.h"
#include "services/hbbr/pairing/hello.h"
#include "services/hbbr/pairing/match.h"
#include "services/hbbr/splice/worker.h"
#include "services/hbbr/state/ipset.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/settings.h"

enum {
	FRONT_WORKERS_MAX = 64,
	/* Of all workers: 16 of 1 MiB at most, the others of 256 KiB; an
	 * unprivileged user gets 64 MiB in one go. */
	FRONT_PIPES = 200,
};

struct front {
	struct loop *loop;
	const struct settings *cfg; /* borrowed */
	const char *key;            /* "" admits everybody; borrowed */
	struct limits limits;       /* of sessions that start now */
	struct shared_limit total;
	uint64_t total_bps;   /* as set; 0 for no limit */
	struct ipset blocked; /* refused and cut */
	struct ipset slow;    /* throttled */
	struct match match;
	struct quota quota;
	struct arrivals arrivals;
	struct links links;
	struct peer_list handshaking; /* oldest first */
	struct peer_list leaving;     /* parked, far end has closed */
	struct timer grace;           /* runs while LEAVING is not empty */
	size_t nhandshaking;
	uint64_t foreign[FOREIGN_KINDS]; /* protocols spoken on TCP */
	struct bridges bridges;
	struct lingers lingers;
	struct listener *tcp;
	struct listener *web;
	struct ws_context *ws;
	struct mailbox *reports;
	struct worker *workers[FRONT_WORKERS_MAX];
	size_t load[FRONT_WORKERS_MAX]; /* sessions each holds */
	size_t nworkers;
	struct timer tick;
	uint64_t drain_ms; /* draining since; 0: not */
	bool closing;
	int closing_parts; /* until on_closed */
	size_t nstopped;   /* workers */
	/* A console command waits to be read on FD, which is taken. */
	void (*on_console)(void *ctx, int fd);
	void (*on_usage)(void *ctx, struct usage_row *rows, size_t n);
	void (*on_closed)(void *ctx);
	void *ctx;
};

/* Starts the workers; no connections yet. 0 or -errno. */
MUST_USE int front_open(struct front *f, struct loop *l,
			const struct settings *cfg);
/* Opens the ports. KEY is borrowed, "" admits everybody. 0 or -errno. */
MUST_USE int front_listen(struct front *f, const char *key);
/* New sessions are refused soon; what is under way may end. */
void front_drain(struct front *f);
/* Draining, and too late for a first half whose other half knows nothing of
 * it yet. */
bool front_drained(const struct front *f);
/* Nobody is or waits to be relayed. */
bool front_idle(const struct front *f);
/* Closes everything; on_closed when the workers have ended as well. */
void front_close(struct front *f);
void front_fini(struct front *f);

/* The lists were edited: running sessions follow. */
void front_lists_changed(struct front *f);
/* Asks for usage; on_usage is called once per worker and for the bridges,
 * front_usage_parts() times in all. The callee frees ROWS. */
void front_usage(struct front *f);
size_t front_usage_parts(const struct front *f);

/* --- between the files of the front -------------------------------------- */

/* entry.c: events of the listeners and of ws. */
void front_accept_tcp(void *front, int fd, const struct addr *peer,
		      const struct addr *client);
void front_accept_ws(void *front, int fd, const struct addr *peer,
		     const struct addr *client);
extern const struct ws_events front_ws_events;

/* Logs, counts and closes a connection that was not paired. */
void front_refuse(struct peer *p, enum reason why);
/* The handshake is over and the peer waits for its other half. False if it
 * had to be refused. */
bool front_park(struct peer *p);
/* A link as a peer whose handshake is over. Takes FD; NULL: no memory. */
struct peer *front_enter_link(struct front *f, int fd,
			      const struct addr *client);
/* Time is up for those that closed early. */
void front_on_grace(void *front);
void front_worker_stopped(struct front *f, struct worker *w);
/* Gives back what an unpaired connection holds (quota, list). */
void front_unpaired_done(struct peer *p);

/* relay.c: a valid first frame has come. */
void relay_arrive(struct peer *p, const struct relay_request *rq);
/* relay.c: a parked peer leaves; frees its session. */
void relay_unpark(struct peer *p);
/* relay.c: the session is over: logs, counts, frees. */
void relay_ended(struct front *f, struct session *s, enum reason why,
		 const uint64_t bytes[static 2], bool downgraded);
/* relay.c: the gate of S is open: pairs what waits. May free S. */
void relay_gate_open(struct session *s);
/* relay.c: the session that a link is for, or NULL. */
struct session *relay_link_wanted(struct front *f, const struct hello *h);
/* relay.c: pairs S with a link; takes FD. */
void relay_link_in(struct front *f, struct session *s, int fd,
		   const struct hello *h);
void relay_link_out(struct front *f, struct session *s, int fd,
		    const struct addr *far);
/* relay.c: how fast S may go. */
struct limits relay_limits(const struct front *f, const struct session *s);
void relay_on_report(void *front, const void *report);
