/*
 * core: all state of one hbbs, and the few verbs its handlers share.
 *
 * A handler gets a request, changes this state and appends actions to the
 * outbox. Nothing here does I/O or reads a clock: the entry points in
 * rendezvous.h set now_ms.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/bucket.h"
#include "common/proto/keys.h"
#include "common/proto/kx.h"
#include "common/proto/wire.h"
#include "common/site/bans.h"
#include "services/hbbs/state/client.h"
#include "services/hbbs/state/inflight.h"
#include "services/hbbs/state/job.h"
#include "services/hbbs/state/leaving.h"
#include "services/hbbs/state/limits.h"
#include "services/hbbs/state/locals.h"
#include "services/hbbs/state/nodes.h"
#include "services/hbbs/state/outbox.h"
#include "services/hbbs/state/peer.h"
#include "services/hbbs/state/proven.h"
#include "services/hbbs/state/punchlog.h"
#include "services/hbbs/state/relays.h"
#include "services/hbbs/state/rules.h"
#include "services/hbbs/state/verdicts.h"
#include "services/hbbs/state/way.h"
#include "state.pb-c.h"

enum {
	KEEP_ALIVE_S = 30,             /* told to TCP and WebSocket peers */
	FRESH_BOXES = 1000,            /* KeyExchange key pairs made a second */
	MANGLE_SALT_STEP = 0x1e3779b9, /* any odd number: it only salts */
};

struct core {
	struct rules *rules; /* borrowed; the console changes some */
	struct outbox out;
	struct peer_table peers;
	struct locals locals;
	struct client_table clients;
	struct job_table jobs;
	struct job *held;     /* answers until B listens: listening.h ... */
	uint64_t held_due_ms; /* ... and the first one's time; 0: none */
	struct limits limits;
	struct inflight inflight; /* unfinished messages */
	struct proven proven;
	struct relay_list relays;
	struct node_table nodes;
	struct verdicts access;
	struct bans bans;
	struct leaving leaving;
	bool nearly_full[2];  /* Redis: durable, volatile; new ids wait */
	size_t user_sessions; /* connections that reported one */
	struct punch_log punches;
	struct map changes;        /* ipchange */
	struct bucket fresh_boxes; /* KeyExchange: how many pairs may be made */
	struct kx_box box;         /* the last one ... */
	struct kx_offer offer;     /* ... and what is said of it */
	uint64_t now_ms;           /* of the current entry */
	uint64_t unix_s;           /* likewise, for created_s */
	uint32_t epoch;            /* of this process */
	uint32_t salt;             /* for address mangling */
	uint64_t last_copy;        /* names second copies of pushes */
};

enum { DATAGRAM_BATCH = 64 }; /* most that are handed over together */

/* As it arrived by UDP. */
struct datagram {
	struct addr from;
	struct addr to; /* which address of ours; unspecified: not known */
	const uint8_t *data;
	size_t len;
};

/* RULES is borrowed, *RELAYS is copied. */
void core_init(struct core *c, struct rules *rules,
	       const struct relay_list *relays, uint32_t epoch,
	       uint64_t now_ms);
void core_fini(struct core *c);

/* --- sending ------------------------------------------------------------ */

/* A peer and the address of ours that it speaks to. */
struct udp_path {
	struct addr peer;
	struct addr local;
};

/* COPY names the second copy that follows (core_copy()); 0: none. */
void core_send_datagram(struct core *c, const struct udp_path *path,
			const Hbb__RendezvousMessage *m, uint64_t copy);
/* As above for a message that is packed already. False: no room. */
bool core_send_packed_datagram(struct core *c, const struct udp_path *path,
			       const uint8_t *data, size_t len, uint64_t copy);
/* A new name for a second copy. */
uint64_t core_copy(struct core *c);
/* An answer has come: the second copy COPY is of no use any more. */
void core_settled(struct core *c, uint64_t copy);
/* Encrypts if the connection is secured. */
void core_send(struct core *c, struct client *to,
	       const Hbb__RendezvousMessage *m);
/* As above for a message that is packed already. */
void core_send_packed(struct core *c, struct client *to, const uint8_t *data,
		      size_t len);
/* Answers a request where it came from. */
void core_reply(struct core *c, const struct request *q,
		const Hbb__RendezvousMessage *m);
void core_close(struct core *c, struct client *client, const char *reason);

/* --- parking ------------------------------------------------------------ */

/* Parks Q until ID (and ID2 unless NULL) is loaded. False: no room. */
bool core_park_load(struct core *c, struct request *q, const char *id,
		    const char *id2);
/* Parks Q (or keeps its job) for an action that the caller adds with the
 * job's ticket. NULL: no room. */
struct job *core_park(struct core *c, struct request *q);
/* As above for an action without a body about ID (and ID2 unless NULL). */
bool core_park_ask(struct core *c, struct request *q, enum act kind,
		   const char *id, const char *id2);
/* The action could not be added after all. */
void core_unpark(struct request *q);

/* --- small helpers ------------------------------------------------------ */

/* Encodes A in the form of spec 3; OUT's bytes are borrowed from SPACE. */
ProtobufCBinaryData core_mangle(struct core *c, const struct addr *a,
				uint8_t space[static ADDR_MANGLED_MAX]);

/* The connection of P, if any, is told to go; P is held no more. */
void core_let_go(struct core *c, struct peer *p, const char *reason);

/* Packs M for another node. TICKET 0: nobody waits for the outcome. False:
 * no room. */
bool core_bus(struct core *c, uint32_t node, State__Bus *m, uint64_t ticket);

void core_count(size_t metric);
