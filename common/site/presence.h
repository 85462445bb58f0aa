/*
 * presence: the 28 bytes of seen:{bb} that say where a peer is.
 *
 * Pure codec; the time stamp is Redis' own and written by the script that
 * stores the value (ARCHITECTURE.md, "Redis").
 */
#pragma once

#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/site/transport.h"

enum {
	PRESENCE_LEN = 28,
	PRESENCE_VERSION = 1,
	PRESENCE_EPOCH_AT = 4, /* the scripts read and write these in place */
	PRESENCE_TIME_AT = 8,
};

struct presence {
	enum transport via;
	struct addr addr;   /* last proven address of the peer */
	uint32_t epoch;     /* node that holds it; 0: offline */
	uint32_t written_s; /* Redis time, seconds since 2020-01-01 */
};

void presence_encode(const struct presence *p,
		     uint8_t out[static PRESENCE_LEN]);
/* 0, or -EINVAL for anything this version did not write. */
MUST_USE int presence_decode(const uint8_t *data, size_t len,
			     struct presence *out);
