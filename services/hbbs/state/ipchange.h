/*
 * ipchange: peers whose address keeps changing, for the console (spec 6.1).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/proto/wire.h"

enum {
	IPCHANGE_MAX = 4096, /* ids, ~1.6 MiB */
	IPCHANGE_IPS = 16,   /* addresses counted per id */
	IPCHANGE_WINDOW_MS = 180000,
	IPCHANGE_KEEP_MS = 360000,
};

void ipchange_init(struct map *t);
void ipchange_fini(struct map *t);

/* ID registered from FROM, which is not where it was before. */
void ipchange_note(struct map *t, const char *id, const struct addr *from,
		   uint64_t now_ms);

/* Forgets what is older than IPCHANGE_KEEP_MS. */
void ipchange_prune(struct map *t, uint64_t now_ms);

/* Forgets one id; true if it was there. */
bool ipchange_drop(struct map *t, const char *id);

/* Appends "id: Ts {ip: n, ...}" for ID, or for up to 10 ids from OFFSET on if
 * ID is NULL; only ids with more than one address. */
MUST_USE int ipchange_print(struct map *t, const char *id, size_t offset,
			    uint64_t now_ms, struct buf *out);
/* How many ids have more than one address. */
size_t ipchange_count(struct map *t);
