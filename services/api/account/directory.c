#include "services/api/account/directory.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/users.h"
#include "services/api/journal/journal.h"

enum { DIRECTORY_NAMES_MAX = 16 };

static const char *link_of(struct call *c, const struct person *p,
			   const char *directory, size_t id)
{
	return call_fmt(c, "%s:%s:%s", p->source, directory, js_at(p->ids, id));
}

/* The names under which the directory may have been when it was linked. */
static size_t directories(const struct person *p, const char **out, size_t max)
{
	size_t n = 0;

	out[n++] = p->directory;
	if (strcmp(p->title, p->directory) != 0)
		out[n++] = p->title;
	for (size_t i = 0; i < js_len(p->before) && n < max; i++)
		out[n++] = js_at(p->before, i);
	return n;
}

/* --- whose account it is -------------------------------------------------- */

/* The users of all links that he may have, in one round trip. */
static const struct redis_reply *links_of(struct call *c,
					  const struct person *p)
{
	const char *names[DIRECTORY_NAMES_MAX];
	size_t most = p->same_before ? ARRAY_LEN(names) : 1;
	size_t n = directories(p, names, ARRAY_LEN(names));
	const char **argv = pool_alloc(&c->pool, (most * js_len(p->ids) + 2) *
							 sizeof(*argv));
	int argc = 0;

	argv[argc++] = "HMGET";
	argv[argc++] = KEY_USER_EXT;
	for (size_t i = 0; i < n && i < most; i++)
		for (size_t id = 0; id < js_len(p->ids); id++)
			argv[argc++] = link_of(c, p, names[i], id);
	return argc > 2 ? db_argv(&c->db, argc, argv, NULL) : NULL;
}

static struct doc *linked(struct call *c, const struct person *p)
{
	const struct redis_reply *r = links_of(c, p);
	const char **guids =
		pool_alloc(&c->pool, (db_count(r) + 1) * sizeof(*guids));
	size_t n = 0;

	for (size_t i = 0; i < db_count(r); i++)
		if (db_text(db_item(r, i)))
			guids[n++] = db_text(db_item(r, i));
	struct doc **users = doc_many(&c->db, DOC_USER, guids, n, &n);
	return n ? users[0] : NULL;
}

static const char *relink_text(struct call *c, const char *source,
			       const char *title)
{
	return call_fmt(c, "%s:%s", source, title);
}

static bool fits(struct call *c, const struct person *p, const struct doc *u)
{
	const char *names[DIRECTORY_NAMES_MAX];
	size_t n = directories(p, names, ARRAY_LEN(names));
	const char *ext = doc_text(u, USER_EXT);

	if (strcmp(doc_text(u, USER_RELINK),
		   relink_text(c, p->source, p->title)) == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		const char *start = call_fmt(c, "%s:%s:", p->source, names[i]);
		size_t len = strlen(start);

		if (strncmp(ext, start, len) == 0 &&
		    p->meant(&c->pool, p, ext + len))
			return true;
	}
	return false;
}

/* The one account of his name or address that fits. */
static struct doc *renewed(struct call *c, const struct person *p,
			   const char **why)
{
	struct doc *a = doc_by_name(&c->db, DOC_USER, p->name);
	struct doc *b = NULL;
	char low[256];

	if (*p->email && strlen(p->email) < sizeof(low)) {
		text_lower(low, sizeof(low), p->email);
		b = doc_get(&c->db, DOC_USER,
			    db_text(db_do(&c->db, "HGET", KEY_USER_EMAIL, low,
					  NULL)));
	}
	if (a && !fits(c, p, a))
		a = NULL;
	if (b && (!fits(c, p, b) || (a && strcmp(a->guid, b->guid) == 0)))
		b = NULL;
	if (a && b)
		*why = "Two accounts may be yours: ask your administrator";
	return a && b ? NULL : a ? a : b;
}

/* --- what he is ----------------------------------------------------------- */

static bool in_group(struct call *c, const struct person *p, const char *group)
{
	for (size_t i = 0; i < js_len(p->groups); i++)
		if (p->same_group(&c->pool, js_at(p->groups, i), group))
			return true;
	return false;
}

/* The first mapped group decides, in the order of the setting. Without a match
 * the group is left alone. */
