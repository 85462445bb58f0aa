#include "services/api/device/devices.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "common/site/statekey.h"
#include "services/api/core/options.h"
#include "services/api/core/rows.h"
#include "services/api/device/clones.h"
#include "services/api/device/retired.h"

const char *device_title(const struct doc *dev)
{
	const char *name = doc_text(dev, DEVICE_NAME);

	return *name ? name
		     : field_text(doc_obj(dev, DEVICE_INFO), INFO_HOSTNAME);
}

struct doc *device_by_id(struct db *d, const char *id)
{
	return doc_by_name(d, DOC_DEVICE, id);
}

struct doc **devices_by_id(struct db *d, const char *const *ids, size_t n)
{
	const char **argv = pool_alloc(d->pool, (n + 2) * sizeof(*argv));
	const char **guids = pool_alloc(d->pool, (n + 1) * sizeof(*guids));

	argv[0] = "HMGET";
	argv[1] = doc_name_key(DOC_DEVICE);
	for (size_t i = 0; i < n; i++) {
		char low[DOC_NAME_MAX * 2];

		text_lower(low, sizeof(low), ids[i]);
		argv[i + 2] = pool_strdup(d->pool, low);
	}
	const struct redis_reply *r =
		n ? db_argv(d, (int)n + 2, argv, NULL) : NULL;
	for (size_t i = 0; i < n; i++)
		guids[i] = db_text(db_item(r, i));
	return doc_each_for(d, DOC_DEVICE, guids, n);
}

struct doc *device_new(struct call *c, const char *id, const struct peer *p)
{
	const struct field_text empty[] = { DEVICE_OWNER,    DEVICE_GROUP,
					    DEVICE_STRATEGY, DEVICE_NOTE,
					    DEVICE_NAME,     DEVICE_USERNAME };
	struct doc *was = retired_take(&c->db, p->guid);

	if (was)
		return was;
	struct doc *dev = doc_new(&c->db, DOC_DEVICE, c->now_ms);
	char uuid[PEER_UUID_MAX * 4 / 3 + 8];

	strcpy(dev->guid, p->guid);
	doc_set_text(dev, ANY_GUID, p->guid);
	doc_set_text(dev, DEVICE_ID, id);
	text_base64(p->uuid, p->uuid_len, uuid, sizeof(uuid));
	doc_set_text(dev, DEVICE_UUID, uuid);
	doc_set_int(dev, DEVICE_STATUS, 1);
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		doc_set_text(dev, empty[i], "");
	doc_set_obj(dev, DEVICE_INFO, json_object_new_object());
	return dev;
}

const char *devices_owner_key(struct db *d, const char *user)
{
	return pool_printf(d->pool, KEY_DEVICE_OWNER, user);
}

const char *devices_group_key(struct db *d, const char *group)
{
	return pool_printf(d->pool, KEY_DEVICE_GROUP, group);
}

static void move(struct tx *t, const char *guid, const char *was,
		 const char *now,
		 const char *(*key)(struct db *d, const char *of))
{
	if (strcmp(was, now) == 0)
		return;
	if (*was)
		tx_do(t, "SREM", key(t->db, was), guid, NULL);
	if (*now)
		tx_do(t, "SADD", key(t->db, now), guid, NULL);
}

/* The policy row of ID is another device's: the record of hbbs says so. */
static bool others(struct tx *t, const char *id, const char *guid)
{
	struct peer p;

	return peer_load(t->db, id, &p) && strcmp(p.guid, guid) != 0;
}

/* The row of the id that DEV had; it goes only if nobody takes the id in the
 * meantime. */
static void forget_row(struct tx *t, const char *id, const char *guid)
{
	char key[STATEKEY_MAX];
	struct peer p;

	if (peer_load(t->db, id, &p)) {
		if (strcmp(p.guid, guid) == 0)
			rows_device_forget(t, id);
		return;
	}
	if (text_is_id(id))
		tx_expect(t, statekey_peer(id, strlen(id), key), id, NULL);
	rows_device_forget(t, id);
}

