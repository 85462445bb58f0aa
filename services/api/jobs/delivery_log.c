#include "services/api/jobs/delivery_log.h"

#include "common/site/keynames.h"

static const char *key_of(struct db *d, const char *hook)
{
	return pool_printf(d->pool, KEY_WEBHOOK_LOG, hook);
}

void delivery_log_add(struct db *d, const char *hook,
		      const struct delivery_row *row)
{
	struct json_object *o = pool_json(d->pool, json_object_new_object());
	const char *key = key_of(d, hook);
	struct tx t;

	field_set_int(o, DELIVERY_AT, (int64_t)app_now_ms() / 1000);
	field_set_text(o, DELIVERY_EVENT, row->event);
	field_set_text(o, DELIVERY_KIND, row->kind);
	field_set_int(o, DELIVERY_MS, (int64_t)row->ms);
	field_set_text(o, DELIVERY_RESULT, row->result);
	field_set_int(o, DELIVERY_STATUS, row->status);
	field_set_text(o, DELIVERY_WHY, row->why);
	tx_init(&t, d);
	tx_do(&t, "LPUSH", key, js_dump(o), NULL);
	tx_do(&t, "LTRIM", key, "0",
	      pool_printf(d->pool, "%d", DELIVERY_LOG_MAX - 1), NULL);
	tx_do(&t, "EXPIRE", key,
	      pool_printf(d->pool, "%d", DELIVERY_LOG_LIFE_S), NULL);
	(void)!tx_commit(&t);
}

void delivery_log_drop(struct tx *t, const char *hook)
{
	tx_do(t, "DEL", key_of(t->db, hook), NULL);
}

int delivery_log_list(struct call *c)
{
	struct page p;

	if (!doc_get(&c->db, DOC_WEBHOOK, c->param[0]))
		return call_missing(c);
	const struct redis_reply *r = db_do(
		&c->db, "LRANGE", key_of(&c->db, c->param[0]), "0", "-1", NULL);
	page_init(c, &p);
	for (size_t i = 0; i < db_count(r); i++) {
		size_t len;
		bool ok;
		const char *text = db_bytes(db_item(r, i), &len);
		struct json_object *row =
			text ? js_parse(&c->pool, text, len, &ok) : NULL;

		if (row && page_take(&p))
			js_push(p.data, json_object_get(row));
	}
	return page_answer(c, &p);
}
