#include <string.h>

#include "services/api/bulk/devices.h"
#include "services/api/bulk/import.h"
#include "services/api/core/schema.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/device/retired.h"
#include "services/api/journal/journal.h"

/* Each but the id is an operation of devices.c. */
const struct schema_field import_device[] = { MUST_STR("id", 100),
					      STR("device_name", 300),
					      STR("device_username", 300),
					      STR("user_name", 128),
					      STR("device_group_name", 128),
					      STR("strategy_name", 128),
					      STR("note", 300),
					      STR("status", 8),
					      { 0 } };

/* A machine that hbbs knows and the inventory does not. */
static struct doc *unlisted(struct call *c, const char *id)
{
	struct peer p;

	/* What was taken out of the inventory comes back by its own routes,
	 * which want rights of their own. */
	if (!peer_load(&c->db, id, &p) || p.no_register ||
	    device_deleted(&c->db, p.guid) ||
	    doc_get(&c->db, DOC_DEVICE, p.guid) || retired_take(&c->db, p.guid))
		return NULL;
	return device_new(c, id, &p);
}

static const struct bulk_op *op_of(const char *member, const char *text)
{
	if (strcmp(member, "status") != 0)
		return bulk_devices_op(member);
	return strcmp(text, "1") == 0   ? bulk_devices_op("enable")
	       : strcmp(text, "0") == 0 ? bulk_devices_op("disable")
					: NULL;
}

/* NULL: MEMBER of DEV is TEXT from now on. */
static const char *set(struct call *c, struct bulk_row *r, struct doc *dev,
		       const struct target *to, const char *member,
		       const char *text)
{
	const struct bulk_op *op = op_of(member, text);
	struct bulk_job j = { 0 };
	const char *bad = op ? bulk_op_value(c, op, text, &j.value)
			     : "Invalid format: status";

	if (bad)
		return *text && op && op->ref != DOC_KINDS
			       ? call_fmt(c, "Does not exist: %s", text)
			       : bad;
	if (!bulk_op_apply(c, op, &j, r, dev, DEVICE_STATUS))
		return NULL;
	if (!call_may(c, op->perm, to))
		return "Permission denied";
	const char *was = r->was;
	if (r->changes && op->ref != DOC_KINDS)
		was = doc_name_of(&c->db, op->ref, was);
	bulk_note(r, member, was, text);
	return NULL;
}

static const char *take(struct call *c, struct tx *t, struct bulk_row *r,
			struct doc *dev, const struct target *to)
{
	bool fresh = !dev->raw;

	if (fresh && !call_may(c, PERM_DEVICE_ASSIGN, to))
		return "Permission denied";
	for (struct js_each m = js_each(r->in); js_next(&m);) {
		const char *bad = NULL;

		if (strcmp(m.key, "id") != 0)
			bad = set(c, r, dev, to, m.key, js_text(r->in, m.key));
		if (bad)
			return bad;
	}
	r->was = NULL; /* it may be more than one member */
	if (!fresh && !doc_changed(dev))
		return NULL;
	r->result = fresh ? BULK_CREATED : BULK_CHANGED;
	device_save(t, dev);
	journal_write(t, c, CONSOLE_DEVICE,
		      fresh ? CONSOLE_ADD_DEVICE : CONSOLE_UPDATE_DEVICE,
		      doc_text(dev, DEVICE_ID));
	return NULL;
}

void import_devices_plan(struct call *c, struct tx *t, const struct bulk_job *j,
			 struct bulk_row *rows, size_t n)
{
	const char **ids = pool_alloc(&c->pool, (n + 1) * sizeof(*ids));

	(void)j;
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].name = js_text(rows[i].in, "id");
	struct doc **devs = devices_by_id(&c->db, ids, n);
	struct doc **owners =
		doc_named(&c->db, DOC_USER, devs, n, DEVICE_OWNER);
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];
		struct doc *dev = devs[i];

		if (bulk_refuse(r, schema_check(&c->pool, import_device, r->in,
						true)))
			continue;
		if (!dev)
			dev = unlisted(c, ids[i]);
		if (!dev) {
			bulk_refuse(r, "Device is not registered yet");
			continue;
		}
		struct target to = devs[i] ? target_owned(dev, owners[i])
					   : target_device(&c->db, dev);
		/* Who may not see it does not learn what it has. */
		if (devs[i] && !call_may(c, PERM_DEVICE_VIEW, &to)) {
			bulk_refuse(r, "Permission denied");
			continue;
		}
		r->guid = dev->guid;
		bulk_refuse(r, take(c, t, r, dev, &to));
	}
}