void device_save(struct tx *t, struct doc *dev)
{
	const struct doc *old = doc_old(t->db, dev);

	doc_save(t, dev);
	move(t, dev->guid, doc_text(old, DEVICE_OWNER),
	     doc_text(dev, DEVICE_OWNER), devices_owner_key);
	move(t, dev->guid, doc_text(old, DEVICE_GROUP),
	     doc_text(dev, DEVICE_GROUP), devices_group_key);
	if (old &&
	    strcmp(doc_text(old, DEVICE_ID), doc_text(dev, DEVICE_ID)) != 0)
		forget_row(t, doc_text(old, DEVICE_ID), dev->guid);
	tx_do(t, "HDEL", KEY_DEVICE_DELETED, dev->guid, NULL);
	tx_do(t, "HDEL", KEY_DEVICE_RETIRED, dev->guid, NULL);
	if (!others(t, doc_text(dev, DEVICE_ID), dev->guid))
		rows_device(t, dev);
}

void device_forget_wish(struct tx *t, const char *guid)
{
	tx_do(t, "HDEL", KEY_DEVICE_WISH, guid, NULL);
	tx_do(t, "ZREM", KEY_DEVICE_WISHES, guid, NULL);
}

/* Its connections are not listed as open any more. */
static void forget_open(struct tx *t, const char *key)
{
	const struct redis_reply *r = db_do(t->db, "HVALS", key, NULL);

	for (size_t i = 0; i < db_count(r); i++) {
		const char *row = db_text(db_item(r, i));

		if (row && strlen(row) >= GUID_TEXT - 1)
			tx_do(t, "ZREM", KEY_OPEN_ALL,
			      pool_memdup(t->db->pool, row, GUID_TEXT - 1),
			      NULL);
	}
}

void device_remove(struct tx *t, struct doc *dev)
{
	const struct doc *old = doc_old(t->db, dev);

	doc_delete(t, dev);
	device_forget_wish(t, dev->guid);
	clones_forget(t, dev->guid);
	move(t, dev->guid, doc_text(old, DEVICE_OWNER), "", devices_owner_key);
	move(t, dev->guid, doc_text(old, DEVICE_GROUP), "", devices_group_key);
	const char *open = pool_printf(t->db->pool, KEY_OPEN, dev->guid);
	forget_open(t, open);
	tx_do(t, "DEL", pool_printf(t->db->pool, KEY_KICK, dev->guid), NULL);
	tx_do(t, "DEL", open, NULL);
}

bool device_deleted(struct db *d, const char *guid)
{
	return db_text(db_do(d, "HGET", KEY_DEVICE_DELETED, guid, NULL));
}

void devices_claim(struct tx *t, struct call *c, const struct doc *user)
{
	const char *id = js_text(c->in, "id");
	struct peer p;

	if (!peer_load(&c->db, id, &p) || p.no_register ||
	    !peer_same_machine(&p, js_text(c->in, "uuid")) ||
	    !field_bool(options_get(&c->db, "general"), GENERAL_ASSIGN_ON_LOGIN,
			true))
		return;
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, p.guid);
	if (!dev && device_by_id(&c->db, id))
		return; /* the next sysinfo settles whose id it is */
	if (!dev)
		dev = device_new(c, id, &p);
	if (*doc_text(dev, DEVICE_OWNER))
		return;
	doc_set_text(dev, DEVICE_OWNER, user->guid);
	device_save(t, dev);
}

static int clear_all(struct tx *t, const char *set, struct field_text field)
{
	const struct redis_reply *r = db_do(t->db, "SMEMBERS", set, NULL);
	const char *guids[DEVICES_RELEASE_MAX];
	size_t n = db_count(r);

	if (n > DEVICES_RELEASE_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++)
		guids[i] = db_text(db_item(r, i));
	struct doc **devs = doc_many(t->db, DOC_DEVICE, guids, n, &n);
	for (size_t i = 0; i < n; i++) {
		doc_set_text(devs[i], field, "");
		device_save(t, devs[i]);
	}
	return 0;
}

int devices_release(struct tx *t, const char *user)
{
	return clear_all(t, devices_owner_key(t->db, user), DEVICE_OWNER);
}

int devices_ungroup(struct tx *t, const char *group)
{
	return clear_all(t, devices_group_key(t->db, group), DEVICE_GROUP);
}

const char *device_platform(const char *os)
{
	static const struct {
		const char *begins, *name;
	} known[] = { { "windows", "Windows" },
		      { "linux", "Linux" },
		      { "macos", "Mac OS" },
		      { "android", "Android" } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strncasecmp(os, known[i].begins, strlen(known[i].begins)) ==
		    0)
			return known[i].name;
	return strcasestr(os, "linux") ? "Linux" : "";
}
