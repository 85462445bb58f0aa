/*
 * reach: who gains and who loses access if rows of policy become others. Pure;
 * each verdict is policy_decide()'s, as in signalling.
 *
 * Users whom no rule tells apart are judged as one, and so are devices whose
 * owners are such. What a change does not touch is not judged at all.
 *
 * Every row comes twice, as it is and as it would be; NULL: there is none.
 * They are given in the order of enum reach_table; a device is judged when it
 * is given. Who is not signed in counts as one more user.
 */
#pragma once

#include "common/base/attr.h"
#include "common/site/policy.h"
#include "services/api/base/pool.h"

enum {
	REACH_KINDS = POLICY_TERMINAL + 1,
	REACH_NAMED = 1000,      /* changes told one by one */
	REACH_USERS = 100000,    /* and as many groups, roles; 100 bytes each */
	REACH_DEVICES = 1000000, /* 120 bytes each, to know them again */
	REACH_CLASSES = 100000,  /* of devices, 300 bytes each */
	/* Of a sort of users and a sort of devices: 10 s of a processor. */
	REACH_JUDGED = 20000000,
};

enum reach_table {
	REACH_SETTINGS,
	REACH_ROLE,
	REACH_GROUP,
	REACH_USER,
	REACH_DEVICE,
	REACH_TABLES,
};

/* One user and one device; bits of kinds. */
struct reach_change {
	const char *user; /* guid; "": who is not signed in */
	const char *device;
	unsigned gains, loses;
};

struct reach_sums {
	uint64_t gains, loses; /* pairs, by any kind */
	uint64_t kind_gains[REACH_KINDS], kind_loses[REACH_KINDS];
	uint64_t devices; /* for which anything changes */
	size_t named;
	struct reach_change names[REACH_NAMED];
};

struct reach;

/* Lives and ends with P; judges JUDGEMENTS times at most. */
struct reach *reach_new(struct pool *p, uint64_t judgements);
/* 0; -EEXIST: KEY was given already, and is not counted again; -ENOBUFS: too
 * many, or judgements are used up; -ENOMEM; -EINVAL: a row that this version
 * cannot read. */
MUST_USE int reach_row(struct reach *r, enum reach_table t, const char *key,
		       const char *now, const char *then);
const struct reach_sums *reach_sums(const struct reach *r);
