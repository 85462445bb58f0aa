#include "services/api/web/me.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "services/api/account/credentials.h"
#include "services/api/account/guard.h"
#include "services/api/account/recovery.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/core/auth.h"
#include "services/api/jobs/mail.h"
#include "services/api/journal/journal.h"

static const char *const scopes[] = { [SCOPE_GLOBAL] = "global",
				      [SCOPE_INDIVIDUAL] = "individual",
				      [SCOPE_GROUP] = "group" };

static struct json_object *names(uint64_t bits)
{
	struct json_object *out = json_object_new_array();

	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++)
		if (bits & (UINT64_C(1) << p))
			js_push_str(out, perm_name(p));
	return out;
}

static struct json_object *texts(const char *const *list, size_t n)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		js_push_str(out, list[i]);
	return out;
}

static struct json_object *grant_view(const struct grant *g)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "scope", scopes[g->scope]);
	js_set(o, "permissions", names(g->perms));
	js_set_bool(o, "unassigned", g->unassigned);
	js_set(o, "user_groups", texts(g->ug, g->nug));
	js_set(o, "device_groups", texts(g->dg, g->ndg));
	return o;
}

static void add_rights(struct json_object *o, const struct who *w)
{
	struct json_object *grants = json_object_new_array();
	uint64_t all = 0;

	for (size_t i = 0; i < w->ngrants; i++) {
		all |= w->grants[i].perms;
		js_push(grants, grant_view(&w->grants[i]));
	}
	js_set(o, "permissions", names(all));
	js_set(o, "grants", grants);
}

int me_current_user(struct call *c)
{
	const struct doc *u = c->who.user;
	struct json_object *o = user_payload(u);
	struct json_object *session = json_object_new_object();

	js_set_str(o, "guid", u->guid);
	js_set_str(o, "source", doc_text(u, USER_SOURCE));
	js_set_bool(o, "own_password", !doc_bool(u, USER_MADE_PASSWORD, false));
	js_set_bool(o, "tfa", *doc_text(u, USER_TOTP) != 0);
	js_set_int(o, "passkeys", (int64_t)js_len(doc_list(u, USER_PASSKEYS)));
	js_set_int(o, "recovery_codes", (int64_t)recovery_left(u));
	add_rights(o, &c->who);
	js_set_bool(session, "cookie", c->who.cookie);
	js_set_int(session, "created", c->who.created_s);
	js_set_int(session, "fresh_until", c->who.proved_s + AUTH_FRESH_S);
	js_set(o, "session", session);
	return call_json(c, o);
}

