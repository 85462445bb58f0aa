/* What the api writes and hbbs obeys: policy, grants, deployments. */
#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "common/site/policy_lookup.lua.h"
#include "services/hbbs/messages/rendezvous.h"
#include "services/hbbs/store/conn_ref.lua.h"
#include "services/hbbs/store/guest.lua.h"
#include "services/hbbs/store/settings.lua.h"

enum { KEY_MAX = 512 };

static const char ref_life_s[] = "300";

static struct op *answer_later(struct store *s, const struct action *a)
{
	return store_op(s, a->ticket);
}

/* --- facts ---------------------------------------------------------------- */

static void on_policy(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	const char *rows[POLICY_ROWS] = { 0 };
	bool ok = store_good(r) && redis_kind(r) == REDIS_ARRAY;

	/* Lua cuts the list at the first nil it finds at the end. */
	for (size_t i = 0; ok && i < redis_len(r) && i < POLICY_ROWS; i++)
		rows[i] = redis_str(redis_at(r, i), NULL);
	rendezvous_policy(op->s->in.core, op->ticket, ok ? rows : NULL,
			  store_now(op->s));
	entry_flush(&op->s->in);
	free(op);
}

void store_policy(struct store *s, const struct action *a)
{
	struct op *op = answer_later(s, a);
	char key[STATEKEY_MAX];
	struct args args;

	args.n = 0;
	args_slice(&args, s, a->id[1]);
	args_slice(&args, s, a->id[0]);
	args_text(&args, statekey_peer(store_id(s, a, 0), a->id[0].len, key));
	if (op && redis_eval(s->data, &policy_lookup_lua, on_policy, op, 0,
			     args.n, args.v, args.len) == 0)
		return;
	free(op);
	rendezvous_policy(s->in.core, a->ticket, NULL, store_now(s));
}

/* --- guests --------------------------------------------------------------- */

static enum guest_use use_of(const char *word)
{
	static const char *const words[] = {
		[GUEST_COUNTED] = "counted",
		[GUEST_EXPIRED] = "expired",
		[GUEST_USED_UP] = "used up",
		[GUEST_REVOKED] = "revoked",
	};

	for (size_t i = GUEST_COUNTED; word && i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0)
			return (enum guest_use)i;
	return GUEST_UNKNOWN;
}

static void on_guest(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	const char *word = store_good(r) ? redis_str(r, NULL) : NULL;

	rendezvous_guest(op->s->in.core, op->ticket, use_of(word),
			 store_now(op->s));
	entry_flush(&op->s->in);
	free(op);
}

void store_guest(struct store *s, const struct action *a)
{
	struct op *op = answer_later(s, a);
	char ip[ADDR_TEXT_MAX];
	struct args args;

	args.n = 0;
	args_slice(&args, s, a->id[0]);
	args_slice(&args, s, a->id[1]);
	args_text(&args, addr_format_ip(&a->addr, ip));
	if (op && redis_eval(s->data, &guest_lua, on_guest, op, 0, args.n,
			     args.v, args.len) == 0)
		return;
	free(op);
	rendezvous_guest(s->in.core, a->ticket, GUEST_UNKNOWN, store_now(s));
}

/* --- one value ------------------------------------------------------------ */

static void on_grant(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;

	rendezvous_grant(op->s->in.core, op->ticket,
			 store_good(r) && redis_kind(r) == REDIS_STRING,
			 store_now(op->s));
	entry_flush(&op->s->in);
	free(op);
}

void store_grant(struct store *s, const struct action *a)
{
	struct op *op = answer_later(s, a);
	char key[KEY_MAX];

	snprintf(key, sizeof key, KEY_SWITCH, store_id(s, a, 0),
		 store_id(s, a, 1));
	const char *argv[] = { "GETDEL", key };
	const size_t lens[] = { 6, strlen(key) };
	if (op && redis_command(s->state, on_grant, op, 2, argv, lens) == 0)
		return;
	free(op);
	rendezvous_grant(s->in.core, a->ticket, false, store_now(s));
}

static void on_deployed(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	bool good = store_good(r);

	rendezvous_deployed(op->s->in.core, op->ticket, good,
			    good ? redis_str(r, NULL) : NULL, store_now(op->s));
	entry_flush(&op->s->in);
	free(op);
}

void store_deployed(struct store *s, const struct action *a)
{
	struct op *op = answer_later(s, a);
	const char *argv[] = { "HGET", "policy:deployed", store_id(s, a, 0) };
	const size_t lens[] = { 4, 15, a->id[0].len };

	if (op && redis_command(s->data, on_deployed, op, 3, argv, lens) == 0)
		return;
	free(op);
	rendezvous_deployed(s->in.core, a->ticket, false, NULL, store_now(s));
}

/* --- the reference for the audit ------------------------------------------ */

void store_conn_ref(struct store *s, const struct action *a)
{
	char key[16 + ACCESS_REF], ip[ADDR_TEXT_MAX];
	const char *user = (const char *)outbox_at(&s->in.core->out, a->body);
	const char *name = user + strlen(user) + 1;
	struct args args;

	args.n = 0;
	snprintf(key, sizeof key, KEY_CONN_REF, store_id(s, a, 0));
	args_text(&args, key);
	args_text(&args, user);
	args_text(&args, name);
	args_text(&args, addr_format_ip(&a->addr, ip));
	args_slice(&args, s, a->id[1]);
	args_text(&args, ref_life_s);
	const char *pk = name + strlen(name) + 1;
	args_text(&args, pk);
	args_text(&args, pk + strlen(pk) + 1);
	/* Without Redis the api marks the audit as unverified. */
	(void)!redis_eval(s->state, &conn_ref_lua, NULL, NULL, 1, args.n,
			  args.v, args.len);
}

/* --- settings ------------------------------------------------------------- */

static void read_leaving(struct store *s, const struct redis_reply *list)
{
	const char *rows[LEAVING_MAX];
	size_t n = 0;

	for (; n < redis_len(list) && n < LEAVING_MAX; n++)
		rows[n] = redis_str(redis_at(list, n), NULL);
	leaving_read(&s->in.core->leaving, rows, n, store_now(s));
}

static void on_settings(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;
	struct verdicts *a = &s->in.core->access;

	if (!store_good(r) || redis_len(r) != 3)
		return;
	read_leaving(s, redis_at(r, 2));
	if (policy_read_settings(redis_str(redis_at(r, 0), NULL),
				 &a->settings) < 0)
		log_error("bad_policy", "policy:settings is of a newer "
					"version");
	a->any = redis_kind(redis_at(r, 1)) == REDIS_STRING;
}

void store_settings_tick(struct store *s)
{
	/* Now and then, as this decides only what happens in an outage and
	 * whether unknown devices must be deployed. */
	(void)!redis_eval(s->data, &settings_lua, on_settings, s, 0, 0, NULL,
			  NULL);
}
