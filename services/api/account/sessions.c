#include "services/api/account/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/sessions.lua.h"
#include "services/api/core/auth.h"
#include "services/api/core/options.h"
#include "services/api/core/rows.h"

const char *sessions_key(struct db *d, const char *user)
{
	return pool_printf(d->pool, KEY_USER_SESSIONS, user);
}

void session_end(struct tx *t, const char *user, const char *hash)
{
	tx_do(t, "DEL", auth_token_key(t->db, hash), NULL);
	tx_do(t, "SREM", sessions_key(t->db, user), hash, NULL);
	rows_token_gone(t, hash);
}

void sessions_end_all(struct tx *t, const char *user)
{
	const struct redis_reply *r =
		db_do(t->db, "SMEMBERS", sessions_key(t->db, user), NULL);

	for (size_t i = 0; i < db_count(r); i++)
		session_end(t, user, db_text(db_item(r, i)));
}

const struct redis_reply *sessions_read(struct db *d, const char *user,
					const char *const *members, size_t n)
{
	const char **argv = pool_alloc(d->pool, (n + 1) * sizeof(*argv));

	argv[0] = sessions_key(d, user);
	memcpy(argv + 1, members, n * sizeof(*members));
	return db_eval_argv(d, &sessions_lua, 1, (int)n + 1, argv, NULL);
}

/* Makes room for one more: expired sessions first, else the least used. */
static void trim(struct tx *t, const char *user)
{
	const char *const members[] = { SESSION_SEEN };
	const struct redis_reply *r =
		sessions_read(t->db, user, members, ARRAY_LEN(members));
	const char *oldest = NULL;
	long long oldest_seen = 0;
	size_t alive = 0;

	if (db_count(r) / 2 < SESSIONS_MAX)
		return;
	for (size_t i = 0; i + 1 < db_count(r); i += 2) {
		const char *hash = db_text(db_item(r, i));
		const struct redis_reply *seen = db_item(db_item(r, i + 1), 0);

		if (!db_text(seen)) {
			session_end(t, user, hash);
			continue;
		}
		alive++;
		if (!oldest || db_num(seen) < oldest_seen) {
			oldest = hash;
			oldest_seen = db_num(seen);
		}
	}
	if (alive >= SESSIONS_MAX)
		session_end(t, user, oldest);
}

void session_add(struct tx *t, struct call *c, const struct doc *user,
		 char token[static SEAL_TOKEN])
{
	struct json_object *info = js_obj(c->in, "deviceInfo");
	int64_t life_s = options_session_s(&c->db);
	char hash[SEAL_HASH], ip[ADDR_TEXT_MAX];

	seal_token(token);
	seal_hash(token, hash);
	const char *key = auth_token_key(&c->db, hash);
	const char *now = call_fmt(c, "%" PRIu64, c->now_ms / 1000);
	const char *fields[] = {
		"HSET",          key,
		SESSION_USER,    user->guid,
		SESSION_SEEN,    now,
		SESSION_CREATED, now,
		SESSION_ID,      js_text(c->in, "id"),
		SESSION_UUID,    js_text(c->in, "uuid"),
		SESSION_OS,      js_text(info, "os"),
		SESSION_NAME,    js_text(info, "name"),
		SESSION_TYPE,    js_text(info, "type"),
		SESSION_IP,      addr_format_ip(&c->client, ip),
	};

	trim(t, user->guid);
	tx_argv(t, ARRAY_LEN(fields), fields);
	if (life_s > 0)
		tx_do(t, "EXPIRE", key, call_fmt(c, "%" PRId64, life_s), NULL);
	tx_do(t, "SADD", sessions_key(&c->db, user->guid), hash, NULL);
	tx_do(t, "HSET", KEY_USER_SIGNED_IN, user->guid, now, NULL);
}
