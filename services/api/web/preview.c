#include "services/api/web/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/policy_row.h"
#include "services/api/account/users.h"
#include "services/api/client/assign.h"
#include "services/api/core/dispatch.h"
#include "services/api/device/device_admin.h"
#include "services/api/policy/control_roles.h"
#include "services/api/policy/groups.h"
#include "services/api/rules/reach.h"

/* Each writes by one transaction and nothing else. */
static int (*const allowed[])(struct call *c) = {
	groups_user_create,   groups_user_update,   groups_user_delete,
	groups_user_add,      groups_device_create, groups_device_update,
	groups_device_delete, groups_device_add,    groups_device_remove,
	control_roles_update, control_roles_delete, users_update,
	users_enable,         users_disable,        users_delete,
	assign_device,        devices_enable,       devices_disable,
};

static const char *const tables[] = {
	[REACH_SETTINGS] = POLICY_SETTINGS, [REACH_ROLE] = POLICY_ROLES,
	[REACH_GROUP] = POLICY_GROUPS,      [REACH_USER] = POLICY_USERS,
	[REACH_DEVICE] = POLICY_DEVICES,
};

/* A row that the change writes; NULL: it takes it away. */
struct change {
	enum reach_table table;
	const char *key, *row;
	bool used;
};

struct preview {
	struct call *c;
	struct reach *reach;
	struct change *changes;
	size_t n;
};

/* The rows of policy among what T writes: tx_argv() lays it out. */
static void take_changes(struct preview *p, const struct tx *t)
{
	const char *const *op = t->ops.argv;

	for (size_t i = 0; i < t->op_keys.n; i++) {
		int words = atoi(op[0]);

		for (size_t k = 0; k < REACH_TABLES; k++)
			if (strcmp(tables[k], t->op_keys.argv[i]) == 0)
				p->changes[p->n++] = (struct change){
					.table = (enum reach_table)k,
					.key = op[2],
					.row = strcmp(op[1], "HSET") == 0
						       ? op[3]
						       : NULL,
				};
		op += 1 + words;
	}
}

static int by_key(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return x->table != y->table ? (int)x->table - (int)y->table
				    : strcmp(x->key, y->key);
}

/* What is to become of KEY; NULL: it stays. */
static struct change *change_of(struct preview *p, enum reach_table table,
				const char *key)
{
	struct change want = { .table = table, .key = key };

	return bsearch(&want, p->changes, p->n, sizeof(want), by_key);
}

static int give(struct preview *p, enum reach_table table, const char *key,
		const char *row)
{
	struct change *ch = change_of(p, table, key);

	if (ch)
		ch->used = true;
	int r = reach_row(p->reach, table, key, row, ch ? ch->row : row);
	return r == -EEXIST ? 0 : r;
}

/* One part of TABLE; its memory ends with it. CURSOR is where it begins and
 * then where the next one does. */
static int read_part(struct preview *p, enum reach_table table, char *cursor,
		     size_t size)
{
	struct call *c = p->c;
	struct pool part = { 0 };
	int e = 0;

	c->db.pool = &part;
	const struct redis_reply *r = db_do(&c->db, "HSCAN", tables[table],
					    cursor, "COUNT", "1000", NULL);
	const struct redis_reply *rows = db_item(r, 1);
	if (!r)
		e = -EIO;
	for (size_t i = 0; i + 1 < db_count(rows) && e == 0; i += 2) {
		const char *key = db_text(db_item(rows, i));
		const char *row = db_text(db_item(rows, i + 1));

		e = key && row ? give(p, table, key, row) : -EINVAL;
	}
	if (e == 0)
		snprintf(cursor, size, "%s", db_text(db_item(r, 0)));
	c->db.pool = &c->pool;
	pool_fini(&part);
	return e;
}

static int read_table(struct preview *p, enum reach_table table)
{
	char cursor[24] = "0";
	int e;

	do
		e = read_part(p, table, cursor, sizeof(cursor));
	while (e == 0 && strcmp(cursor, "0") != 0);
	/* And what the change makes anew. */
	for (size_t i = 0; i < p->n && e == 0; i++)
		if (p->changes[i].table == table && !p->changes[i].used) {
			e = reach_row(p->reach, table, p->changes[i].key, NULL,
				      p->changes[i].row);
			/* A list may name it twice. */
			e = e == -EEXIST ? 0 : e;
		}
	return e;
}

static struct json_object *kinds_of(unsigned bits)
{
	struct json_object *a = json_object_new_array();

	for (unsigned k = 0; k < REACH_KINDS; k++)
		if (bits >> k & 1)
			js_push_str(a, policy_kind_name((enum policy_kind)k));
	return a;
}

static struct json_object *view_names(struct call *c,
				      const struct reach_sums *s)
{
	const char **guids = pool_alloc(&c->pool, REACH_NAMED * sizeof(*guids));
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < s->named; i++)
		guids[i] = s->names[i].user;
	struct doc **users = doc_each_for(&c->db, DOC_USER, guids, s->named);
	for (size_t i = 0; i < s->named; i++) {
		const struct reach_change *n = &s->names[i];
		struct json_object *o = json_object_new_object();

		js_set_str(o, "user", doc_name(users[i]));
		js_set_str(o, "device", n->device);
		js_set(o, "gains", kinds_of(n->gains));
		js_set(o, "loses", kinds_of(n->loses));
		js_push(all, o);
	}
	return all;
}

