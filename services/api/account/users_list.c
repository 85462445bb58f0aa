#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/site/keynames.h"
#include "services/api/account/recovery.h"
#include "services/api/account/users.h"
#include "services/api/core/etag.h"

/* What users name, read for all of a page at once; one for each user. */
struct named {
	struct doc **groups;
	struct doc **roles;
	struct doc **strategies;
};

static struct named named_by(struct db *d, struct doc *const *users, size_t n)
{
	return (struct named){
		doc_named(d, DOC_USER_GROUP, users, n, USER_GROUP),
		doc_named(d, DOC_CONTROL_ROLE, users, n, USER_CONTROL_ROLE),
		doc_named(d, DOC_STRATEGY, users, n, USER_STRATEGY),
	};
}

/* When each of the N USERS signed in last, Unix time; nil: nobody knows, which
 * is never, or before this was written down. */
static const struct redis_reply *signed_in(struct db *d,
					   struct doc *const *users, size_t n)
{
	const char **argv = pool_alloc(d->pool, (n + 2) * sizeof(*argv));

	if (n == 0)
		return NULL;
	argv[0] = "HMGET";
	argv[1] = KEY_USER_SIGNED_IN;
	for (size_t i = 0; i < n; i++)
		argv[i + 2] = users[i]->guid;
	return db_argv(d, (int)n + 2, argv, NULL);
}

/* The administrators' view of the I-th user: everything but secrets. */
static struct json_object *user_view(struct call *c, const struct doc *u,
				     const struct named *by,
				     const struct redis_reply *times, size_t i)
{
	struct json_object *o = user_payload(u);

	js_set_str(o, "guid", u->guid);
	js_set_str(o, "group_name", doc_name(by->groups[i]));
	js_set_str(o, "control_role_name", doc_name(by->roles[i]));
	js_set_str(o, "strategy_name", doc_name(by->strategies[i]));
	js_set_str(o, "source", doc_text(u, USER_SOURCE));
	js_set_bool(o, "totp", *doc_text(u, USER_TOTP) != 0);
	js_set_bool(o, "totp_enforced", doc_bool(u, USER_TOTP_ENFORCED, false));
	js_set_int(o, "recovery_codes", (int64_t)recovery_left(u));
	js_set_int(o, "passkeys", (int64_t)js_len(doc_list(u, USER_PASSKEYS)));
	js_set_int(o, "created_at", doc_int(u, ANY_CREATED_AT, 0) / 1000);
	js_set_int(o, "signed_in_at", db_num(db_item(times, i)));
	struct json_object *roles = doc_list(u, USER_ADMIN_ROLES);
	js_set(o, "admin_roles",
	       roles ? json_object_get(roles) : json_object_new_array());
	js_set(o, "may", user_may(c, u));
	return o;
}

/* What a list can be sorted by. The names of what users belong to come first:
 * they are in documents of their own. */
enum column {
	BY_GROUP,
	BY_ROLE,
	BY_STRATEGY,
	REFS,
	BY_NAME = REFS,
	BY_DISPLAY_NAME,
	BY_EMAIL,
	BY_NOTE,
	BY_SOURCE,
	BY_STATUS,
	BY_RIGHTS,
	BY_TOTP,
	BY_CREATED,
	BY_SIGNED_IN,
	COLUMNS
};

static const char *const columns[COLUMNS] = {
	[BY_GROUP] = "group_name",
	[BY_ROLE] = "control_role_name",
	[BY_STRATEGY] = "strategy_name",
	[BY_NAME] = "name",
	[BY_DISPLAY_NAME] = "display_name",
	[BY_EMAIL] = "email",
	[BY_NOTE] = "note",
	[BY_SOURCE] = "source",
	[BY_STATUS] = "status",
	[BY_RIGHTS] = "rights",
	[BY_TOTP] = "totp",
	[BY_CREATED] = "created_at",
	[BY_SIGNED_IN] = "signed_in_at",
};

struct row {
	const char *guid;
	int64_t num;      /* it is sorted by a number, */
	const char *text; /* or by a text, */
	const char *name; /* and where that is the same */
};

struct listing {
	struct call *c;
	struct page page;
	struct row *rows; /* of the page; all that match if they are sorted */
	size_t n, size;
	enum column sort; /* COLUMNS: by nothing */
	bool descending;
	const char *want[REFS]; /* what their names must be like, or NULL */
	const char *text, *email, *note; /* patterns; NULL: any */
	const char *name, *source, *rights;
	int64_t status; /* -2: any */
	int totp;       /* 0, 1; -1: any */
	int64_t from_s, before_s;
	bool named, timed; /* what has to be read beside the users */
};

/* Some users, and what was read beside them. */
struct some {
	struct doc **users;
	struct named by;
	const struct redis_reply *times;
};

