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
#include "services/hbbs/hbbs.h"

struct store;

MUST_USE int store_open(struct hbbs *h, struct store **out);
/* Says goodbye to the other nodes; finishes when Redis has answered or after
 * a second, then calls DONE. */
void store_close(struct store *s, void (*done)(void *ctx), void *ctx);
void store_free(struct store *s);

/* Carries out one ACT_LOAD ... ACT_BUS. */
void store_act(struct store *s, const struct action *a);

/* Writes presence that has changed; call after every batch of events. */
void store_presence(struct store *s);

/* Asks for numbers of our addresses that have none; call likewise. */
void store_locals(struct store *s);

/* Both databases answer. */
bool store_up(const struct store *s);
/* Both have answered at least once since the start. */
bool store_was_up(const struct store *s);
uint64_t store_rtt_us(const struct store *s);
