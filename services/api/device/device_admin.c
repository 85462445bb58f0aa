#include "services/api/device/device_admin.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/rows.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/journal/journal.h"

/* A name that an administrator set, else what the device reported. */
static const char *shown(const struct doc *dev, struct field_text edited,
			 struct field_text reported)
{
	const char *own = doc_text(dev, edited);

	return *own ? own : field_text(doc_obj(dev, DEVICE_INFO), reported);
}

/* What devices name, read for all of them at once; one for each. */
struct named {
	struct doc **owners;
	struct doc **user_groups; /* the owners' */
	struct doc **groups;
	struct doc **strategies;
};

static struct named named_by(struct db *d, struct doc *const *devs, size_t n)
{
	struct doc **owners = doc_named(d, DOC_USER, devs, n, DEVICE_OWNER);

	return (struct named){
		.owners = owners,
		.user_groups =
			doc_named(d, DOC_USER_GROUP, owners, n, USER_GROUP),
		.groups = doc_named(d, DOC_DEVICE_GROUP, devs, n, DEVICE_GROUP),
		.strategies =
			doc_named(d, DOC_STRATEGY, devs, n, DEVICE_STRATEGY),
	};
}

static struct device_names names_at(const struct named *by, size_t i)
{
	return (struct device_names){
		.user = doc_name(by->owners[i]),
		.user_group = doc_name(by->user_groups[i]),
		.device_group = doc_name(by->groups[i]),
		.strategy = doc_name(by->strategies[i]),
	};
}

struct json_object *device_view(const struct doc *dev,
				const struct device_names *n,
				struct peer_seen p)
{
	struct json_object *o = json_object_new_object();
	char last[TEXT_TIME];

	js_set_str(o, "guid", dev->guid);
	doc_show(o, dev, DEVICE_ID.of);
	js_set_str(o, "device_name", shown(dev, DEVICE_NAME, INFO_HOSTNAME));
	js_set_str(o, "device_username",
		   shown(dev, DEVICE_USERNAME, INFO_USERNAME));
	js_set_str(o, "user_name", n->user);
	js_set_str(o, "group_name", n->user_group);
	js_set_str(o, "device_group_name", n->device_group);
	js_set_str(o, "strategy_name", n->strategy);
	js_set_str(o, "note", doc_text(dev, DEVICE_NOTE));
	js_set_int(o, "status", doc_int(dev, DEVICE_STATUS, 1));
	js_set_bool(o, "approved", *doc_text(dev, DEVICE_TRUSTED_KEY) != 0);
	doc_show(o, dev, DEVICE_INFO.of);
	js_set_bool(o, "is_online", p.online);
	/* Without a presence it was last seen when it was added. */
	text_time(p.last_s ? p.last_s : doc_int(dev, ANY_CREATED_AT, 0) / 1000,
		  last);
	js_set_str(o, "last_online", last);
	js_set_int(o, "created_at", doc_int(dev, ANY_CREATED_AT, 0) / 1000);
	return o;
}

/* What the document alone can tell, before names are looked up. */
static bool matches_own(struct call *c, const struct doc *dev)
{
	return text_like(call_query(c, "id"), doc_text(dev, DEVICE_ID)) &&
	       text_like(call_query(c, "device_name"),
			 shown(dev, DEVICE_NAME, INFO_HOSTNAME)) &&
	       text_like(call_query(c, "device_username"),
			 shown(dev, DEVICE_USERNAME, INFO_USERNAME));
}

static bool matches_names(struct call *c, const struct device_names *n)
{
	return text_like(call_query(c, "user_name"), n->user) &&
	       text_like(call_query(c, "group_name"), n->user_group) &&
	       text_like(call_query(c, "device_group_name"), n->device_group);
}

struct listing {
	struct call *c;
	struct page page;
	const char **guids; /* of those on the page */
	size_t n;
};

static bool list_some(void *ctx, struct doc **devs, size_t n)
{
	struct listing *l = ctx;
	struct call *c = l->c;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (matches_own(c, devs[i]))
			devs[kept++] = devs[i];
	struct named by = named_by(&c->db, devs, kept);
	for (size_t i = 0; i < kept; i++) {
		struct device_names names = names_at(&by, i);
		struct target t = target_owned(devs[i], by.owners[i]);

		if (matches_names(c, &names) &&
		    call_may(c, PERM_DEVICE_VIEW, &t) && page_take(&l->page))
			l->guids[l->n++] = pool_strdup(&c->pool, devs[i]->guid);
	}
	return true;
}