static void set_group(struct call *c, struct doc *u, const struct person *p)
{
	for (struct js_each m = js_each(p->mapping); js_next(&m);) {
		const char *guid =
			in_group(c, p, m.key)
				? doc_guid_by_name(&c->db, DOC_USER_GROUP,
						   js_str(p->mapping, m.key))
				: NULL;
		if (guid) {
			doc_set_text(u, USER_GROUP, guid);
			return;
		}
	}
}

static struct doc *make(struct call *c, const struct person *p,
			const char **why)
{
	if (!p->create) {
		*why = "There is no account for you";
		return NULL;
	}
	if (!text_is_name(p->name, 1, 64) || strcmp(p->name, "-") == 0) {
		*why = "The directory gave no usable name";
		return NULL;
	}
	if (doc_guid_by_name(&c->db, DOC_USER, p->name)) {
		*why = "Another account has this name";
		return NULL;
	}
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	user_defaults(u, p->name);
	return u;
}

static void refresh(struct call *c, struct doc *u, const struct person *p)
{
	char low[256];

	if (*p->display_name &&
	    text_is_name(p->display_name, 1, USER_SHOWN_MAX))
		doc_set_text(u, USER_DISPLAY_NAME, p->display_name);
	if (*p->email && text_is_email(p->email) &&
	    strlen(p->email) < sizeof(low)) {
		text_lower(low, sizeof(low), p->email);
		const char *holder = db_text(
			db_do(&c->db, "HGET", KEY_USER_EMAIL, low, NULL));

		if (!holder || strcmp(holder, u->guid) == 0)
			doc_set_text(u, USER_EMAIL, p->email);
	}
	if (*p->admin_group)
		doc_set_bool(u, USER_IS_ADMIN, in_group(c, p, p->admin_group));
	set_group(c, u, p);
}

/* His account from now on: its link is the first id. */
static void link_to(struct tx *t, struct call *c, struct doc *u,
		    const struct person *p)
{
	const char *now = link_of(c, p, p->directory, 0);
	const struct doc *old = doc_old(&c->db, u);
	const char *was = doc_text(old, USER_EXT);

	if (strcmp(was, now) == 0)
		return;
	if (*was)
		tx_do(t, "HDEL", KEY_USER_EXT, was, NULL);
	tx_expect(t, KEY_USER_EXT, now, NULL);
	tx_do(t, "HSET", KEY_USER_EXT, now, u->guid, NULL);
	journal_write_as(t, c, u, CONSOLE_USER,
			 u->raw ? CONSOLE_UPDATE_USER : CONSOLE_ADD_USER,
			 doc_text(u, USER_NAME));
}

struct doc *directory_user(struct call *c, const struct person *p,
			   const char **why)
{
	struct tx t;

	*why = NULL;
	struct doc *u = linked(c, p);
	if (!u)
		u = renewed(c, p, why);
	if (!u && !*why)
		u = make(c, p, why);
	if (!u)
		return NULL;
	refresh(c, u, p);
	doc_set_text(u, USER_SOURCE, p->source);
	doc_set_text(u, USER_EXT, link_of(c, p, p->directory, 0));
	doc_del(u, USER_RELINK.of);
	if (!doc_changed(u))
		return u;
	tx_init(&t, &c->db);
	link_to(&t, c, u, p);
	user_save(&t, u);
	if (tx_commit(&t) < 0) {
		*why = "Try again";
		return NULL;
	}
	return doc_get(&c->db, DOC_USER, u->guid);
}

int directory_relink(struct call *c)
{
	struct doc *u = doc_get(&c->db, DOC_USER, c->param[0]);
	const char *source = js_text(c->in, "source");
	const char *title = js_text(c->in, "directory");
	struct tx t;

	if (!u)
		return call_missing(c);
	if (strcmp(source, "ldap") != 0 && strcmp(source, "oidc") != 0)
		return call_error(c, 400,
				  "Invalid format: source is ldap or oidc");
	doc_set_text(u, USER_RELINK, relink_text(c, source, title));
	tx_init(&t, &c->db);
	user_save(&t, u);
	journal_write(&t, c, CONSOLE_USER, CONSOLE_UPDATE_USER,
		      doc_text(u, USER_NAME));
	return call_result(c, tx_commit(&t));
}
