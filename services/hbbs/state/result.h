/*
 * result: what Redis or another node answers to an action with a ticket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/site/policy.h"
#include "common/site/presence.h"
#include "common/site/record.h"

enum lookup_state { LOOKUP_FAILED, LOOKUP_MISSING, LOOKUP_FOUND };

/* What Redis says about one id. */
struct lookup {
	enum lookup_state state;
	struct record record;
	bool has_presence;
	struct presence presence;
};

enum save_result {
	SAVE_OK,
	SAVE_CONFLICT, /* somebody was faster: load again */
	SAVE_FULL,     /* MAX_PEERS is reached */
	SAVE_TAKEN,    /* the new id is another device's */
	SAVE_FAILED,
};

/* May the session with a guest link begin? It is counted then. */
enum guest_use {
	GUEST_UNKNOWN, /* Redis is away */
	GUEST_COUNTED,
	GUEST_EXPIRED,
	GUEST_USED_UP,
	GUEST_REVOKED,
};

/* The member of what was waited for; borrowed for the call. */
union result {
	struct lookup *found;  /* ACT_LOAD, one or two: the job's own, there as
				  long as it is */
	enum save_result save; /* ACT_SAVE, ACT_RENAME */
	struct {
		const uint8_t *states; /* one byte an id, 1 online; NULL: Redis
					  is away */
		size_t n;
	} online;      /* ACT_ONLINE */
	uint32_t node; /* ACT_WAIT_GET: epoch of the holder; 0: none */
	const struct policy_facts *facts; /* ACT_POLICY; NULL: not known */
	bool granted;                     /* ACT_GRANT */
	enum guest_use guest;             /* ACT_GUEST */
	struct {
		bool ok;         /* Redis has answered */
		const char *row; /* of policy:deployed, or NULL */
	} deployed;              /* ACT_DEPLOYED */
	bool delivered;          /* ACT_BUS: any process got it */
};
