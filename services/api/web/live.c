#include "services/api/web/live.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/client/connections.h"
#include "services/api/device/devices.h"
#include "services/api/journal/listing.h"

static const char *const shown[] = {
	"guid",         "device",     "device_guid", "peer_id", "peer_name",
	"user_name",    "ip",         "conn_type",   "conn_id", "session_id",
	"primary_auth", "two_factor", "note",        "relayed", "verified"
};

size_t live_count(struct db *d)
{
	return (size_t)db_num(db_do(d, "ZCARD", KEY_OPEN_ALL, NULL));
}

/* A device that went away without a word leaves its rows open: the list says
 * that it is offline. */
static struct json_object *view(struct call *c, const struct doc *row)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		js_copy(o, row->j, shown[i]);
	js_set_bool(o, "device_online",
		    peer_seen(c, js_text(row->j, "device")).online);
	js_set_int(o, "created_at", js_int(row->j, "created_at", 0) / 1000);
	return o;
}

static bool may_see(struct call *c, const struct doc *row)
{
	return listing_may(c, PERM_AUDIT_VIEW, row->j) ||
	       listing_own(c, row->j);
}

int web_sessions(struct call *c)
{
	enum { CHUNK = 500 };
	struct page p;

	page_init(c, &p);
	for (size_t at = 0;; at += CHUNK) {
		const struct redis_reply *r =
			db_do(&c->db, "ZREVRANGE", KEY_OPEN_ALL,
			      call_fmt(c, "%zu", at),
			      call_fmt(c, "%zu", at + CHUNK - 1), NULL);
		const char *guids[CHUNK];
		size_t n = db_count(r), found;

		for (size_t i = 0; i < n; i++)
			guids[i] = db_text(db_item(r, i));
		struct doc **rows =
			doc_many(&c->db, DOC_AUDIT_CONN, guids, n, &found);
		for (size_t i = 0; i < found; i++)
			if (!js_has(rows[i]->j, "end_time") &&
			    may_see(c, rows[i]) && page_take(&p))
				js_push(p.data, view(c, rows[i]));
		if (n < CHUNK)
			return page_answer(c, &p);
	}
}
