/*
 * ipcount: RegisterPk per address, counted the way the reference does.
 *
 * The counters of spec 6.1 decide when REGISTER_LIMITS=reference and are what
 * the console's ip-blocker command shows in either case.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/map.h"

enum {
	IPCOUNT_MAX = 65536,       /* addresses; idle ones are swept */
	IPCOUNT_IDS_MAX = 301,     /* distinct ids remembered per address */
	IPCOUNT_WINDOW_MS = 61000, /* "more than 60 whole seconds" */
	IPCOUNT_DAY_MS = 86401000,
	IPCOUNT_BURST = 30,
};

struct ipcount {
	struct addr ip; /* port 0 */
	uint32_t count;
	uint32_t nids;
	uint64_t last_ms; /* last accepted request */
	uint64_t ids_ms;
	uint32_t *ids; /* hashes of the ids, grown as needed */
	uint32_t ids_cap;
};

void ipcount_init(struct map *t);
void ipcount_fini(struct map *t);

/* Counts one RegisterPk. True if the reference would accept it; with ENFORCE
 * false it is counted as accepted whatever the verdict. */
bool ipcount_allow(struct map *t, const struct addr *from, const char *id,
		   size_t id_len, bool enforce, uint64_t now_ms);

struct ipcount *ipcount_find(const struct map *t, const struct addr *from);
void ipcount_drop(struct map *t, struct ipcount *c);
/* Frees what has been idle for a day (or a minute, when the table is half
 * full); a few slots per call. */
void ipcount_sweep(struct map *t, uint64_t now_ms);
