/*
 * store: Redis as hbbs sees it: records, presence, leases, the bus.
 *
 * Two connections for commands (durable and volatile state, spec'd apart by
 * STATE_REDIS_URL) and one that listens to the bus. Every action that carries
 * a ticket is answered exactly once, at once if Redis is away.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/hbbs/state/core.h"
#include "services/hbbs/state/entry.h"
#include "services/hbbs/state/settings.h"

struct store;

/* Borrows *SET. 0 and *OUT, or -errno after logging. */
MUST_USE int store_open(const struct entry *in, const struct settings *set,
			struct store **out);
/* Writes the presence that waits and says goodbye to the other nodes; finishes
 * when Redis has answered or after a second, then calls DONE. */
void store_close(struct store *s, void (*done)(void *ctx), void *ctx);
void store_free(struct store *s);

/* Each carries out the action of its name. */
void store_load(struct store *s, const struct action *a);
void store_save(struct store *s, const struct action *a);
void store_rename(struct store *s, const struct action *a);
void store_move(struct store *s, const struct action *a);
void store_online(struct store *s, const struct action *a);
void store_wait_put(struct store *s, const struct action *a);
void store_wait_get(struct store *s, const struct action *a);
void store_ticket(struct store *s, const struct action *a);
void store_policy(struct store *s, const struct action *a);
void store_grant(struct store *s, const struct action *a);
void store_guest(struct store *s, const struct action *a);
void store_deployed(struct store *s, const struct action *a);
void store_conn_ref(struct store *s, const struct action *a);
void store_bus_send(struct store *s, const struct action *a);

/* Writes presence that has changed; call after every batch of events. */
void store_presence(struct store *s);

/* Asks for numbers of our addresses that have none; call likewise. */
void store_locals(struct store *s);

/* Both databases answer. */
bool store_up(const struct store *s);
/* Both have answered at least once since the start. */
bool store_was_up(const struct store *s);
uint64_t store_rtt_us(const struct store *s);