/* NULL, or what the body wants of a user whom somebody else looks after. */
static const char *kept_elsewhere(struct call *c, const struct doc *u)
{
	const struct field_text kept[] = { USER_DISPLAY_NAME, USER_EMAIL };
	const char *source = doc_text(u, USER_SOURCE);

	if (!*source || strcmp(source, "local") == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (js_has(c->in, kept[i].of.name))
			return call_fmt(c,
					"Kept by a directory or provider: %s",
					kept[i].of.name);
	return NULL;
}

/* Mail there can set a password. */
static bool moves_mail(struct call *c, const struct doc *u)
{
	const char *to = js_str(c->in, "email");

	return to && strcasecmp(to, doc_text(u, USER_EMAIL)) != 0;
}

/* auth_fresh() asks pages alone: a client's token needs the password. False:
 * the handler returns *R. */
static bool may_move_mail(struct call *c, int *r)
{
	const char *password = js_text(c->in, "password");

	if (c->who.cookie)
		return true;
	if (*password)
		return credentials_proved(c, password, r);
	*r = call_error(c, 400, "Missing: password");
	return false;
}

/* WAS: where nobody reads it who took the account. */
static void tell_of_move(struct tx *t, struct call *c, const char *was)
{
	const char *name = doc_text(c->who.user, USER_NAME);

	if (!c->who.cookie)
		guard_passed(t, c, name);
	if (*was && mail_enabled(&c->db))
		mail_queue(t, c, was, "moved", name);
}

int me_update(struct call *c)
{
	struct tx t;
	int r;

	if (c->who.api)
		return call_forbidden(c);
	struct doc *u = doc_get(&c->db, DOC_USER, call_self(c));
	if (!u)
		return call_missing(c);
	const char *bad = kept_elsewhere(c, u);
	if (bad)
		return call_error(c, 400, bad);
	const char *was = pool_strdup(&c->pool, doc_text(u, USER_EMAIL));
	bool moves = moves_mail(c, u);
	if (moves && !may_move_mail(c, &r))
		return r;
	bad = user_apply_texts(c, u);
	if (bad)
		return call_error(c, 400, bad);
	tx_init(&t, &c->db);
	user_save(&t, u);
	if (moves)
		tell_of_move(&t, c, was);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
	return call_result(c, tx_commit(&t));
}

int web_permissions(struct call *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++) {
		struct json_object *row = json_object_new_object();
		struct json_object *where = json_object_new_array();

		js_set_str(row, "name", perm_name(p));
		js_set_str(row, "area", area_name(perm_area(p)));
		js_set_bool(row, "writes", perm_writes(p));
		for (enum scope s = SCOPE_GLOBAL; s <= SCOPE_GROUP; s++)
			if (perm_effective(s, UINT64_C(1) << p))
				js_push_str(where, scopes[s]);
		js_set(row, "scopes", where);
		js_push(list, row);
	}
	js_set(o, "data", list);
	return call_json(c, o);
}

/* Of one session, what sessions_read() was asked for: SHOWN. NULL: expired. */
enum shown { CREATED, SEEN, IP, OS, NAME, TYPE, ID, SHOWN };

static struct json_object *session_view(struct call *c, const char *hash,
					const struct redis_reply *r)
{
	static const char *const names[SHOWN] = {
		[IP] = "ip",     [OS] = "os",        [NAME] = "name",
		[TYPE] = "type", [ID] = "device_id",
	};

	if (!db_text(db_item(r, SEEN)))
		return NULL;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "id", hash);
	js_set_bool(o, "current", strcmp(hash, c->who.token) == 0);
	js_set_int(o, "created", db_num(db_item(r, CREATED)));
	js_set_int(o, "seen", db_num(db_item(r, SEEN)));
	for (enum shown i = IP; i < SHOWN; i++) {
		const char *value = db_text(db_item(r, i));

		js_set_str(o, names[i], value ? value : "");
	}
	return o;
}

int web_own_sessions(struct call *c)
{
	const char *const members[SHOWN] = {
		[CREATED] = SESSION_CREATED, [SEEN] = SESSION_SEEN,
		[IP] = SESSION_IP,           [OS] = SESSION_OS,
		[NAME] = SESSION_NAME,       [TYPE] = SESSION_TYPE,
		[ID] = SESSION_ID,
	};
	struct page p;

	if (c->who.api)
		return call_forbidden(c);
	page_init(c, &p);
	const struct redis_reply *r =
		sessions_read(&c->db, c->who.user->guid, members, SHOWN);
	for (size_t i = 0; i + 1 < db_count(r); i += 2) {
		struct json_object *o = session_view(c, db_text(db_item(r, i)),
						     db_item(r, i + 1));

		if (o && page_take(&p))
			js_push(p.data, o);
		else
			json_object_put(o);
	}
	return page_answer(c, &p);
}

int web_own_session_end(struct call *c)
{
	const char *hash = c->param[0];
	const char *user = c->who.user->guid;
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	const struct redis_reply *r = db_do(
		&c->db, "SISMEMBER", sessions_key(&c->db, user), hash, NULL);
	if (db_num(r) != 1)
		return call_missing(c);
	tx_init(&t, &c->db);
	session_end(&t, user, hash);
	return call_result(c, tx_commit(&t));
}
