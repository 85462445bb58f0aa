/*
 * geo: where addresses are, from a MaxMind database (GEOIP_DB).
 *
 * The file is mapped and looked at once a minute: a new one is taken up, a
 * missing or broken one means that places are not known, and nothing else.
 */
#pragma once

#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbs/state/relays.h"

enum { GEO_LOOK_MS = 60000 };

struct geo_db;

/* PATH "" opens nothing and *OUT is NULL. 0 or -ENOMEM; a bad file is logged.
 * PATH is borrowed. */
MUST_USE int geo_open(struct loop *l, const char *path, struct geo_db **out);
/* For struct geo; DB may be NULL. */
struct geo geo_source(struct geo_db *db);
/* Ends with the loop. NULL is fine. */
void geo_close(struct geo_db *db);
