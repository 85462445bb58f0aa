#include "services/hbbs/messages/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/hbbs/state/core.h"
#include "services/hbbs/state/metrics.h"

static const char text_unavailable[] =
	"The server cannot check your permissions right now. "
	"Please try again later.";

static const size_t denial_metric[] = {
	[POLICY_OK] = M_DENY_UNAVAILABLE, /* not used */
	[POLICY_USER_DISABLED] = M_DENY_USER,
	[POLICY_DEVICE_DISABLED] = M_DENY_DEVICE,
	[POLICY_OWNER_DISABLED] = M_DENY_OWNER,
	[POLICY_SIGN_IN] = M_DENY_SIGN_IN,
	[POLICY_NO_RULE] = M_DENY_NO_RULE,
	[POLICY_ROLE] = M_DENY_ROLE,
	[POLICY_GUEST] = M_DENY_GUEST,
};

bool access_secured(const struct request *q)
{
	return q->from.client &&
	       (q->from.client->channel == CHANNEL_SECURE ||
		(q->from.via == VIA_WS && !q->from.client->plain));
}

/* Somebody who signed in would be a stranger here, or worse, be read. */
static bool shows_token_in_the_clear(const struct request *q,
				     const struct verdict_question *ask)
{
	return ask->token[0] != '\0' && q->from.client && q->from.client->plain;
}

/* The token that counts. */
static const char *believed(const struct request *q,
			    const struct verdict_question *ask)
{
	return access_secured(q) ? ask->token : "";
}

/* --- asking Redis --------------------------------------------------------- */

static void token_hash(const char *token, char out[static 65])
{
	uint8_t hash[32];

	out[0] = '\0';
	if (token[0] == '\0')
		return;
	keys_sha256(hash, token, strlen(token));
	keys_hex(out, 65, hash, sizeof hash);
}

static bool ask_facts(struct core *c, struct request *q, const char *token,
		      const char *target)
{
	char hash[65];

	token_hash(token, hash);
	return core_park_ask(c, q, ACT_POLICY, target, hash);
}

bool access_ask_facts(struct core *c, struct request *q,
		      const struct verdict_question *ask)
{
	return ask_facts(c, q, believed(q, ask), ask->target);
}

bool access_ask_user(struct core *c, struct request *q, const char *token)
{
	return ask_facts(c, q, token, "");
}

/* The sides may be switched with the right code, which only an encrypted
 * connection may show. */
static bool has_code(const struct request *q,
		     const struct verdict_question *ask)
{
	return ask->switch_code[0] != '\0' && ask->pk[0] != '\0' &&
	       access_secured(q);
}

bool access_ask_grant(struct core *c, struct request *q,
		      const struct verdict_question *ask)
{
	char verifier[GRANT_VERIFIER];

	if (!has_code(q, ask))
		return false;
	grants_verifier(ask->switch_code, verifier);
	return core_park_ask(c, q, ACT_GRANT, ask->pk, verifier);
}

bool access_ask_guest(struct core *c, struct request *q,
		      const struct verdict_question *ask, const char *link)
{
	char hash[65];

	token_hash(believed(q, ask), hash);
	return core_park_ask(c, q, ACT_GUEST, link, hash);
}

/* --- the verdict ---------------------------------------------------------- */

static void recall(struct core *c, const struct verdict_question *ask,
		   struct verdict *out)
{
	if (verdicts_recall(&c->access, ask, c->now_ms, out))
		return;
	*out = (struct verdict){
		.allowed = !c->access.any,
		.denial = text_unavailable,
		.label = "unavailable",
		.metric = M_DENY_UNAVAILABLE,
	};
}

/* The reference lets the api tie B's audit to this request. */
static void mint_ref(struct core *c, const struct request *q,
		     const struct verdict_question *ask, struct verdict *out)
{
	uint8_t random[(ACCESS_REF - 1) / 2], *body;
	size_t user = strlen(out->user) + 1, name = strlen(out->name) + 1;
	size_t pk = strlen(ask->pk) + 1, guest = strlen(out->guest) + 1;

	keys_random(random, sizeof random);
	keys_hex(out->ref, sizeof out->ref, random, sizeof random);
	struct action *a = outbox_add(&c->out, ACT_CONN_REF,
				      user + name + pk + guest, &body);
	if (!a)
		return;
	a->addr = q->from.source;
	memcpy(body, out->user, user);
	memcpy(body + user, out->name, name);
	memcpy(body + user + name, ask->pk, pk);
	memcpy(body + user + name + pk, out->guest, guest);
	(void)!(outbox_set_id(&c->out, 0, out->ref, strlen(out->ref)) &&
		outbox_set_id(&c->out, 1, ask->target, strlen(ask->target)));
}

