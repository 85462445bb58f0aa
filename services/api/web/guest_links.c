#include "services/api/web/guest_links.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/links.h"
#include "services/api/account/users.h"
#include "services/api/core/etag.h"
#include "services/api/core/rows.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"
#include "services/api/web/facts.h"
#include "services/api/web/guest_link.h"

/* --- rights --------------------------------------------------------------- */

/* What an API token may, its scopes say: it is not its administrator. */
static bool is_own(const struct call *c, const struct doc *link)
{
	return !c->who.api &&
	       strcmp(doc_text(link, GUEST_USER), call_self(c)) == 0;
}

/* Whoever may do P to the MAKER (NULL: he is gone) may do it to his links. */
static bool may(struct call *c, const struct doc *link, const struct doc *maker,
		enum perm p)
{
	struct target nobody = { .user = "", .ugroup = "", .dgroup = "" };
	struct target t = maker ? user_target(maker) : nobody;

	return is_own(c, link) || call_may(c, p, &t);
}

/* The link of the path if the caller may see it; else answered, NULL. */
static struct doc *open_link(struct call *c, struct doc **maker)
{
	struct doc *link = doc_get(&c->db, DOC_GUEST_LINK, c->param[0]);

	if (link)
		*maker = doc_get(&c->db, DOC_USER, doc_text(link, GUEST_USER));
	if (link && may(c, link, *maker, PERM_USER_VIEW))
		return link;
	call_missing(c);
	return NULL;
}

static bool may_end(struct call *c, const struct doc *link,
		    const struct doc *maker)
{
	return is_own(c, link) || (may(c, link, maker, PERM_USER_ENABLE) &&
				   (!maker || user_may_touch(c, maker)));
}

/* --- view ----------------------------------------------------------------- */

static void add_state(struct json_object *o, const struct doc *link,
		      const struct guest_count *n, int64_t now_s)
{
	static const char *const words[] = {
		[GUEST_ACTIVE] = "active",
		[GUEST_EXPIRED] = "expired",
		[GUEST_USED_UP] = "used",
		[GUEST_REVOKED] = "revoked",
	};

	js_set_int(o, "uses", doc_int(link, GUEST_USES, 0));
	js_set_int(o, "used", n->used);
	js_set_int(o, "last_used_at", n->last_s);
	js_set_str(o, "state", words[guest_link_state(link, n, now_s)]);
	js_set_int(o, "revoked_at", doc_int(link, GUEST_REVOKED_AT, 0));
}

/* What links name. */
struct named {
	struct doc *maker, *role;
	const struct guest_count *count;
	struct json_object *devices; /* taken */
};

/* The devices of each of N links, read for all of them at once. */
static struct json_object **devices_of(struct call *c, struct doc *const *links,
				       size_t n)
{
	struct json_object **out =
		pool_alloc(&c->pool, (n + 1) * sizeof(struct json_object *));
	size_t all = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		all += js_len(doc_list(links[i], GUEST_DEVICES));
	const char **guids = pool_alloc(&c->pool, (all + 1) * sizeof(char *));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0;
		     k < js_len(doc_list(links[i], GUEST_DEVICES)); k++)
			guids[at++] =
				js_at(doc_list(links[i], GUEST_DEVICES), k);
	struct doc **devs = doc_each_for(&c->db, DOC_DEVICE, guids, all);
	for (size_t i = 0; i < all; i++)
		guids[i] = doc_text(devs[i], DEVICE_ID);
	struct peer_seen *seen = peers_seen(c, guids, all);
	at = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = js_len(doc_list(links[i], GUEST_DEVICES));

		out[i] = json_object_new_array();
		for (size_t k = 0; k < len; k++, at++)
			if (devs[at])
				js_push(out[i],
					guest_link_device(devs[at], seen[at]));
	}
	return out;
}