static const char *filter(const struct call *c, const char *name)
{
	const char *v = call_query(c, name);

	return v && *v ? v : NULL;
}

/* A pattern for what has the text of the query in it; NULL: none. */
static const char *part(struct call *c, const char *name)
{
	const char *v = filter(c, name);

	return v ? call_fmt(c, "%%%s%%", v) : NULL;
}

static bool one_of(const char *v, const char *const *all, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		if (strcmp(v, all[i]) == 0)
			return true;
	return !v;
}

static enum column column_of(const char *name)
{
	size_t i = 0;

	while (i < COLUMNS && strcmp(columns[i], name) != 0)
		i++;
	return (enum column)i;
}

/* NULL, or the member of the query that is wrong. */
static const char *read_query(struct call *c, struct listing *l)
{
	static const char *const yes_no[] = { "0", "1" };
	static const char *const rights[] = { "all", "some", "none" };
	const char *sort = filter(c, "sort"), *totp = filter(c, "totp");

	l->descending = sort && *sort == '-';
	l->sort = sort ? column_of(sort + l->descending) : COLUMNS;
	l->name = call_query(c, "name");
	l->text = part(c, "q");
	l->email = part(c, "email");
	l->note = part(c, "note");
	l->source = filter(c, "source");
	l->rights = filter(c, "rights");
	l->status = call_query_int(c, "status", -2);
	l->totp = totp ? *totp - '0' : -1;
	l->from_s = call_query_int(c, "signed_in_after", 0);
	l->before_s = call_query_int(c, "signed_in_before", 0);
	l->named = l->sort < REFS;
	for (size_t i = 0; i < REFS; i++) {
		l->want[i] = call_query(c, columns[i]);
		if (l->want[i])
			l->named = true;
	}
	l->timed = l->from_s || l->before_s || l->sort == BY_SIGNED_IN;
	if (sort && l->sort == COLUMNS)
		return "sort";
	if (!one_of(totp, yes_no, ARRAY_LEN(yes_no)))
		return "totp";
	return one_of(l->rights, rights, ARRAY_LEN(rights)) ? NULL : "rights";
}

static const char *ref_name(const struct some *s, enum column ref, size_t i)
{
	struct doc **const docs[REFS] = { s->by.groups, s->by.roles,
					  s->by.strategies };

	return docs[ref] ? doc_name(docs[ref][i]) : ""; /* not asked for */
}

/* Is PATTERN like something that people know of him? */
static bool known_by(const struct doc *u, const char *pattern)
{
	const struct field_text searched[] = { USER_NAME, USER_DISPLAY_NAME,
					       USER_EMAIL, USER_NOTE };

	for (size_t i = 0; i < ARRAY_LEN(searched); i++)
		if (text_like(pattern, doc_text(u, searched[i])))
			return true;
	return false;
}

/* All there are to give, or so many administrator roles. */
static int64_t rights_of(const struct doc *u)
{
	return doc_bool(u, USER_IS_ADMIN, false)
		       ? INT64_MAX
		       : (int64_t)js_len(doc_list(u, USER_ADMIN_ROLES));
}

static bool rights_ok(const struct listing *l, const struct doc *u)
{
	int64_t has = rights_of(u);
	const char *word = has == INT64_MAX ? "all" : has ? "some" : "none";

	return !l->rights || strcmp(l->rights, word) == 0;
}

/* 2: on, 1: required, 0: neither. */
static int64_t totp_of(const struct doc *u)
{
	return *doc_text(u, USER_TOTP) ? 2
				       : doc_bool(u, USER_TOTP_ENFORCED, false);
}

static bool fits(const struct listing *l, const struct some *s, size_t i)
{
	const struct doc *u = s->users[i];
	const char *source = doc_text(u, USER_SOURCE);
	int64_t at = db_num(db_item(s->times, i));

	if (!text_like(l->name, doc_text(u, USER_NAME)) ||
	    (l->status != -2 && doc_int(u, USER_STATUS, 1) != l->status) ||
	    (l->text && !known_by(u, l->text)))
		return false;
	/* Who is in no group, or in one that is gone, is in one without a
	 * name. */
	for (size_t k = 0; k < REFS; k++)
		if (l->want[k] &&
		    !text_like(l->want[k], ref_name(s, (enum column)k, i)))
			return false;
	if (l->totp >= 0 && (totp_of(u) == 2) != l->totp)
		return false;
	if (l->from_s && at < l->from_s)
		return false;
	if (l->before_s && (at == 0 || at >= l->before_s))
		return false;
	return text_like(l->email, doc_text(u, USER_EMAIL)) &&
	       text_like(l->note, doc_text(u, USER_NOTE)) && rights_ok(l, u) &&
	       (!l->source ||
		strncmp(source, l->source, strlen(l->source)) == 0);
}

