#include "services/api/bulk/devices.h"

#include <string.h>

#include "services/api/core/target.h"
#include "services/api/device/device_admin.h"
#include "services/api/device/devices.h"
#include "services/api/device/retire.h"
#include "services/api/device/retired.h"
#include "services/api/web/devices.h"
#include "services/api/web/watch.h"

#define SETS(name, perm, field, ref)                                           \
	{                                                                      \
		name, PERM_DEVICE_##perm, CONSOLE_UPDATE_DEVICE,               \
			&DEVICE_##field, ref, NULL, false, false               \
	}

/* The names are those of POST /api/devices/{guid}/assign. */
static const struct bulk_op ops[] = {
	{ "enable", PERM_DEVICE_ENABLE, CONSOLE_ENABLE_DEVICE, NULL, DOC_KINDS,
	  "1", false, false },
	{ "disable", PERM_DEVICE_ENABLE, CONSOLE_DISABLE_DEVICE, NULL,
	  DOC_KINDS, "0", false, false },
	SETS("user_name", ASSIGN, OWNER, DOC_USER),
	SETS("device_group_name", GROUP, GROUP, DOC_DEVICE_GROUP),
	SETS("strategy_name", STRATEGY, STRATEGY, DOC_STRATEGY),
	SETS("note", INFO, NOTE, DOC_KINDS),
	SETS("device_name", INFO, NAME, DOC_KINDS),
	SETS("device_username", INFO, USERNAME, DOC_KINDS),
	{ "retire", PERM_DEVICE_DELETE, CONSOLE_DELETE_DEVICE, NULL, DOC_KINDS,
	  NULL, true, false },
	{ "delete", PERM_DEVICE_DELETE, CONSOLE_DELETE_DEVICE, NULL, DOC_KINDS,
	  NULL, true, true },
};

const struct bulk_op *bulk_devices_op(const char *name)
{
	return bulk_op_find(ops, ARRAY_LEN(ops), name);
}

static bool is_retire(const struct bulk_op *op)
{
	return op->removes && !op->drastic;
}

/* What DEV has to be for OP to remove it. NULL: it is. */
static const char *unfit(struct call *c, const struct bulk_op *op,
			 const struct doc *dev, const struct target *t,
			 bool online)
{
	if (online)
		return "The device is online";
	if (!is_retire(op) && doc_int(dev, DEVICE_STATUS, 1) != 0 &&
	    !call_may(c, PERM_DEVICE_ENABLE, t))
		return "Disable the device first";
	return NULL;
}

static void remove_one(struct call *c, struct tx *t, const struct bulk_op *op,
		       struct bulk_row *r, struct doc *dev)
{
	if (is_retire(op)) {
		retire_now(t, c, dev);
		r->was = "listed";
		r->now = "retired";
	} else {
		device_bury(t, c, dev);
	}
	r->result = BULK_CHANGED;
}

static void change_one(struct call *c, struct tx *t, const struct bulk_op *op,
		       const struct bulk_job *j, struct bulk_row *r,
		       struct doc *dev)
{
	if (!bulk_op_apply(c, op, j, r, dev, DEVICE_STATUS))
		return;
	device_save(t, dev);
	/* An undone "disable" enables. */
	enum console_op iop = op->field ? op->iop
			      : doc_int(dev, DEVICE_STATUS, 1)
				      ? CONSOLE_ENABLE_DEVICE
				      : CONSOLE_DISABLE_DEVICE;
	journal_write(t, c, CONSOLE_DEVICE, iop, doc_text(dev, DEVICE_ID));
}

/* Undoes "retire". */
static void take_back(struct call *c, struct tx *t, struct bulk_row *rows,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];
		struct doc *dev;

		r->guid = r->name = js_text(r->in, "guid");
		dev = retired_take(&c->db, r->guid);
		if (!dev) {
			bulk_refuse(r, "Not found");
			continue;
		}
		r->name = doc_text(dev, DEVICE_ID);
		struct target to = target_device(&c->db, dev);
		if (!call_may(c, PERM_DEVICE_DELETE, &to))
			bulk_refuse(r, "Permission denied");
		else if (!bulk_refuse(r, retire_back(t, c, dev)))
			r->result = BULK_CHANGED;
	}
}

static void plan_each(struct call *c, struct tx *t, const struct bulk_op *op,
		      const struct bulk_job *j, struct bulk_row *rows, size_t n)
{
	struct db *d = &c->db;
	struct doc **devs =
		doc_each_for(d, DOC_DEVICE, bulk_guids_of(c, rows, n), n);
	struct doc **owners = doc_named(d, DOC_USER, devs, n, DEVICE_OWNER);
	const char **ids = pool_alloc(&c->pool, (n + 1) * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = doc_text(devs[i], DEVICE_ID);
	struct peer_seen *seen = op->removes ? peers_seen(c, ids, n) : NULL;
	for (size_t i = 0; i < n; i++) {
		struct bulk_row *r = &rows[i];

		r->guid = js_text(r->in, "guid");
		r->name = *ids[i] ? ids[i] : r->guid;
		if (!devs[i]) {
			bulk_refuse(r, "Not found");
			continue;
		}
		struct target to = target_owned(devs[i], owners[i]);
		if (!call_may(c, op->perm, &to))
			bulk_refuse(r, "Permission denied");
		else if (!op->removes)
			change_one(c, t, op, j, r, devs[i]);
		else if (!bulk_refuse(
				 r, unfit(c, op, devs[i], &to, seen[i].online)))
			remove_one(c, t, op, r, devs[i]);
	}
}

void bulk_devices_plan(struct call *c, struct tx *t, const struct bulk_job *j,
		       struct bulk_row *rows, size_t n)
{
	const struct bulk_op *op = bulk_devices_op(j->op);

	if (!op || bulk_op_gone(c, op, j, rows, n))
		return;
	if (j->undo && op->removes)
		take_back(c, t, rows, n);
	else
		plan_each(c, t, op, j, rows, n);
}

/* The rows of all devices that the query matches. NULL: answered. */
static struct json_object **matching_rows(struct call *c, size_t *n)
{
	struct index_page found;

	if (web_devices_find(c, BULK_ROWS_MAX, &found) < 0)
		return NULL;
	struct json_object **rows = pool_alloc(
		&c->pool, (found.n + 1) * sizeof(struct json_object *));
	for (size_t i = 0; i < found.n; i++) {
		rows[i] = call_object(c);
		js_set_str(rows[i], "guid", found.rows[i].guid);
	}
	*n = found.n;
	index_page_free(&found);
	return rows;
}

int bulk_devices(struct call *c)
{
	const struct bulk_op *op = bulk_devices_op(js_text(c->in, "op"));
	bool matching = js_bool(c->in, "matching", false);

	if (op && matching == js_has(c->in, "guids"))
		return call_error(c, 400, "Either guids or matching is needed");
	return bulk_op_run(c, "devices", op,
			   matching ? matching_rows : bulk_guid_rows);
}
