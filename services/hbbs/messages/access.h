/*
 * access: who may connect to whom (ARCHITECTURE.md, "Policy").
 *
 * The api edits the policy, Redis holds it, common/site/policy.c judges it;
 * here the facts of one request are fetched and the verdict is kept with the
 * parked message, so that a message that runs again is judged once. It is
 * asked for at PunchHoleRequest and again at RequestRelay.
 *
 * Redis away: a verdict of the last hour for the same user and device still
 * counts; otherwise the request is refused with a text that invites a retry,
 * unless no policy was ever made.
 *
 * A token is believed only on an encrypted connection or on WebSocket (which
 * is behind TLS); elsewhere the asker counts as not signed in. Where a trusted
 * proxy says that it was spoken to without TLS, who shows a token is refused
 * with a sentence: the client can do better.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/site/policy.h"
#include "services/hbbs/state/grants.h"

struct core;
struct request;

enum {
	ACCESS_PK = 65,      /* a device's key in hex */
	ACCESS_REF = 25,     /* conn_audit_ref: 12 random bytes in hex */
	ACCESS_CACHE = 4096, /* verdicts kept for outages, 400 bytes each */
	ACCESS_CACHE_MS = 3600 * 1000,
};

struct access_answer {
	bool allowed;
	const char *denial;   /* shown to the user; a literal */
	const char *label;    /* for the log; a literal */
	size_t metric;        /* of a denial */
	uint64_t permissions; /* spec 4.21; 0: none attached */
	char user[POLICY_GUID];
	char name[POLICY_NAME_MAX];
	char ref[ACCESS_REF]; /* conn_audit_ref; "" when refused */
};

struct access_cached {
	uint8_t of[32]; /* SHA-256 of user's token, device, its key, kind */
	uint64_t at_ms;
	struct access_answer answer;
};

struct access {
	struct policy_settings settings; /* last known */
	bool any;                        /* a policy was ever made */
	struct policy_facts facts; /* of the request that runs just now ... */
	bool facts_ok;             /* ... if Redis has answered */
	const char *deployed;      /* likewise: policy:deployed, or NULL */
	struct grants grants;
	struct access_cached *cache; /* ACCESS_CACHE, or NULL: no memory */
};

struct access_question {
	const char *token; /* "" for anonymous */
	const char *switch_code;
	const char *target; /* id of B ... */
	const char *pk;     /* ... and its key in hex, which stays when the id
			       changes; "" without one */
	enum policy_kind kind;
	bool target_disabled; /* by its own record */
	bool untraced;        /* no conn_audit_ref: nobody is connected to */
};

enum access_state { ACCESS_ALLOWED, ACCESS_DENIED, ACCESS_PARKED };

void access_init(struct access *a);
void access_fini(struct access *a);

/* The connection is encrypted as far as a token needs it. */
bool access_secured(const struct request *q);

/* PARKED: the message runs again when Redis has answered. */
enum access_state access_check(struct core *c, const struct request *q,
			       const struct access_question *ask,
			       struct access_answer *out);

/* Asks Redis for the facts about TOKEN's user and the device TARGET; the
 * message runs again as JOB_POLICY. False: no room. */
bool access_fetch(struct core *c, const struct request *q, const char *token,
		  const char *target);
