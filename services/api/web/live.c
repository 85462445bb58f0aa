#include "services/api/web/live.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/client/connections.h"
#include "services/api/device/devices.h"
#include "services/api/journal/listing.h"

static const struct field *const shown[] = {
	&ANY_GUID.of,        &AUDIT_DEVICE.of,      &AUDIT_DEVICE_GUID.of,
	&AUDIT_PEER_ID.of,   &CONN_PEER_NAME.of,    &AUDIT_USER_NAME.of,
	&AUDIT_IP.of,        &AUDIT_CONN_TYPE.of,   &AUDIT_CONN_ID.of,
	&CONN_SESSION_ID.of, &CONN_PRIMARY_AUTH.of, &CONN_TWO_FACTOR.of,
	&CONN_NOTE.of,       &CONN_RELAYED.of,      &AUDIT_VERIFIED.of,
	&CONN_GUEST_LINK.of, &CONN_GUEST_NOTE.of
};

size_t live_count(struct db *d)
{
	return (size_t)db_num(db_do(d, "ZCARD", KEY_OPEN_ALL, NULL));
}

/* A device that went away without a word leaves its rows open: the list says
 * that it is offline. */
static struct json_object *view(const struct doc *row, struct peer_seen device)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		doc_show(o, row, *shown[i]);
	js_set_bool(o, "device_online", device.online);
	js_set_int(o, "created_at", doc_int(row, ANY_CREATED_AT, 0) / 1000);
	return o;
}

/* The rows of the page, and who of their devices is online. */
static void push_all(struct call *c, struct page *p, struct doc *const *rows,
		     size_t n)
{
	const char **ids = pool_alloc(&c->pool, (n + 1) * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = doc_text(rows[i], AUDIT_DEVICE);
	struct peer_seen *seen = peers_seen(c, ids, n);
	for (size_t i = 0; i < n; i++)
		js_push(p->data, view(rows[i], seen[i]));
}

int web_sessions(struct call *c)
{
	enum { CHUNK = 500 };
	struct page p;
	size_t taken = 0, n = CHUNK;
	bool own = listing_tells_own(c);

	page_init(c, &p);
	struct doc **page =
		pool_alloc(&c->pool, (p.size + 1) * sizeof(struct doc *));
	for (size_t at = 0; n == CHUNK; at += CHUNK) {
		const struct redis_reply *r =
			db_do(&c->db, "ZREVRANGE", KEY_OPEN_ALL,
			      call_fmt(c, "%zu", at),
			      call_fmt(c, "%zu", at + CHUNK - 1), NULL);
		const char *guids[CHUNK];
		size_t found;

		n = db_count(r);
		for (size_t i = 0; i < n; i++)
			guids[i] = db_text(db_item(r, i));
		struct doc **rows =
			doc_many(&c->db, DOC_AUDIT_CONN, guids, n, &found);
		const bool *visible = listing_visible(c, rows, found, own);
		for (size_t i = 0; i < found; i++)
			if (!doc_has(rows[i], CONN_END_TIME.of) && visible[i] &&
			    page_take(&p))
				page[taken++] = rows[i];
	}
	push_all(c, &p, page, taken);
	return page_answer(c, &p);
}
