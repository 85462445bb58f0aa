/*
 * world: several hbbs cores on one pretended Redis, without sockets.
 *
 * Time stands still until a test moves it. Every action of a core is carried
 * out at once against the pretended Redis and bus; what leaves for clients is
 * kept, and a test takes it out in order. Redis can be away, or be slow: then
 * results wait for world_answer().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/hbbs/messages/rendezvous.h"

enum {
	WORLD_NODES = 3,
	WORLD_ROWS = 512,
	WORLD_OUT = 1024,
	WORLD_WAITS = 64,
	WORLD_PENDING = 64,
};

/* Something a core sent. */
struct sent {
	unsigned node;
	enum act kind; /* ACT_DATAGRAM, ACT_SEND, ACT_CLOSE, ACT_REGISTERED */
	struct addr to;
	struct client *client;
	uint64_t copy;
	struct addr local;
	const char *reason;
	size_t len;
	uint8_t data[2048];
};

struct row {
	char id[WIRE_ID_MAX + 1];
	uint32_t revision; /* 0: no record */
	size_t len;
	uint8_t record[RECORD_ENCODED_MAX];
	bool seen;
	uint8_t presence[PRESENCE_MAX];
	size_t presence_len;
};

struct world {
	uint64_t now;
	struct rules rules;
	struct core nodes[WORLD_NODES];
	bool dead[WORLD_NODES]; /* nobody listens on its channel */
	bool redis_away;
	bool slow;        /* results are kept for world_answer() */
	bool read_only;   /* writes fail, reads work */
	const char *to;   /* our address that datagrams go to; NULL: unknown */
	uint64_t settled; /* the last second copy that was called off */
	struct row rows[WORLD_ROWS];
	size_t nrows;
	struct {
		struct addr key;
		uint32_t epoch;
	} waits[WORLD_WAITS];
	size_t nwaits;
	char ticket[WIRE_ID_MAX + 1]; /* uuid of the last one written */
	char ticket_target[WIRE_ID_MAX + 1];
	unsigned ntickets;
	/* What the api would have written. */
	const char *policy[POLICY_ROWS];
	const char *deployed; /* row of policy:deployed, or NULL */
	bool grant;           /* a switch grant that can be taken once */
	enum guest_use guest; /* what counting a guest's session ends in */
	const char *disables; /* this id while it is counted; NULL: none */
	unsigned policies;    /* how often the facts were asked for */
	char token[65];       /* hash of the last token asked for */
	char verifier[WIRE_ID_MAX + 1];
	char grantor[WIRE_ID_MAX + 1];  /* whose grant was asked for last */
	char conn_ref[WIRE_ID_MAX + 1]; /* the last one written ... */
	char conn_user[64];             /* ... and its user ... */
	char conn_pk[ACCESS_PK];        /* ... and the key of its device ... */
	char conn_guest[POLICY_GUID];   /* ... and the guest link */
	char counted[POLICY_GUID];      /* guest link that was counted last */
	char counted_ip[ADDR_TEXT_MAX]; /* ... for whom */
	struct {
		unsigned node;
		struct action act;
		uint8_t body[512];
		char id[2][WIRE_ID_MAX + 1];
	} pending[WORLD_PENDING];
	size_t npending;
	unsigned loads; /* reads of Redis so far */
	struct sent out[WORLD_OUT];
	size_t first, nout;
	struct wire_arena arena; /* of the last expect_...() */
};

/* One world per test; NULL limits fields keep the defaults. */
struct world *world_create(void);
void world_destroy(struct world *w);

/* Moves the time and lets every node expire things. */
void world_wait(struct world *w, uint64_t ms);
/* Delivers the results that were kept. */
void world_answer(struct world *w);
/* The node is killed: its lease ages by AGE_S, its channel is dead. */
void world_kill(struct world *w, unsigned node, uint32_t age_s);

struct addr at(const char *text);

/* Messages in. */
void udp_in(struct world *w, unsigned node, const char *from,
	    const Hbb__RendezvousMessage *m);
struct client *client_in(struct world *w, unsigned node, enum transport via,
			 const char *from);
void say(struct world *w, unsigned node, struct client *c,
	 const Hbb__RendezvousMessage *m);
void hang_up(struct world *w, unsigned node, struct client *c);

/* Messages out. */
struct sent *next_sent(struct world *w); /* NULL: nothing is left */
/* The next one must go to this address / connection; its message. */
Hbb__RendezvousMessage *expect_udp(struct world *w, const char *to);
Hbb__RendezvousMessage *expect_send(struct world *w, struct client *c);
void expect_close(struct world *w, struct client *c);
void expect_nothing(struct world *w);

/* Steps that many tests share. */
struct row *world_row(struct world *w, const char *id);
int register_udp(struct world *w, unsigned node, const char *from,
		 const char *id, const char *uuid, uint8_t pk);
int sync_heartbeat(struct world *w, unsigned node, const char *from,
		   const char *id);
void say_register(struct world *w, unsigned node, struct client *c,
		  const char *id, const char *uuid, uint8_t pk);
int register_on(struct world *w, unsigned node, struct client *c,
		const char *id, const char *uuid, uint8_t pk);
void punch(struct world *w, unsigned node, struct client *a, const char *id);

/* world_policy.c: actions about policy, and relay tickets. */
void world_policy(struct world *w, struct core *c, const struct action *a,
		  const char *id, const char *id2, const uint8_t *body);
void world_ticket(struct world *w, const char *uuid, const uint8_t *body,
		  size_t len);
