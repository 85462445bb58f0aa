#include "services/hbbs/messages/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/hbbs/state/core.h"
#include "services/hbbs/state/metrics.h"

static const size_t denial_metric[] = {
	[POLICY_OK] = M_DENY_UNAVAILABLE, /* not used */
	[POLICY_USER_DISABLED] = M_DENY_USER,
	[POLICY_DEVICE_DISABLED] = M_DENY_DEVICE,
	[POLICY_OWNER_DISABLED] = M_DENY_OWNER,
	[POLICY_SIGN_IN] = M_DENY_SIGN_IN,
	[POLICY_NO_RULE] = M_DENY_NO_RULE,
	[POLICY_ROLE] = M_DENY_ROLE,
};

void access_init(struct access *a)
{
	a->cache = calloc(ACCESS_CACHE, sizeof *a->cache);
}

void access_fini(struct access *a)
{
	free(a->cache);
}

bool access_secured(const struct request *q)
{
	return q->from.client != NULL &&
	       (q->from.client->channel == CHANNEL_SECURE ||
		(q->from.via == VIA_WS && !q->from.client->plain));
}

/* Somebody who signed in would be a stranger here, or worse, be read. */
static bool shows_token_in_the_clear(const struct request *q,
				     const struct access_question *ask)
{
	return ask->token[0] != '\0' && q->from.client != NULL &&
	       q->from.client->plain;
}

/* --- asking Redis --------------------------------------------------------- */

/* Adds an action for the parked message of Q with two ids. */
static bool park_for(struct core *c, const struct request *q, enum act kind,
		     const char *id, const char *id2)
{
	struct job *j = core_park(c, q);

	if (j == NULL)
		return false;
	struct action *a = outbox_add(&c->out, kind, 0, NULL);
	if (a != NULL)
		a->ticket = j->ticket;
	if (a != NULL && outbox_set_id(&c->out, 0, id, strlen(id)) &&
	    outbox_set_id(&c->out, 1, id2, strlen(id2)))
		return true;
	core_unpark(c, q, j);
	return false;
}

static void token_hash(const char *token, char out[static 65])
{
	uint8_t hash[32];

	out[0] = '\0';
	if (token[0] == '\0')
		return;
	keys_sha256(hash, token, strlen(token));
	keys_hex(out, 65, hash, sizeof hash);
}

bool access_fetch(struct core *c, const struct request *q, const char *token,
		  const char *target)
{
	char hash[65];

	token_hash(token, hash);
	return park_for(c, q, ACT_POLICY, target, hash);
}

/* --- verdicts of before, for outages -------------------------------------- */

static struct access_cached *cached(struct access *a,
				    const struct access_question *ask,
				    uint8_t of[static 32])
{
	char text[WIRE_TOKEN_MAX + WIRE_ID_MAX + ACCESS_PK + 16];
	uint32_t slot;

	if (a->cache == NULL)
		return NULL;
	int n = snprintf(text, sizeof text, "%d %s %s %s", (int)ask->kind,
			 ask->target, ask->pk, ask->token);
	keys_sha256(of, text, (size_t)n < sizeof text ? (size_t)n : 0);
	explicit_bzero(text, sizeof text);
	memcpy(&slot, of, sizeof slot);
	return &a->cache[slot % ACCESS_CACHE];
}

static void remember(struct core *c, const struct access_question *ask,
		     const struct access_answer *answer)
{
	uint8_t of[32];
	struct access_cached *e = cached(&c->access, ask, of);

	if (e == NULL)
		return;
	memcpy(e->of, of, sizeof of);
	e->at_ms = c->now_ms;
	e->answer = *answer;
}

static void recall(struct core *c, const struct access_question *ask,
		   struct access_answer *out)
{
	uint8_t of[32];
	const struct access_cached *e = cached(&c->access, ask, of);

	if (e != NULL && e->at_ms != 0 && memcmp(e->of, of, sizeof of) == 0 &&
	    c->now_ms - e->at_ms < ACCESS_CACHE_MS) {
		*out = e->answer;
		return;
	}
	*out = (struct access_answer){
		.allowed = !c->access.any,
		.denial = "The server cannot check your permissions right "
			  "now. Please try again later.",
		.label = "unavailable",
		.metric = M_DENY_UNAVAILABLE,
	};
}

/* --- the verdict ---------------------------------------------------------- */

/* The reference lets the api tie B's audit to this request. */
static void mint_ref(struct core *c, const struct request *q,
		     const struct access_question *ask,
		     struct access_answer *out)
{
	uint8_t random[(ACCESS_REF - 1) / 2], *body;
	size_t user = strlen(out->user) + 1, name = strlen(out->name) + 1;
	size_t pk = strlen(ask->pk) + 1;

