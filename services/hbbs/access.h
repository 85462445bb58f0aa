/*
 * access: who may connect to whom.
 *
 * The decision is asked for at PunchHoleRequest and again at RequestRelay.
 * Today's policy is empty: everyone may reach every device that is not
 * disabled. Accounts, groups and roles (the api edits them, Redis holds
 * them) will fill struct access; callers stay as they are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

struct access {
	uint64_t revision; /* of the rules in force; 0: none were ever loaded */
};

struct access_question {
	const struct addr *from; /* A */
	bool secured;      /* A's connection is encrypted, or behind TLS */
	const char *token; /* "" for anonymous */
	const char *switch_code; /* "" unless sides are switched */
	const char *target;      /* id of B */
	bool target_disabled;
};

struct access_answer {
	bool allowed;
	const char *denial; /* shown to the user; "not allowed" inside */
	bool force_relay;
	bool has_permissions;
	uint64_t permissions;       /* spec 4.21 */
	const char *conn_audit_ref; /* or NULL */
};

void access_decide(const struct access *p, const struct access_question *q,
		   struct access_answer *out);
