#include "services/api/policy/versions.h"
#include "common/site/keynames.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 80 };

static const char *key_of(const char *guid, char key[static KEY_MAX])
{
	snprintf(key, KEY_MAX, KEY_STRATEGY_VERSIONS, guid);
	return key;
}

void versions_keep(struct tx *t, struct call *c, const struct doc *s)
{
	const struct field members[] = { STRATEGY_NAME.of, STRATEGY_NOTE.of,
					 STRATEGY_ENABLED.of,
					 STRATEGY_MODIFIED_AT.of,
					 STRATEGY_OPTIONS.of };
	const struct doc *old = doc_old(&c->db, s);
	char key[KEY_MAX], last[16];

	if (!old)
		return;
	struct json_object *v = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		doc_show(v, old, members[i]);
	field_set_int(v, VERSION_REPLACED_AT, (int64_t)(c->now_ms / 1000));
	field_set_text(v, VERSION_REPLACED_BY,
		       c->who.user ? doc_text(c->who.user, USER_NAME) : "");
	pool_json(&c->pool, v);
	snprintf(last, sizeof(last), "%d", VERSIONS_MAX - 1);
	tx_do(t, "LPUSH", key_of(s->guid, key), json_object_to_json_string(v),
	      NULL);
	tx_do(t, "LTRIM", key, "0", last, NULL);
}

void versions_forget(struct tx *t, const struct doc *s)
{
	char key[KEY_MAX];

	tx_do(t, "DEL", key_of(s->guid, key), NULL);
}

int versions_list(struct call *c)
{
	struct doc *s = doc_get(&c->db, DOC_STRATEGY, c->param[0]);
	struct json_object *out = json_object_new_array();
	char key[KEY_MAX];
	bool ok;

	pool_json(&c->pool, out);
	if (!s)
		return call_missing(c);
	const struct redis_reply *r =
		db_do(&c->db, "LRANGE", key_of(s->guid, key), "0", "-1", NULL);
	if (!r)
		return -EIO;
	for (size_t i = 0; i < db_count(r); i++) {
		const char *text = db_text(db_item(r, i));
		struct json_object *v =
			js_parse(&c->pool, text, strlen(text), &ok);

		if (ok && v)
			js_push(out, json_object_get(v));
	}
	return call_json(c, json_object_get(out));
}