	keys_random(random, sizeof random);
	keys_hex(out->ref, sizeof out->ref, random, sizeof random);
	struct action *a =
		outbox_add(&c->out, ACT_CONN_REF, user + name + pk, &body);
	if (a == NULL)
		return;
	a->addr = q->from.source;
	memcpy(body, out->user, user);
	memcpy(body + user, out->name, name);
	memcpy(body + user + name, ask->pk, pk);
	(void)!(outbox_set_id(&c->out, 0, out->ref, strlen(out->ref)) &&
		outbox_set_id(&c->out, 1, ask->target, strlen(ask->target)));
}

static void judge(struct core *c, const struct access_question *ask,
		  struct access_answer *out)
{
	const struct policy_facts *f = &c->access.facts;

	if (!c->access.facts_ok) {
		recall(c, ask, out);
		return;
	}
	struct policy_verdict v = policy_decide(f, ask->kind);
	*out = (struct access_answer){
		.allowed = v.reason == POLICY_OK,
		.denial = v.text,
		.label = v.label,
		.metric = denial_metric[v.reason],
		.permissions = v.permissions,
	};
	memcpy(out->user, f->user.guid, sizeof out->user);
	memcpy(out->name, f->user.name, sizeof out->name);
	remember(c, ask, out);
}

static enum access_state conclude(struct core *c, const struct request *q,
				  const struct access_question *ask,
				  struct access_answer *out)
{
	if (out->allowed && !ask->untraced)
		mint_ref(c, q, ask, out);
	else if (!out->allowed)
		core_count(out->metric);
	if (q->job != NULL) {
		q->job->judged = true;
		q->job->verdict = *out;
	}
	return out->allowed ? ACCESS_ALLOWED : ACCESS_DENIED;
}

/* 1: the sides may be switched, 0: no such grant, -1: parked to ask. */
static int switched(struct core *c, const struct request *q,
		    const struct access_question *ask)
{
	char verifier[GRANT_VERIFIER];
	const struct job *j = q->job;

	if (ask->switch_code[0] == '\0' || ask->pk[0] == '\0' ||
	    !access_secured(q))
		return 0;
	grants_verifier(ask->switch_code, verifier);
	if (grants_has(&c->access.grants, verifier, ask->pk, &q->from.source,
		       c->now_ms))
		return 1;
	if (j != NULL && j->event == JOB_GRANT && j->granted) {
		grants_add(&c->access.grants, verifier, ask->pk,
			   &q->from.source, c->now_ms);
		return 1;
	}
	if (j != NULL && (j->event == JOB_GRANT || j->event == JOB_POLICY))
		return 0;
	return park_for(c, q, ACT_GRANT, ask->pk, verifier) ? -1 : 0;
}

enum access_state access_check(struct core *c, const struct request *q,
			       const struct access_question *asked,
			       struct access_answer *out)
{
	struct access_question ask = *asked;
	bool fetched = q->job != NULL && q->job->event == JOB_POLICY;

	if (q->job != NULL && q->job->judged) {
		*out = q->job->verdict;
		return out->allowed ? ACCESS_ALLOWED : ACCESS_DENIED;
	}
	if (shows_token_in_the_clear(q, &ask)) {
		ask.token = "";
		*out = (struct access_answer){
			.denial = "You are signed in, but your connection to "
				  "the ID server is not encrypted. Please set "
				  "the API server to https:// and the name of "
				  "the ID server, or sign out.",
			.label = "not_encrypted",
			.metric = M_DENY_PLAIN,
		};
		return conclude(c, q, &ask, out);
	}
	if (!access_secured(q))
		ask.token = "";
	*out = (struct access_answer){ .allowed = true, .label = "switched" };
	if (ask.target_disabled) {
		*out = (struct access_answer){
			.denial = "The connection is not allowed. "
				  "The device is disabled.",
			.label = "device_disabled",
			.metric = M_DENY_DEVICE,
		};
		return conclude(c, q, &ask, out);
	}
	int grant = switched(c, q, &ask);
	if (grant < 0)
		return ACCESS_PARKED;
	if (grant > 0)
		return conclude(c, q, &ask, out);
	if (!fetched && access_fetch(c, q, ask.token, ask.target))
		return ACCESS_PARKED;
	if (!fetched)
		c->access.facts_ok = false;
	judge(c, &ask, out);
	return conclude(c, q, &ask, out);
}