static struct json_object *view(struct call *c, const struct doc *link,
				const struct named *by)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", link->guid);
	js_set_str(o, "user", doc_text(link, GUEST_USER));
	js_set_str(o, "user_name", doc_name(by->maker));
	js_set_bool(o, "own", is_own(c, link));
	js_set_bool(o, "may_revoke", may_end(c, link, by->maker));
	js_set(o, "devices", by->devices);
	js_set_int(o, "created_at", doc_int(link, ANY_CREATED_AT, 0) / 1000);
	js_set_int(o, "expires_at", doc_int(link, GUEST_EXPIRES_AT, 0));
	js_set_str(o, "control_role", doc_text(link, GUEST_ROLE));
	js_set_str(o, "control_role_name", doc_name(by->role));
	js_set_bool(o, "pin", *doc_text(link, GUEST_PIN) != 0);
	js_set_str(o, "note", doc_text(link, GUEST_NOTE));
	add_state(o, link, by->count, (int64_t)(c->now_ms / 1000));
	return o;
}

/* One alone. */
static struct json_object *view_one(struct call *c, struct doc *link,
				    struct doc *maker)
{
	struct named by = {
		.maker = maker,
		.role = doc_get(&c->db, DOC_CONTROL_ROLE,
				doc_text(link, GUEST_ROLE)),
		.count = guest_link_counts(&c->db, &link, 1),
		.devices = devices_of(c, &link, 1)[0],
	};

	return view(c, link, &by);
}

/* --- list ----------------------------------------------------------------- */

struct listing {
	struct call *c;
	const char **guids; /* GUEST_LINK_MAX */
	size_t n;
};

static bool take(void *ctx, struct doc **links, size_t n)
{
	struct listing *l = ctx;
	struct call *c = l->c;
	struct doc **makers = doc_named(&c->db, DOC_USER, links, n, GUEST_USER);

	for (size_t i = 0; i < n && l->n < GUEST_LINK_MAX; i++)
		if (may(c, links[i], makers[i], PERM_USER_VIEW))
			l->guids[l->n++] =
				pool_strdup(&c->pool, links[i]->guid);
	return l->n < GUEST_LINK_MAX;
}

