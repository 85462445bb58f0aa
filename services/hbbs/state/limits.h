/*
 * limits: how much one address may ask of this server (spec 6.1 REC).
 *
 * Known peers that re-register are never counted here: an office of hundreds
 * comes back at once after a restart. What is counted is new ids, failures,
 * look-ups that cost a Redis read, and questions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/limiter.h"
#include "common/base/map.h"

struct limits_config {
	bool reference;    /* the reference's counters of spec 6.1 */
	uint64_t new_rate; /* new ids per second, all addresses */
	uint64_t new_rate_per_ip;
	uint64_t lookup_rate; /* Redis reads per second and address */
	uint64_t online_rate; /* ids of online queries per second and address */
};

enum limit {
	LIMIT_NEW,     /* RegisterPk of an id that does not exist yet */
	LIMIT_FAIL,    /* RegisterPk that was refused */
	LIMIT_LOOKUP,  /* an id that is not in memory (registration) */
	LIMIT_CONNECT, /* PunchHoleRequest, RequestRelay */
	LIMIT_MISS,    /* the same for an id that is not in memory */
	LIMIT_ONLINE,
	LIMIT_RENAME,
	LIMIT_WAIT,   /* answers whose asker is not here */
	LIMIT_UPDATE, /* SoftwareUpdate: its answer is long (W22) */
	LIMIT_ICE,    /* candidates whose receiver is not here */
	LIMITS,
};

struct limits {
	bool reference;
	struct limiter by[LIMITS];
	struct bucket new_all;
	struct map registrations; /* ipcount */
};

void limits_init(struct limits *l, const struct limits_config *c,
		 uint64_t now_ms);
void limits_fini(struct limits *l);

/* Counts one event of this kind by this address. */
bool limits_allow(struct limits *l, enum limit kind, const struct addr *from,
		  uint64_t now_ms);

/* Counts an online query for NIDS ids: each costs one, the query too. */
bool limits_online(struct limits *l, const struct addr *from, size_t nids,
		   uint64_t now_ms);

/* Counts a RegisterPk with the reference's counters; refuses only when they
 * are in force. */
bool limits_register(struct limits *l, const struct addr *from, const char *id,
		     size_t len, uint64_t now_ms);

void limits_sweep(struct limits *l, uint64_t now_ms);