/* The devices of GUIDS, which are the page. */
static int answer(struct call *c, struct page *p, const char *const *guids,
		  size_t n)
{
	struct doc **devs = doc_many(&c->db, DOC_DEVICE, guids, n, &n);
	struct named by = named_by(&c->db, devs, n);
	const char **ids = pool_alloc(&c->pool, (n + 1) * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = doc_text(devs[i], DEVICE_ID);
	struct peer_seen *seen = peers_seen(c, ids, n);
	for (size_t i = 0; i < n; i++) {
		struct device_names names = names_at(&by, i);

		js_push(p->data, device_view(devs[i], &names, seen[i]));
	}
	return page_answer(c, p);
}

static bool filtered(const struct call *c)
{
	static const char *const names[] = {
		"id",         "device_name",     "user_name",
		"group_name", "device_username", "device_group_name"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *v = call_query(c, names[i]);

		if (v && *v)
			return true;
	}
	return false;
}

int devices_list(struct call *c)
{
	struct listing l = { .c = c };

	page_init(c, &l.page);
	/* Without filters one page is read, not the whole inventory. */
	if (!filtered(c) && call_may_all(c, PERM_DEVICE_VIEW)) {
		l.guids = doc_page(&c->db, DOC_DEVICE, l.page.start,
				   l.page.size, &l.n);
		l.page.total = doc_total(&c->db, DOC_DEVICE);
	} else {
		l.guids = pool_alloc(&c->pool,
				     (l.page.size + 1) * sizeof(*l.guids));
		doc_chunks(&c->db, DOC_DEVICE, list_some, &l);
	}
	return answer(c, &l.page, l.guids, l.n);
}

/* The device of the path, if the caller has P; else answered and NULL. */
struct doc *device_open(struct call *c, enum perm p)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, c->param[0]);

	if (!dev) {
		call_missing(c);
		return NULL;
	}
	struct target t = target_device(&c->db, dev);
	if (call_may(c, p, &t))
		return dev;
	call_forbidden(c);
	return NULL;
}

int devices_show(struct call *c)
{
	struct doc *dev = device_open(c, PERM_DEVICE_VIEW);

	if (!dev)
		return 0;
	struct named by = named_by(&c->db, &dev, 1);
	struct device_names names = names_at(&by, 0);
	return call_json(c,
			 device_view(dev, &names,
				     peer_seen(c, doc_text(dev, DEVICE_ID))));
}

static int set_status(struct call *c, int status)
{
	struct doc *dev = device_open(c, PERM_DEVICE_ENABLE);
	struct tx t;

	if (!dev)
		return 0;
	doc_set_int(dev, DEVICE_STATUS, status);
	tx_init(&t, &c->db);
	device_save(&t, dev);
	journal_write(&t, c, CONSOLE_DEVICE,
		      status ? CONSOLE_ENABLE_DEVICE : CONSOLE_DISABLE_DEVICE,
		      doc_text(dev, DEVICE_ID));
	return call_result(c, tx_commit(&t));
}

int devices_enable(struct call *c)
{
	return set_status(c, 1);
}

int devices_disable(struct call *c)
{
	return set_status(c, 0);
}

void device_bury(struct tx *t, struct call *c, struct doc *dev)
{
	const char *id = doc_text(dev, DEVICE_ID);

	device_remove(t, dev);
	tx_do(t, "HSET", KEY_DEVICE_DELETED, dev->guid, id, NULL);
	rows_device_gone(t, id);
	journal_write(t, c, CONSOLE_DEVICE, CONSOLE_DELETE_DEVICE, id);
}

int devices_delete(struct call *c)
{
	struct doc *dev = device_open(c, PERM_DEVICE_DELETE);
	struct tx t;

	if (!dev)
		return 0;
	if (doc_int(dev, DEVICE_STATUS, 1) != 0)
		return call_error(c, 400, "Disable the device first");
	if (peer_seen(c, doc_text(dev, DEVICE_ID)).online)
		return call_error(c, 400, "The device is online");
	tx_init(&t, &c->db);
	device_bury(&t, c, dev);
	return call_result(c, tx_commit(&t));
}

/* Deleted devices stay away until somebody takes them off this list. */
int devices_deleted(struct call *c)
{
	const struct redis_reply *r =
		db_do(&c->db, "HGETALL", KEY_DEVICE_DELETED, NULL);
	struct page p;

	page_init(c, &p);
	for (size_t i = 0; i + 1 < db_count(r); i += 2) {
		if (!page_take(&p))
			continue;
		struct json_object *o = json_object_new_object();
		js_set_str(o, "guid", db_text(db_item(r, i)));
		js_set_str(o, "id", db_text(db_item(r, i + 1)));
		js_push(p.data, o);
	}
	return page_answer(c, &p);
}

int devices_restore(struct call *c)
{
	const char *guid = c->param[0];
	const char *id =
		db_text(db_do(&c->db, "HGET", KEY_DEVICE_DELETED, guid, NULL));
	struct tx t;

	if (!id)
		return call_missing(c);
	tx_init(&t, &c->db);
	tx_expect(&t, KEY_DEVICE_DELETED, guid, id);
	tx_do(&t, "HDEL", KEY_DEVICE_DELETED, guid, NULL);
	rows_device_forget(&t, id);
	journal_write(&t, c, CONSOLE_DEVICE, CONSOLE_ADD_DEVICE, id);
	return call_result(c, tx_commit(&t));
}
