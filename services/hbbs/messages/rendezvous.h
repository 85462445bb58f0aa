/*
 * rendezvous: the entry points of the core. Each takes the time, changes the
 * state and leaves actions in c->out for the edge.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "services/hbbs/state/core.h"

/* Those that arrived together, in their order. */
void rendezvous_datagrams(struct core *c, const struct datagram *d, size_t n,
			  uint64_t now_ms);

/* A new connection; NULL if it is one too many. */
struct client *rendezvous_open(struct core *c, const struct client_info *info,
			       uint64_t now_ms);
/* One message of it, as it came (encrypted or not). */
void rendezvous_message(struct core *c, struct client *client,
			const uint8_t *data, size_t len, uint64_t now_ms);
/* It is gone; CLIENT is freed. */
void rendezvous_close(struct core *c, struct client *client, uint64_t now_ms);

/* The time core.held_due_ms has come: what waited until B listens goes on. */
void rendezvous_answers(struct core *c, uint64_t now_ms);

/* Results of actions. */
void rendezvous_loaded(struct core *c, uint64_t ticket,
		       const struct lookup *found, uint64_t now_ms);
/* ACT_SAVE and ACT_RENAME. */
void rendezvous_saved(struct core *c, uint64_t ticket, enum save_result result,
		      uint64_t now_ms);
/* ACT_ONLINE: one byte per id asked for, 1 online; NULL: Redis is away. */
void rendezvous_online(struct core *c, uint64_t ticket, const uint8_t *states,
		       size_t n, uint64_t now_ms);
/* ACT_WAIT_GET: the epoch of the node that holds A; 0: none. */
void rendezvous_wait_found(struct core *c, uint64_t ticket, uint32_t epoch,
			   uint64_t now_ms);
/* ACT_BUS: whether any process got it. */
void rendezvous_bus_sent(struct core *c, uint64_t ticket, bool delivered,
			 uint64_t now_ms);

/* ACT_POLICY: what policy_lookup.lua answered; NULL: Redis is away. */
void rendezvous_policy(struct core *c, uint64_t ticket, const char *const *rows,
		       uint64_t now_ms);
/* ACT_GRANT: whether there was one. */
void rendezvous_grant(struct core *c, uint64_t ticket, bool granted,
		      uint64_t now_ms);
/* ACT_GUEST: what came of it. */
void rendezvous_guest(struct core *c, uint64_t ticket, enum guest_use use,
		      uint64_t now_ms);
/* ACT_DEPLOYED: the row, or NULL; OK is false when Redis is away. */
void rendezvous_deployed(struct core *c, uint64_t ticket, bool ok,
			 const char *row, uint64_t now_ms);

/* What bans.lua answered to the revision in c->bans. */
void rendezvous_bans(struct core *c, const char *answer, uint64_t now_ms);

/* A message of another node. */
void rendezvous_bus(struct core *c, const uint8_t *data, size_t len,
		    uint64_t now_ms);

/* Expiry, a few times a second. */
void rendezvous_tick(struct core *c, uint64_t now_ms, uint64_t unix_s);
