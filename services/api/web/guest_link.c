#include "services/api/web/guest_link.h"

#include <string.h>

#include "common/site/keynames.h"
#include "common/site/policy_row.h"
#include "services/api/client/connections.h"
#include "services/api/core/rows.h"
#include "services/api/device/devices.h"
#include "services/api/jobs/purge.h"

static const struct redis_reply *numbers(struct db *d, const char *key,
					 struct doc *const *links, size_t n)
{
	const char **argv = pool_alloc(d->pool, (n + 2) * sizeof(*argv));
	size_t *lens = pool_alloc(d->pool, (n + 2) * sizeof(*lens));

	argv[0] = "HMGET";
	argv[1] = key;
	for (size_t i = 0; i < n; i++)
		argv[i + 2] = links[i]->guid;
	for (size_t i = 0; i < n + 2; i++)
		lens[i] = strlen(argv[i]);
	return n ? db_argv(d, (int)n + 2, argv, lens) : NULL;
}

struct guest_count *guest_link_counts(struct db *d, struct doc *const *links,
				      size_t n)
{
	struct guest_count *out = pool_alloc(d->pool, (n + 1) * sizeof(*out));
	const struct redis_reply *used =
		numbers(d, POLICY_GUEST_USED, links, n);
	const struct redis_reply *last =
		numbers(d, POLICY_GUEST_LAST, links, n);

	for (size_t i = 0; i < n; i++)
		out[i] = (struct guest_count){ db_num(db_item(used, i)),
					       db_num(db_item(last, i)) };
	return out;
}

enum guest_state guest_link_state(const struct doc *link,
				  const struct guest_count *n, int64_t now_s)
{
	int64_t uses = doc_int(link, GUEST_USES, 0);

	if (doc_int(link, GUEST_REVOKED_AT, 0))
		return GUEST_REVOKED;
	if (uses && n->used >= uses)
		return GUEST_USED_UP;
	return doc_int(link, GUEST_EXPIRES_AT, 0) <= now_s ? GUEST_EXPIRED
							   : GUEST_ACTIVE;
}

struct json_object *guest_link_device(const struct doc *dev,
				      struct peer_seen seen)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "id", doc_text(dev, DEVICE_ID));
	js_set_str(o, "name", device_title(dev));
	js_set_bool(o, "online", seen.online);
	return o;
}

struct doc **guest_link_devices(struct db *d, const struct doc *link, size_t *n)
{
	struct json_object *list = doc_list(link, GUEST_DEVICES);
	const char *guids[GUEST_LINK_DEVICES];
	size_t len = js_len(list);

	if (len > GUEST_LINK_DEVICES)
		len = GUEST_LINK_DEVICES;
	for (size_t i = 0; i < len; i++)
		guids[i] = js_at(list, i);
	return doc_many(d, DOC_DEVICE, guids, len, n);
}

static const char *owned_key(struct tx *t, const struct doc *link)
{
	return pool_printf(t->db->pool, KEY_GUEST_OWNED,
			   doc_text(link, GUEST_USER));
}

void guest_link_save(struct tx *t, struct doc *link)
{
	doc_save(t, link);
	rows_guest(t, link);
	tx_do(t, "SADD", owned_key(t, link), link->guid, NULL);
}

static void end_sessions(struct tx *t, struct call *c, const struct doc *link)
{
	struct json_object *devices = doc_list(link, GUEST_DEVICES);

	for (size_t i = 0; i < js_len(devices); i++)
		connections_end_guests(t, c, js_at(devices, i), link->guid);
}

void guest_link_revoke(struct tx *t, struct call *c, struct doc *link)
{
	doc_set_int(link, GUEST_REVOKED_AT, (int64_t)(c->now_ms / 1000));
	guest_link_save(t, link);
	end_sessions(t, c, link);
}

void guest_link_ended(struct call *c, const struct doc *link)
{
	struct tx t;

	tx_init(&t, &c->db);
	end_sessions(&t, c, link);
	/* The transaction before has ended all that it knew of. */
	(void)!(t.ops.n > 0 && tx_commit(&t));
}

static void drop(struct tx *t, struct doc *link)
{
	doc_delete(t, link);
	rows_guest_gone(t, link->guid);
	tx_do(t, "SREM", owned_key(t, link), link->guid, NULL);
	tx_do(t, "HDEL", POLICY_GUEST_USED, link->guid, NULL);
	tx_do(t, "HDEL", POLICY_GUEST_LAST, link->guid, NULL);
}

void guest_link_remove(struct tx *t, struct call *c, struct doc *link)
{
	drop(t, link);
	end_sessions(t, c, link);
}

const char *guest_link_name(struct call *c, const struct doc *link)
{
	const char *note = doc_text(link, GUEST_NOTE);

	return *note ? call_fmt(c, "%s (%s)", link->guid, note) : link->guid;
}

static bool drop_old(void *ctx, struct doc **links, size_t n)
{
	struct db *d = ctx;
	int64_t before_s = (int64_t)(app_now_ms() / 1000) - GUEST_LINK_KEPT_S;
	struct doc **makers = doc_named(d, DOC_USER, links, n, GUEST_USER);

	for (size_t i = 0; i < n && !d->away; i++) {
		struct tx t;

		if (makers[i] &&
		    doc_int(links[i], GUEST_EXPIRES_AT, 0) > before_s)
			continue;
		tx_init(&t, d);
		drop(&t, links[i]);
		/* Who has changed it meanwhile is met in an hour. */
		(void)!tx_commit(&t);
	}
	return !d->away;
}

void guest_link_tick(struct db *d)
{
	if (purge_claim_hour(d, KEY_GUEST_HOUR, app_now_ms()))
		doc_chunks(d, DOC_GUEST_LINK, drop_old, d);
}
