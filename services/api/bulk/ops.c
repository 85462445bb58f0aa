#include "services/api/bulk/ops.h"

#include <stdlib.h>
#include <string.h>

#include "services/api/bulk/bulk.h"
#include "services/api/core/auth.h"

enum { TEXT_MAX = 300 }; /* as /api/devices/{guid}/assign takes it */

const struct bulk_op *bulk_op_find(const struct bulk_op *ops, size_t n,
				   const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	return NULL;
}

const char *bulk_op_value(struct call *c, const struct bulk_op *op,
			  const char *text, const char **value)
{
	*value = op->value ? op->value : text;
	if (op->value || op->removes)
		return NULL;
	if (op->ref == DOC_KINDS)
		return text_is_name(text, 0, TEXT_MAX)
			       ? NULL
			       : "Invalid format: value";
	*value = *text && strcmp(text, "-") != 0
			 ? doc_guid_by_name(&c->db, op->ref, text)
			 : "";
	return *value ? NULL : "Does not exist: value";
}

static bool gone(struct call *c, const struct bulk_op *op, const char *value)
{
	return op->ref != DOC_KINDS && !op->removes && !op->value && *value &&
	       !doc_get(&c->db, op->ref, value);
}

bool bulk_op_gone(struct call *c, const struct bulk_op *op,
		  const struct bulk_job *j, struct bulk_row *rows, size_t n)
{
	if (j->undo || !gone(c, op, j->value))
		return false;
	for (size_t i = 0; i < n; i++)
		bulk_refuse(&rows[i], "Does not exist: value");
	return true;
}

static const char *get(struct call *c, const struct bulk_op *op,
		       const struct doc *doc, struct field_int status)
{
	return op->field ? doc_text(doc, *op->field)
			 : call_fmt(c, "%d", (int)doc_int(doc, status, 1));
}

bool bulk_op_apply(struct call *c, const struct bulk_op *op,
		   const struct bulk_job *j, struct bulk_row *r,
		   struct doc *doc, struct field_int status)
{
	/* Setting it frees the text that the document has. */
	const char *have = pool_strdup(&c->pool, get(c, op, doc, status));
	const char *want = j->undo ? js_text(r->in, "was") : j->value;

	if (j->undo && strcmp(have, js_text(r->in, "now")) != 0)
		return !bulk_refuse(r, "Somebody has changed it since");
	if (j->undo && gone(c, op, want))
		return !bulk_refuse(r, "What it was does not exist any more");
	if (strcmp(have, want) == 0)
		return false;
	if (op->field)
		doc_set_text(doc, *op->field, want);
	else
		doc_set_int(doc, status, strtol(want, NULL, 10));
	r->was = have;
	r->now = want;
	r->result = BULK_CHANGED;
	return true;
}

struct json_object **bulk_guid_rows(struct call *c, size_t *n)
{
	struct json_object *guids = js_arr(c->in, "guids");
	struct json_object *seen = call_object(c);
	struct json_object **rows = pool_alloc(
		&c->pool, (js_len(guids) + 1) * sizeof(struct json_object *));

	*n = 0;
	for (size_t i = 0; i < js_len(guids); i++) {
		const char *guid = js_at(guids, i);

		if (js_has(seen, guid))
			continue;
		js_set_bool(seen, guid, true);
		rows[*n] = call_object(c);
		js_set_str(rows[(*n)++], "guid", guid);
	}
	return rows;
}

const char **bulk_guids_of(struct call *c, const struct bulk_row *rows,
			   size_t n)
{
	const char **out = pool_alloc(&c->pool, (n + 1) * sizeof(*out));

	for (size_t i = 0; i < n; i++)
		out[i] = js_text(rows[i].in, "guid");
	return out;
}

int bulk_op_run(struct call *c, const char *kind, const struct bulk_op *op,
		struct json_object **(*rows_of)(struct call *c, size_t *n))
{
	struct bulk_job j = { .kind = kind, .target = "" };
	size_t n;
	int r;

	if (!op)
		return call_error(c, 400, "Invalid format: op");
	if (op->drastic && !auth_fresh(c))
		return call_reauth(c);
	if (bulk_under_way(c, &r))
		return r;
	const char *bad =
		bulk_op_value(c, op, js_text(c->in, "value"), &j.value);
	if (bad)
		return call_error(c, 400, bad);
	struct json_object **rows = rows_of(c, &n);
	if (!rows)
		return 0;
	j.id = js_text(c->in, "id");
	j.op = op->name;
	return bulk_run(c, &j, rows, n);
}