static int64_t number_of(const struct listing *l, const struct some *s,
			 size_t i)
{
	const struct doc *u = s->users[i];

	switch ((int)l->sort) {
	case BY_STATUS:
		return doc_int(u, USER_STATUS, 1);
	case BY_RIGHTS:
		return rights_of(u);
	case BY_TOTP:
		return totp_of(u);
	case BY_CREATED:
		return doc_int(u, ANY_CREATED_AT, 0);
	case BY_SIGNED_IN:
		return db_num(db_item(s->times, i));
	}
	return 0;
}

static const char *text_of(const struct listing *l, const struct some *s,
			   size_t i)
{
	const struct field_text of[COLUMNS] = {
		[BY_DISPLAY_NAME] = USER_DISPLAY_NAME,
		[BY_EMAIL] = USER_EMAIL,
		[BY_NOTE] = USER_NOTE,
		[BY_SOURCE] = USER_SOURCE,
	};

	if (l->sort < REFS)
		return ref_name(s, l->sort, i);
	return of[l->sort].of.name ? doc_text(s->users[i], of[l->sort]) : "";
}

static void keep(struct listing *l, const struct some *s, size_t i)
{
	struct pool *p = &l->c->pool;
	const struct doc *u = s->users[i];

	if (l->n == l->size) {
		struct row *more = pool_alloc(p, 2 * l->size * sizeof(*more));

		memcpy(more, l->rows, l->n * sizeof(*more));
		l->rows = more;
		l->size *= 2;
	}
	struct row *r = &l->rows[l->n++];
	*r = (struct row){ .guid = pool_strdup(p, u->guid) };
	if (l->sort == COLUMNS)
		return;
	r->num = number_of(l, s, i);
	r->text = pool_strdup(p, text_of(l, s, i));
	r->name = pool_strdup(p, doc_text(u, USER_NAME));
}

static bool list_some(void *ctx, struct doc **users, size_t n)
{
	struct listing *l = ctx;
	struct call *c = l->c;
	struct some s = { .users = users };

	if (l->named)
		s.by = named_by(&c->db, users, n);
	if (l->timed)
		s.times = signed_in(&c->db, users, n);
	for (size_t i = 0; i < n; i++) {
		struct target t = user_target(users[i]);

		if (call_may(c, PERM_USER_VIEW, &t) && fits(l, &s, i) &&
		    (page_take(&l->page) || l->sort != COLUMNS))
			keep(l, &s, i);
	}
	return true;
}

static int by_value(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->num != y->num)
		return x->num < y->num ? -1 : 1;
	int r = strcasecmp(x->text, y->text);
	return r ? r : strcasecmp(x->name, y->name);
}

/* The rows of the page, in their order, are all that stay. */
static void sort(struct listing *l)
{
	size_t start = l->page.start < l->n ? l->page.start : l->n;

	qsort(l->rows, l->n, sizeof(*l->rows), by_value);
	for (size_t i = 0; l->descending && i < l->n / 2; i++) {
		struct row r = l->rows[i];

		l->rows[i] = l->rows[l->n - 1 - i];
		l->rows[l->n - 1 - i] = r;
	}
	l->rows += start;
	l->n = l->n - start < l->page.size ? l->n - start : l->page.size;
}

const char **users_matching(struct call *c, struct page *p, size_t *n)
{
	struct listing l = { .c = c, .page = *p, .size = 64 };
	const char *bad = read_query(c, &l);

	if (bad) {
		call_error(c, 400, call_fmt(c, "Invalid format: %s", bad));
		return NULL;
	}
	l.rows = pool_alloc(&c->pool, l.size * sizeof(*l.rows));
	doc_chunks(&c->db, DOC_USER, list_some, &l);
	if (l.sort != COLUMNS)
		sort(&l);
	const char **guids = pool_alloc(&c->pool, (l.n + 1) * sizeof(*guids));
	for (size_t i = 0; i < l.n; i++)
		guids[i] = l.rows[i].guid;
	*p = l.page;
	*n = l.n;
	return guids;
}

int users_list(struct call *c)
{
	struct page p;
	size_t n;

	page_init(c, &p);
	const char **guids = users_matching(c, &p, &n);
	if (!guids)
		return 0;
	struct doc **users = doc_many(&c->db, DOC_USER, guids, n, &n);
	struct named by = named_by(&c->db, users, n);
	const struct redis_reply *times = signed_in(&c->db, users, n);
	for (size_t i = 0; i < n; i++)
		js_push(p.data, user_view(c, users[i], &by, times, i));
	return page_answer(c, &p);
}

int users_show(struct call *c)
{
	struct doc *u = user_open(c, c->param[0], PERM_USER_VIEW);

	if (!u)
		return 0;
	etag_show(c, u->raw);
	struct named by = named_by(&c->db, &u, 1);
	return call_json(c, user_view(c, u, &by, signed_in(&c->db, &u, 1), 0));
}
