/*
 * verdicts: what this node knows of the policy, and the verdicts it keeps for
 * outages of Redis: one of the last hour for the same user, device and kind
 * still counts. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/site/policy.h"
#include "services/hbbs/state/grants.h"

enum {
	ACCESS_PK = 65,      /* a device's key in hex */
	ACCESS_REF = 25,     /* conn_audit_ref: 12 random bytes in hex */
	ACCESS_CACHE = 4096, /* verdicts kept for outages, 440 bytes each */
	ACCESS_CACHE_MS = 3600 * 1000,
};

/* May A connect to B? */
struct verdict {
	bool allowed;
	const char *denial;   /* shown to the user; a literal */
	const char *label;    /* for the log; a literal */
	size_t metric;        /* of a denial */
	uint64_t permissions; /* spec 4.21; 0: none attached */
	char user[POLICY_GUID];
	char name[POLICY_NAME_MAX];
	char ref[ACCESS_REF]; /* conn_audit_ref; "" when refused */
	/* The guest link that lets A in as the user, if it still counts
	 * (access_ask_guest()); "": none does. */
	char guest[POLICY_GUID];
};

/* What it is about. */
struct verdict_question {
	const char *token; /* "" for anonymous */
	const char *switch_code;
	const char *target; /* id of B ... */
	const char *pk;     /* ... and its key in hex, which stays when the id
			       changes; "" without one */
	enum policy_kind kind;
	bool target_disabled; /* by its own record */
	bool untraced;        /* no conn_audit_ref: nobody is connected to */
};

struct verdict_kept;

struct verdicts {
	struct policy_settings settings; /* last known */
	bool any;                        /* a policy was ever made */
	struct grants grants;
	struct verdict_kept *kept; /* ACCESS_CACHE, or NULL: no memory */
};

void verdicts_init(struct verdicts *v);
void verdicts_fini(struct verdicts *v);

void verdicts_keep(struct verdicts *v, const struct verdict_question *about,
		   const struct verdict *verdict, uint64_t now_ms);
/* False: none of the last hour is kept. */
bool verdicts_recall(const struct verdicts *v,
		     const struct verdict_question *about, uint64_t now_ms,
		     struct verdict *out);
