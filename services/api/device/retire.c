#include "services/api/device/retire.h"

#include <errno.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/target.h"
#include "services/api/device/device_admin.h"
#include "services/api/device/devices.h"
#include "services/api/device/retired.h"
#include "services/api/journal/journal.h"

void retire_add(struct tx *t, struct doc *dev, const char *by, int64_t now_s)
{
	struct json_object *kept = js_clone(dev->j);

	pool_json(t->db->pool, kept);
	field_set_int(kept, DEVICE_RETIRED_AT, now_s);
	field_set_text(kept, DEVICE_RETIRED_BY, by);
	device_remove(t, dev);
	tx_do(t, "HSET", KEY_DEVICE_RETIRED, dev->guid, js_dump(kept), NULL);
}

void retire_now(struct tx *t, struct call *c, struct doc *dev)
{
	retire_add(t, dev, doc_text(c->who.user, USER_NAME),
		   (int64_t)(c->now_ms / 1000));
	journal_write(t, c, CONSOLE_DEVICE, CONSOLE_DELETE_DEVICE,
		      call_fmt(c, "%s (retired)", doc_text(dev, DEVICE_ID)));
}

const char *retire_back(struct tx *t, struct call *c, struct doc *dev)
{
	if (device_by_id(&c->db, doc_text(dev, DEVICE_ID)))
		return "Another device has its ID now";
	device_save(t, dev);
	journal_write(t, c, CONSOLE_DEVICE, CONSOLE_ENABLE_DEVICE,
		      call_fmt(c, "%s (back)", doc_text(dev, DEVICE_ID)));
	return NULL;
}

int retire_device(struct call *c)
{
	struct doc *dev = device_open(c, PERM_DEVICE_DELETE);
	struct tx t;

	if (!dev)
		return 0;
	if (peer_seen(c, doc_text(dev, DEVICE_ID)).online)
		return call_error(c, 400, "The device is online");
	tx_init(&t, &c->db);
	retire_now(&t, c, dev);
	return call_result(c, tx_commit(&t));
}

static struct json_object *view(const struct doc *dev)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", dev->guid);
	doc_show(o, dev, DEVICE_ID.of);
	js_set_str(o, "device_name", device_title(dev));
	doc_show(o, dev, DEVICE_NOTE.of);
	doc_show(o, dev, DEVICE_RETIRED_AT.of);
	doc_show(o, dev, DEVICE_RETIRED_BY.of);
	return o;
}

/* In the order of Redis: what a page leaves out is not read. */
int retire_list(struct call *c)
{
	const struct redis_reply *keys =
		db_do(&c->db, "HKEYS", KEY_DEVICE_RETIRED, NULL);
	struct page p;
	size_t n = 0;

	page_init(c, &p);
	if (!keys)
		return -EIO;
	const char **guids =
		pool_alloc(&c->pool, (p.size + 1) * sizeof(*guids));
	for (size_t i = 0; i < db_count(keys); i++)
		if (page_take(&p))
			guids[n++] = db_text(db_item(keys, i));
	struct doc **devs = retired_many(&c->db, guids, n, &n);
	for (size_t i = 0; i < n; i++)
		js_push(p.data, view(devs[i]));
	return page_answer(c, &p);
}

int retire_restore(struct call *c)
{
	const char *guid = c->param[0];
	struct doc *dev = retired_take(&c->db, guid);
	struct tx t;

	if (!dev)
		return call_missing(c);
	struct target to = target_device(&c->db, dev);
	if (!call_may(c, PERM_DEVICE_DELETE, &to))
		return call_forbidden(c);
	tx_init(&t, &c->db);
	const char *bad = retire_back(&t, c, dev);
	if (bad)
		return call_error(c, 400, bad);
	return call_result(c, tx_commit(&t));
}
