/*
 * outbox: what the core wants done.
 *
 * The core never touches a socket or Redis: a handler appends actions here,
 * and the edge carries them out when the handler has returned. Unit tests
 * read the same list. Bytes live in one arena that is reset together with
 * the list, so an action holds offsets, not pointers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

struct client;

enum act {
	ACT_DATAGRAM,   /* body, by UDP; twice if it names a copy */
	ACT_SEND,       /* body to a client (already sealed if need be) */
	ACT_CLOSE,      /* a client, once its queue is flushed */
	ACT_REGISTERED, /* a client holds a peer now: heartbeats, no time-out */
	ACT_SETTLED,    /* that second copy need not leave any more */
	ACT_LOAD,       /* record and presence of id[0] for ticket */
	ACT_SAVE,       /* body over the revision of id[0] for ticket */
	ACT_RENAME,     /* id[0] at revision[0] becomes id[1], if that still has
			   revision[1]; body is guid and record; for ticket */
	ACT_MOVE,   /* presence of id[0] becomes that of id[1] if it is the way
		       that body begins with; its holder is told with the
		       rest: Renamed of `first` bytes, Released */
	ACT_ONLINE, /* body is a list of ids, for ticket */
	ACT_WAIT_PUT, /* A at addr waits here for id[0] */
	ACT_WAIT_GET, /* which node holds A at addr? for ticket */
	ACT_TICKET,   /* body is the RelayTicket of the uuid id[0]; its `first`
			 bytes tell sessions apart */
	ACT_POLICY,   /* facts about device id[0] and the token whose SHA-256 in
			 hex is id[1], for ticket */
	ACT_GRANT,    /* take the switch grant of the device with the key id[0]
			 in hex, verifier id[1] */
	ACT_GUEST,    /* count a session of addr with the guest link id[0] and
			 the token whose SHA-256 in hex is id[1], for ticket */
	ACT_DEPLOYED, /* may the unknown device id[0] come? for ticket */
	ACT_CONN_REF, /* body is user and name, of addr, who connects to id[1]
			 under the reference id[0], the key of id[1] and the
			 guest link */
	ACT_HTTP,     /* body is an HttpProxyRequest of a client */
	ACT_BUS,      /* body to a node; ticket hears how many got it */
	ACTS,
};

struct slice {
	size_t off;
	size_t len;
};

struct action {
	enum act kind;
	uint64_t ticket; /* handed back with the result; 0: nobody waits */
	struct slice body;
	struct slice id[2];
	union {
		struct {
			struct addr to;
			struct addr from; /* unspecified: the kernel chooses */
			uint64_t copy;    /* names the second copy that follows
					     a little later; 0: none */
		} datagram;
		uint64_t settled; /* the name of a copy */
		struct {
			struct client *client;
			const char *reason; /* ACT_CLOSE: a literal, logged */
		} stream;             /* ACT_SEND, ACT_CLOSE, ACT_REGISTERED */
		uint32_t revision[2]; /* ACT_SAVE, ACT_RENAME; 0: must not
					 exist */
		uint32_t first;       /* ACT_MOVE, ACT_TICKET */
		struct addr addr; /* ACT_WAIT_PUT, ACT_WAIT_GET, ACT_CONN_REF */
		struct {
			uint64_t client_id;
			struct addr from;
		} http;
		uint32_t node; /* ACT_BUS: epoch of the receiver */
	};
};

enum {
	/* One handler appends a handful; a Redis outage that fails every
	 * parked message at once is the most that comes together. */
	OUTBOX_ACTIONS_MAX = 65536,
	OUTBOX_BYTES_MAX = 32 * 1024 * 1024,
};

struct outbox {
	struct action *acts;
	size_t n;
	size_t cap;
	uint8_t *bytes;
	size_t used;
	size_t size;
	uint64_t dropped; /* actions lost to the caps or to lack of memory */
};

void outbox_init(struct outbox *o);
void outbox_fini(struct outbox *o);
void outbox_reset(struct outbox *o);

/*
 * Appends a zeroed action with a body of LEN bytes to be written to *BODY
 * (BODY may be NULL if LEN is 0). Returns NULL when the caps are reached;
 * the action is then counted as dropped. Both pointers are good until the
 * next call.
 */
struct action *outbox_add(struct outbox *o, enum act kind, size_t len,
			  uint8_t **body);

/* Gives the last added action its id number WHICH (copied, NUL behind it).
 * False if there is no room; the action is then taken back. */
MUST_USE bool outbox_set_id(struct outbox *o, unsigned which, const char *id,
			    size_t len);

const uint8_t *outbox_at(const struct outbox *o, struct slice s);
