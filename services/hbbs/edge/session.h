/*
 * session: TCP and WebSocket connections.
 *
 * Moves messages between streams and the core, and keeps the time limits of
 * spec 1.9 and 4.3: a connection that has registered a peer gets a heartbeat
 * every SESSION_BEAT_MS and is dropped after SESSION_DEAD_MS of silence, any
 * other one after SESSION_READ_MS. When MAX_CONNECTIONS are open, the oldest
 * that has registered nothing makes room.
 */
#pragma once

#include <stdint.h>

#include "common/base/attr.h"
#include "common/net/ws.h"
#include "common/proto/forwarded.h"
#include "services/hbbs/state/core.h"
#include "services/hbbs/state/entry.h"
#include "services/hbbs/state/settings.h"

enum {
	SESSION_READ_MS = 30000,
	SESSION_BEAT_MS = 20000, /* under nginx's 60 s and under KEEP_ALIVE_S */
	SESSION_DEAD_MS = 45000,
	SESSION_QUEUE_MAX = 256 * 1024, /* unsent bytes; more: it is stuck */
};

struct sessions;

/* All borrowed. */
struct sessions_opts {
	const struct settings *settings;
	const struct trusted *proxies; /* whose headers are believed */
	const struct trusted
		*proxy_senders; /* who sends PROXY protocol, or NULL */
	/* A loopback connection to the NAT test port. Takes FD. NULL: those
	 * are clients too. */
	void (*on_local)(void *ctx, int fd, const struct addr *client);
	void *ctx;
};

/* Opens the three listeners. 0 and *OUT, or -errno after logging. */
MUST_USE int sessions_open(const struct entry *in,
			   const struct sessions_opts *o,
			   struct sessions **out);
/* Accepts nobody any more; what is open goes on. */
void sessions_refuse(struct sessions *s);
/* Asks N of the clients that registered here to go, the oldest first. Returns
 * how many are left. They come back through another node. */
size_t sessions_move(struct sessions *s, size_t n);
size_t sessions_bound(const struct sessions *s);
/* Connections that did not get far; of other protocols TCP's count too. */
struct ws_counts sessions_counts(const struct sessions *s);

/* Takes a changed certificate now (TLS_CERT). */
void sessions_reload(struct sessions *s);

/* Closes listeners and connections; free when the loop has run down. */
void sessions_close(struct sessions *s);
void sessions_free(struct sessions *s);

/* A connection to the NAT test port that turned out not to be the console's.
 * Takes FD. */
void sessions_accept_nat(struct sessions *s, int fd, const struct addr *client);

void sessions_send(struct client *to, const uint8_t *data, size_t len);
void sessions_end(struct client *to, const char *reason);
/* CLIENT holds a peer now. */
void sessions_registered(struct client *client);

/* Heartbeats and time limits; call about four times a second. */
void sessions_tick(struct sessions *s, uint64_t now_ms);
