/*
 * bans: addresses and devices that an administrator keeps out.
 *
 * The api writes one row a ban (policy:ban). Each hbbs, hbbr and api keeps a
 * table of them, and asks every BANS_EVERY_MS whether it has changed
 * (bans.lua): nothing is asked per message. Without Redis the last known table
 * counts, and a ban for a time ends nevertheless. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/ipset.h"

enum {
	BANS_MAX = 10000,     /* 1.3 MB in each process at most */
	BANS_EVERY_MS = 2000, /* a ban counts everywhere so soon */
	BANS_ID_MAX = 100,    /* bytes of an id: as in a heartbeat */
	BANS_REV_MAX = 64,
	/* "address 2001:db8::/32", "device 123456789" with its NUL */
	BANS_OF_MAX = 128,
};

struct ban_id {
	char id[BANS_ID_MAX + 1];
	uint64_t until_ms;
};

struct bans {
	struct ipset nets;
	uint64_t *net_until; /* of each of NETS; 0: for good */
	struct ban_id *ids;  /* sorted */
	size_t nids;
	uint64_t next_ms; /* when the next one ends; UINT64_MAX: none does */
	char rev[BANS_REV_MAX];
};

/*
 * Takes the answer of bans.lua; the zeroed table is an empty one of which no
 * revision is known. NOW_MS is of a clock that does not jump. 0: it is as it
 * was; 1: it has changed; -EINVAL or -ENOMEM: it stays as it was. Rows of
 * newer versions, and those beyond BANS_MAX, are left out.
 */
MUST_USE int bans_read(struct bans *b, const char *answer, uint64_t now_ms);
/* Drops what has ended. True if something has. */
bool bans_expire(struct bans *b, uint64_t now_ms);
void bans_fini(struct bans *b);

static inline bool bans_any(const struct bans *b)
{
	return b->nets.n > 0 || b->nids > 0;
}
static inline bool bans_address(const struct bans *b, const struct addr *a)
{
	return ipset_has(&b->nets, a);
}
bool bans_device(const struct bans *b, const char *id, size_t len);

/*
 * What a ban is of, as text: OUT is canonical, so the same network is written
 * in one way. NULL, or a sentence that says what is wrong.
 */
const char *bans_of_network(const char *text, struct cidr *net,
			    char out[static BANS_OF_MAX]);
const char *bans_of_device(const char *id, char out[static BANS_OF_MAX]);