static void conclude(struct core *c, const struct request *q,
		     const struct verdict_question *ask, struct verdict *out)
{
	if (!out->allowed)
		core_count(out->metric);
	else if (!ask->untraced)
		mint_ref(c, q, ask, out);
}

static bool switched(struct core *c, const struct request *q,
		     const struct verdict_question *ask, bool granted)
{
	char verifier[GRANT_VERIFIER];
	const struct addr *from = &q->from.source;

	if (!has_code(q, ask))
		return false;
	grants_verifier(ask->switch_code, verifier);
	if (grants_has(&c->access.grants, verifier, ask->pk, from, c->now_ms))
		return true;
	if (granted)
		grants_add(&c->access.grants, verifier, ask->pk, from,
			   c->now_ms);
	return granted;
}

bool access_settled(struct core *c, const struct request *q,
		    const struct verdict_question *ask, bool granted,
		    struct verdict *out)
{
	if (shows_token_in_the_clear(q, ask))
		*out = (struct verdict){
			.denial = "You are signed in, but your connection to "
				  "the ID server is not encrypted. Please set "
				  "the API server to https:// and the name of "
				  "the ID server, or sign out.",
			.label = "not_encrypted",
			.metric = M_DENY_PLAIN,
		};
	else if (ask->target_disabled)
		*out = (struct verdict){
			.denial = "The connection is not allowed. "
				  "The device is disabled.",
			.label = "device_disabled",
			.metric = M_DENY_DEVICE,
		};
	else if (switched(c, q, ask, granted))
		*out = (struct verdict){ .allowed = true, .label = "switched" };
	else
		return false;
	conclude(c, q, ask, out);
	return true;
}

static void decide(struct core *c, const struct verdict_question *ask,
		   const struct policy_facts *f, struct verdict *out)
{
	struct policy_verdict v = policy_decide(f, ask->kind);

	*out = (struct verdict){
		.allowed = v.reason == POLICY_OK,
		.denial = v.text,
		.label = v.label,
		.metric = denial_metric[v.reason],
		.permissions = v.permissions,
	};
	memcpy(out->user, f->user.guid, sizeof out->user);
	memcpy(out->name, f->user.name, sizeof out->name);
	memcpy(out->guest, f->guest.link, sizeof out->guest);
	/* What a guest may ends, and is counted: nothing to remember. */
	if (!f->guest.shown)
		verdicts_keep(&c->access, ask, out, c->now_ms);
}

void access_judge(struct core *c, const struct request *q,
		  const struct verdict_question *asked,
		  const struct policy_facts *facts, struct verdict *out)
{
	struct verdict_question ask = *asked;

	ask.token = believed(q, asked);
	if (facts)
		decide(c, &ask, facts, out);
	else
		recall(c, &ask, out);
	conclude(c, q, &ask, out);
}

void access_guest(enum guest_use use, struct verdict *out)
{
	static const struct {
		const char *label, *denial;
	} says[] = {
		[GUEST_UNKNOWN] = { "unavailable", text_unavailable },
		[GUEST_EXPIRED] = { "guest_expired",
				    "This guest link has expired: connecting "
				    "is not allowed" },
		[GUEST_USED_UP] = { "guest_used_up",
				    "This guest link has been used as often "
				    "as it may be: connecting is not allowed" },
		[GUEST_REVOKED] = { "guest_revoked",
				    "This guest link was revoked: connecting "
				    "is not allowed" },
	};

	if (use == GUEST_COUNTED)
		return;
	*out = (struct verdict){
		.denial = says[use].denial,
		.label = says[use].label,
		.metric = use == GUEST_UNKNOWN ? M_DENY_UNAVAILABLE
					       : M_DENY_GUEST,
	};
	core_count(out->metric);
}
