/*
 * store_impl: what the files of the store share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/net/loop.h"
#include "common/redis/redis.h"
#include "common/site/lease.h"
#include "common/site/statekey.h"
#include "services/hbbs/store/store.h"

enum {
	STORE_ARGS_MAX = 2 * WIRE_PEERS_MAX + 8, /* an online query */
	/* For Redis to hear that we leave; half of it for the presence. */
	STORE_GOODBYE_MS = 1000,
};

struct store {
	struct entry in;
	const struct settings *set;
	struct redis *data;  /* durable */
	struct redis *state; /* volatile; the same as data if one URL is used */
	struct redis *bus;   /* subscriber */
	struct timer lease_timer;
	struct timer goodbye_timer;
	void (*done)(void *ctx); /* of store_close() */
	void *done_ctx;
	unsigned seen_in_flight;
	unsigned locals_in_flight;
	size_t locals_asked; /* for the numbers of so many */
	unsigned presence;   /* the version that all nodes read */
	unsigned restores;   /* of records, under way */
	struct node_info info;
	bool was_up;
	bool had_lease;
	bool closing;
	bool left;      /* the goodbye is said: nothing more is written */
	unsigned users; /* timers still open */
};

/* One command under way. */
struct op {
	struct store *s;
	uint64_t ticket;
	unsigned replies; /* ACT_LOAD: still to come */
	bool failed;
	struct lookup found;
};

/* NULL if memory is out. */
struct op *store_op(struct store *s, uint64_t ticket);
uint64_t store_now(const struct store *s);
/* There is a reply and it is no error (an error is logged). */
bool store_good(const struct redis_reply *r);
/* Id number WHICH of an action. */
const char *store_id(const struct store *s, const struct action *a,
		     unsigned which);

/* The words of one command; they are borrowed. Set n to 0 first. */
struct args {
	int n;
	const char *v[STORE_ARGS_MAX];
	size_t len[STORE_ARGS_MAX];
};

void args_add(struct args *a, const void *data, size_t len);
void args_text(struct args *a, const char *text);
void args_slice(struct args *a, const struct store *s, struct slice part);

/*
 * store_record.c. Redis may have lost the record of the peer ID that is held
 * here: writes it, unless there is one. What cannot be written is tried again
 * with the peer's presence.
 */
void store_restore(struct store *s, const char *id, size_t len);

/* store_policy.c */
void store_settings_tick(struct store *s);

/* store_bans.c: has the table changed? */
void store_bans_tick(struct store *s);

/* store_memory.c: how full are they? */
void store_memory_tick(struct store *s);

/* store_relay.c */
void store_relays_tick(struct store *s);

/* store_locals.c: reads the table, names what we use */
void store_locals_tick(struct store *s);

/* store_lease.c: refreshes the lease; CTX is the store. */
void store_lease_tick(void *ctx);
/* The last word of store_close(): no presence is under way any more. A script
 * that Redis did not know yet is sent twice, and is not there before that. */
void store_goodbye(struct store *s);