static int answer(struct call *c, const struct reach_sums *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *kinds = json_object_new_object();

	for (unsigned k = 0; k < REACH_KINDS; k++) {
		struct json_object *one = json_object_new_object();

		js_set_int(one, "gains", (int64_t)s->kind_gains[k]);
		js_set_int(one, "loses", (int64_t)s->kind_loses[k]);
		js_set(kinds, policy_kind_name((enum policy_kind)k), one);
	}
	js_set_int(o, "gains", (int64_t)s->gains);
	js_set_int(o, "loses", (int64_t)s->loses);
	js_set_int(o, "devices", (int64_t)s->devices);
	js_set(o, "kinds", kinds);
	js_set(o, "changes", view_names(c, s));
	return call_json(c, o);
}

/* Of one call: its body is an object or a list of ids. */
static struct dispatch_call call_asked(struct json_object *of)
{
	struct json_object *ids = js_arr(of, "ids");
	struct json_object *body = js_obj(of, "body");

	return (struct dispatch_call){
		.method = js_text(of, "method"),
		.path = js_text(of, "path"),
		.body = ids    ? js_dump(ids)
			: body ? js_dump(body)
			       : "",
		.allowed = allowed,
		.nallowed = ARRAY_LEN(allowed),
	};
}

/* False: two of the changes, which are sorted, are of one row. */
static bool agree(const struct preview *p)
{
	for (size_t i = 1; i < p->n; i++) {
		const char *a = p->changes[i - 1].row, *b = p->changes[i].row;

		/* A list of ids may name one twice. */
		if (by_key(&p->changes[i - 1], &p->changes[i]) == 0 &&
		    (!a || !b ? a != b : strcmp(a, b) != 0))
			return false;
	}
	return true;
}

static bool same(const struct dispatch_call *a, const struct dispatch_call *b)
{
	return strcmp(a->method, b->method) == 0 &&
	       strcmp(a->path, b->path) == 0 && strcmp(a->body, b->body) == 0;
}

/* What the calls would write. */
struct writes {
	struct tx *txs;
	size_t ntxs, n;
};

/* One call more. False: answered. */
static bool run_dry(struct call *c, const struct dispatch_call *as,
		    struct writes *w)
{
	struct tx *t = &w->txs[w->ntxs];

	if (!dispatch_dry(c, as, t))
		return false;
	w->ntxs++;
	w->n += t->op_keys.n;
	if (w->n <= PREVIEW_WRITES_MAX)
		return true;
	call_error(c, 400, "Too much changes at once");
	return false;
}

/* Of the same call twice in a row the second writes nothing new. */
static bool run_all(struct call *c, struct writes *w)
{
	struct json_object *calls = js_arr(c->in, "calls");
	size_t n = calls ? js_len(calls) : 1;
	struct dispatch_call before = { .method = "", .path = "", .body = "" };

	w->txs = pool_alloc(&c->pool, (n + 1) * sizeof(*w->txs));
	for (size_t i = 0; i < n; i++) {
		struct dispatch_call as =
			call_asked(calls ? js_item(calls, i) : c->in);

		if (!same(&as, &before) && !run_dry(c, &as, w))
			return false;
		before = as;
	}
	return true;
}

/* The rows that would change. False: answered. */
static bool collect(struct preview *p)
{
	struct call *c = p->c;
	struct writes w = { 0 };

	if (!run_all(c, &w))
		return false;
	p->changes = pool_alloc(&c->pool, (w.n + 1) * sizeof(*p->changes));
	for (size_t i = 0; i < w.ntxs; i++)
		take_changes(p, &w.txs[i]);
	qsort(p->changes, p->n, sizeof(*p->changes), by_key);
	if (agree(p))
		return true;
	call_error(c, 400, "Invalid format: two calls change the same thing");
	return false;
}

/* NULL, or what the body lacks: it is one call, or has "calls". */
static const char *incomplete(struct call *c)
{
	if (js_arr(c->in, "calls"))
		return NULL;
	if (!js_has(c->in, "method"))
		return "Missing: method";
	return js_has(c->in, "path") ? NULL : "Missing: path";
}

int web_preview(struct call *c)
{
	struct preview p = { .c = c };
	const char *bad = incomplete(c);

	if (!call_may_all(c, PERM_DEVICE_VIEW))
		return call_forbidden(c);
	if (bad)
		return call_error(c, 400, bad);
	if (!call_lane(c, LANE_LISTING, "preview"))
		return CALL_LATER;
	if (!collect(&p))
		return 0;
	/* The answer names users and devices all over the site. */
	if (!call_may_all(c, PERM_USER_VIEW))
		return call_forbidden(c);
	p.reach = reach_new(&c->pool, REACH_JUDGED);
	int e = 0;
	for (size_t k = 0; k < REACH_TABLES && e == 0; k++)
		e = read_table(&p, (enum reach_table)k);
	if (e == -ENOBUFS)
		return call_error(c, 400, "Too many users or devices");
	return e ? e : answer(c, reach_sums(p.reach));
}