static int newest_first(const void *a, const void *b)
{
	return -strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_own(struct listing *l)
{
	struct call *c = l->c;

	if (c->who.api)
		return;
	const struct redis_reply *r =
		db_do(&c->db, "SMEMBERS",
		      call_fmt(c, KEY_GUEST_OWNED, call_self(c)), NULL);
	for (size_t i = 0; i < db_count(r) && l->n < GUEST_LINK_MAX; i++)
		l->guids[l->n++] = db_text(db_item(r, i));
}

int guest_links_list(struct call *c)
{
	struct listing l = { .c = c };
	const char *own = call_query(c, "own");
	struct page p;
	size_t n = 0;

	page_init(c, &p);
	l.guids = pool_alloc(&c->pool, GUEST_LINK_MAX * sizeof(char *));
	if ((own && strcmp(own, "1") == 0) ||
	    !perm_any(c->who.grants, c->who.ngrants, PERM_USER_VIEW))
		find_own(&l);
	else
		doc_chunks(&c->db, DOC_GUEST_LINK, take, &l);
	qsort(l.guids, l.n, sizeof(char *), newest_first);
	for (size_t i = 0; i < l.n; i++)
		if (page_take(&p))
			l.guids[n++] = l.guids[i];
	struct doc **links = doc_many(&c->db, DOC_GUEST_LINK, l.guids, n, &n);
	struct doc **makers = doc_named(&c->db, DOC_USER, links, n, GUEST_USER);
	struct doc **roles =
		doc_named(&c->db, DOC_CONTROL_ROLE, links, n, GUEST_ROLE);
	struct guest_count *counts = guest_link_counts(&c->db, links, n);
	struct json_object **devices = devices_of(c, links, n);
	for (size_t i = 0; i < n; i++)
		js_push(p.data,
			view(c, links[i],
			     &(struct named){ makers[i], roles[i], &counts[i],
					      devices[i] }));
	return page_answer(c, &p);
}

int guest_links_show(struct call *c)
{
	struct doc *maker, *link = open_link(c, &maker);

	if (!link)
		return 0;
	etag_show(c, link->raw);
	return call_json(c, view_one(c, link, maker));
}

/* --- create --------------------------------------------------------------- */

static bool expiry_ok(const struct call *c, int64_t at_s)
{
	int64_t now_s = (int64_t)(c->now_ms / 1000);

	return at_s > now_s && at_s <= now_s + GUEST_LINK_S;
}

/* The devices of the body by their guids. NULL: ok. */
static const char *take_devices(struct call *c, struct doc *link)
{
	struct json_object *ids = js_arr(c->in, "devices");
	struct json_object *out = call_array(c);

	if (js_len(ids) == 0)
		return "Invalid format: devices";
	for (size_t i = 0; i < js_len(ids); i++) {
		const char *id = js_at(ids, i);
		struct doc *dev =
			text_is_id(id) ? device_by_id(&c->db, id) : NULL;

		if (!dev)
			return call_fmt(c, "Does not exist: device %s", id);
		/* hbbs knows it by the case that it goes by itself. */
		if (!facts_reach(c, call_self(c), doc_text(dev, DEVICE_ID),
				 NULL))
			return call_fmt(c,
					"You may not reach device %s "
					"yourself",
					id);
		if (!js_arr_has(out, dev->guid))
			js_push_str(out, dev->guid);
	}
	doc_set_list(link, GUEST_DEVICES, json_object_get(out));
	return NULL;
}

/* The role of the body must be there now; later its absence ends the link. */
static bool role_ok(struct call *c)
{
	const char *guid = js_text(c->in, "control_role");
	struct doc *role = doc_get(&c->db, DOC_CONTROL_ROLE, guid);

	return !*guid || (role && !*doc_text(role, CROLE_BUILTIN) &&
			  doc_bool(role, CROLE_ENABLED, true));
}

static const char *take_rest(struct call *c, struct doc *link)
{
	int64_t uses = js_int(c->in, "uses", -1);
	const char *pin = js_text(c->in, "pin");

	if (!expiry_ok(c, js_int(c->in, "expires_at", 0)))
		return "Invalid format: expires_at";
	if (uses < 0 || uses > GUEST_LINK_USES)
		return "Invalid format: uses";
	if (*pin && !text_is_name(pin, GUEST_LINK_PIN_MIN, GUEST_LINK_PIN_MAX))
		return "Invalid format: pin";
	if (!role_ok(c))
		return "Does not exist: control_role";
	doc_take(link, c->in, GUEST_EXPIRES_AT.of);
	doc_take(link, c->in, GUEST_USES.of);
	doc_take(link, c->in, GUEST_ROLE.of);
	doc_take(link, c->in, GUEST_NOTE.of);
	doc_set_text(link, GUEST_USER, call_self(c));
	return NULL;
}

static const char *no_room(struct call *c)
{
	const char *own = call_fmt(c, KEY_GUEST_OWNED, call_self(c));

	if (db_num(db_do(&c->db, "SCARD", own, NULL)) >= GUEST_LINK_USER_MAX)
		return "You have too many guest links: remove one first";
	return doc_total(&c->db, DOC_GUEST_LINK) >= GUEST_LINK_MAX
		       ? "The server has too many guest links"
		       : NULL;
}

int guest_links_create(struct call *c)
{
	struct doc *link = doc_new(&c->db, DOC_GUEST_LINK, c->now_ms);
	const char *pin = js_text(c->in, "pin"), *base = links_base(c);
	char secret[SEAL_TOKEN], hash[SEAL_HASH], hashed[SEAL_PASSWORD];
	struct tx t;

	if (c->who.api)
		return call_forbidden(c);
	const char *bad = no_room(c);
	if (!bad)
		bad = take_rest(c, link);
	if (!bad)
		bad = take_devices(c, link);
	if (c->db.away)
		return -EIO;
	if (bad)
		return call_error(c, 400, bad);
	if (*pin && !call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	seal_token(secret);
	seal_hash(secret, hash);
	doc_set_text(link, GUEST_HASH, hash);
	if (*pin) {
		seal_password(pin, hashed);
		doc_set_text(link, GUEST_PIN, hashed);
	}
	tx_init(&t, &c->db);
	guest_link_save(&t, link);
	journal_write(&t, c, CONSOLE_GUEST, CONSOLE_ADD_GUEST,
		      guest_link_name(c, link));
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = view_one(c, link, c->who.user);
	js_set_str(o, "secret", secret);
	js_set_str(o, "url",
		   *base ? call_fmt(c, "%s/web/#guest=%s", base, secret) : "");
	return call_json(c, o);
}

/* --- change --------------------------------------------------------------- */

int guest_links_update(struct call *c)
{
	struct doc *maker, *link = open_link(c, &maker);
	struct tx t;

	if (!link)
		return 0;
	if (!is_own(c, link))
		return call_forbidden(c);
	if (!etag_matches(c, link->raw))
		return 0;
	if (doc_int(link, GUEST_REVOKED_AT, 0))
		return call_error(c, 400, "The guest link was revoked");
	if (js_has(c->in, "expires_at") &&
	    !expiry_ok(c, js_int(c->in, "expires_at", 0)))
		return call_error(c, 400, "Invalid format: expires_at");
	doc_take(link, c->in, GUEST_EXPIRES_AT.of);
	doc_take(link, c->in, GUEST_NOTE.of);
	tx_init(&t, &c->db);
	guest_link_save(&t, link);
	journal_write(&t, c, CONSOLE_GUEST, CONSOLE_UPDATE_GUEST,
		      guest_link_name(c, link));
	int r = tx_commit(&t);
	return r ? r : call_json(c, view_one(c, link, maker));
}

int guest_links_delete(struct call *c)
{
	struct doc *maker, *link = open_link(c, &maker);
	struct tx t;

	if (!link)
		return 0;
	if (!may_end(c, link, maker))
		return call_forbidden(c);
	const struct guest_count *n = guest_link_counts(&c->db, &link, 1);
	tx_init(&t, &c->db);
	if (guest_link_state(link, n, (int64_t)(c->now_ms / 1000)) ==
	    GUEST_ACTIVE)
		guest_link_revoke(&t, c, link);
	else
		guest_link_remove(&t, c, link);
	journal_write(&t, c, CONSOLE_GUEST, CONSOLE_REVOKE_GUEST,
		      guest_link_name(c, link));
	int r = tx_commit(&t);
	if (r == 0)
		guest_link_ended(c, link);
	return call_result(c, r);
}

/* --- roles ---------------------------------------------------------------- */

struct choice {
	struct page page;
	uint64_t own; /* what the caller's role allows */
};

static bool take_role(void *ctx, struct doc *role)
{
	struct choice *ch = ctx;
	uint64_t bits = rows_permissions(doc_obj(role, CROLE_PERMISSIONS));

	if (*doc_text(role, CROLE_BUILTIN) ||
	    !doc_bool(role, CROLE_ENABLED, true) || !page_take(&ch->page))
		return true;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "guid", role->guid);
	js_set_str(o, "name", doc_text(role, CROLE_NAME));
	js_set(o, "permissions",
	       facts_permissions(policy_narrow(ch->own, bits)));
	js_push(ch->page.data, o);
	return true;
}

int guest_links_roles(struct call *c)
{
	struct policy_facts *f = pool_alloc(&c->pool, sizeof(*f));
	struct choice ch;

	if (c->who.api)
		return call_forbidden(c);
	int r = facts_read(c, call_self(c), "", f);
	if (r < 0)
		return r;
	page_init(c, &ch.page);
	ch.own = f->permissions;
	doc_each(&c->db, DOC_CONTROL_ROLE, take_role, &ch);
	return page_answer(c, &ch.page);
}
