#include "services/api/journal/events.h"
#include "common/site/keynames.h"

#include <stdio.h>
#include <string.h>

void events_add(struct tx *t, const char *kind, struct json_object *row)
{
	struct json_object *o = pool_json(t->pool, json_object_new_object());
	char max[16];

	for (struct js_each m = js_each(row); js_next(&m);)
		js_set(o, m.key, js_cut(m.value, EVENTS_TEXT_MAX));
	snprintf(max, sizeof(max), "%d", EVENTS_MAX);
	tx_do(t, "XADD", KEY_EVENTS, "MAXLEN", "~", max, "*", "kind", kind,
	      "data", js_dump(o), NULL);
}

static struct json_object *entry(struct call *c, const struct redis_reply *r)
{
	const struct redis_reply *fields = db_item(r, 1);
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", db_text(db_item(r, 0)));
	for (size_t i = 0; i + 1 < db_count(fields); i += 2) {
		const char *key = db_text(db_item(fields, i));
		const char *value = db_text(db_item(fields, i + 1));
		bool ok = false;

		if (strcmp(key, "data") != 0)
			js_set_str(o, key, value);
		else
			js_set(o, key,
			       json_object_get(js_parse(&c->pool, value,
							strlen(value), &ok)));
	}
	return o;
}

int events_list(struct call *c)
{
	const char *after = call_query(c, "after");
	const char *from = after && *after ? call_fmt(c, "(%s", after) : "-";

	if (strspn(from, "(-0123456789") != strlen(from))
		return call_error(c, 400, "Invalid format: after");
	const struct redis_reply *r = db_do(&c->db, "XRANGE", KEY_EVENTS, from,
					    "+", "COUNT", "1000", NULL);
	struct json_object *out = json_object_new_array();
	for (size_t i = 0; i < db_count(r); i++)
		js_push(out, entry(c, db_item(r, i)));
	struct json_object *o = json_object_new_object();
	js_set(o, "data", out);
	return call_json(c, o);
}
