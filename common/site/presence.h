/*
 * presence: the bytes of seen:{bb} that say where a peer is.
 *
 * Pure codec; the time stamp is Redis' own and written by the script that
 * stores the value (ARCHITECTURE.md, "Redis"). Two versions are read: the
 * first has no local address, and is written as long as a node is alive that
 * knows no other.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/site/transport.h"

enum {
	PRESENCE_MAX = 29,     /* bytes of the longest */
	PRESENCE_OLDEST = 1,   /* 28 bytes */
	PRESENCE_NEWEST = 2,   /* 17 for IPv4, 29 for IPv6 */
	PRESENCE_EPOCH_AT = 4, /* the scripts read and write these in place */
	PRESENCE_TIME_AT = 8,
	PRESENCE_WAY = 23,
};

/* Unix time of 2020-01-01, from which times of presence count. */
#define PRESENCE_ZERO_S INT64_C(1577836800)

enum {
	NODE_LEASE_S = 6,  /* without a refresh its holder counts as gone */
	NODE_GRACE_S = 30, /* so much longer its UDP peers are reachable */
};

struct presence {
	enum transport via;
	struct addr addr;   /* last proven address of the peer */
	uint32_t epoch;     /* node that holds it; 0: offline */
	uint32_t written_s; /* Redis time, seconds since 2020-01-01 */
	uint8_t local; /* number in local:hbbs of the address of ours that it
			  speaks to; 0: unknown */
};

/* Returns the length. */
size_t presence_encode(const struct presence *p, unsigned version,
		       uint8_t out[static PRESENCE_MAX]);
/* What tells the way to a peer from that to another, the same for all versions
 * and times: transport, port, epoch, IP (16 bytes). */
void presence_way(const struct presence *p, uint8_t out[static PRESENCE_WAY]);
/* 0, or -EINVAL for anything that neither version writes. */
MUST_USE int presence_decode(const uint8_t *data, size_t len,
			     struct presence *out);
