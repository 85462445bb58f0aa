#include "services/api/book/shares.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/book/books.h"
#include "services/api/core/options.h"
#include "services/api/journal/journal.h"

const char *share_key(struct db *d, enum book_subject s, const char *guid)
{
	static const char *const names[] = { "everyone", "group", "user" };

	return pool_printf(d->pool, KEY_BOOK_FOR, names[s], guid);
}

static const char *key_of(struct db *d, const struct doc *rule)
{
	return share_key(d, (enum book_subject)doc_int(rule, RULE_SUBJECT, 0),
			 doc_text(rule, RULE_TARGET));
}

void share_remove(struct tx *t, struct doc *rule)
{
	const char *book = doc_text(rule, RULE_BOOK);

	doc_delete(t, rule);
	tx_do(t, "SREM", book_rules_key(t->db, book), rule->guid, NULL);
	tx_do(t, "SREM", key_of(t->db, rule), book, NULL);
}

static struct json_object *view(const struct doc *rule, const struct doc *user,
				const struct doc *group)
{
	struct json_object *o = json_object_new_object();
	int64_t subject = doc_int(rule, RULE_SUBJECT, 0);

	js_set_str(o, "guid", rule->guid);
	js_set_int(o, "rule", doc_int(rule, RULE_LEVEL, 0));
	if (subject == BOOK_USER)
		js_set_str(o, "user", doc_name(user));
	if (subject == BOOK_GROUP)
		js_set_str(o, "group", doc_name(group));
	return o;
}

int shares_list(struct call *c)
{
	struct doc *book = book_open(c, call_query(c, "ab"), BOOK_FULL);
	struct page p;
	size_t n;

	if (!book)
		return 0;
	page_init(c, &p);
	struct doc **rules = book_rules(&c->db, book->guid, &n);
	struct doc **users = doc_named(&c->db, DOC_USER, rules, n, RULE_TARGET);
	struct doc **groups =
		doc_named(&c->db, DOC_USER_GROUP, rules, n, RULE_TARGET);
	for (size_t i = 0; i < n; i++)
		if (page_take(&p))
			js_push(p.data, view(rules[i], users[i], groups[i]));
	return page_answer(c, &p);
}

/* Fills subject and target from the names in the body. NULL: ok. */
static const char *read_subject(struct call *c, struct doc *rule)
{
	const char *user = js_text(c->in, "user");
	const char *group = js_text(c->in, "group");
	const char *guid = "";
	enum book_subject s = BOOK_EVERYONE;

	if (*user) {
		s = BOOK_USER;
		guid = doc_guid_by_name(&c->db, DOC_USER, user);
	} else if (*group) {
		s = BOOK_GROUP;
		guid = doc_guid_by_name(&c->db, DOC_USER_GROUP, group);
	}
	if (!guid)
		return "User or group does not exist";
	doc_set_int(rule, RULE_SUBJECT, s);
	doc_set_text(rule, RULE_TARGET, guid);
	return NULL;
}

/* May the caller share with somebody outside his own group? */
static bool outside_ok(struct call *c, const struct doc *rule)
{
	const char *mine = doc_text(c->who.user, USER_GROUP);
	const char *target = doc_text(rule, RULE_TARGET);
	int64_t subject = doc_int(rule, RULE_SUBJECT, 0);

	if (c->who.admin || c->who.api ||
	    field_bool(options_get(&c->db, "general"), GENERAL_SHARE_OUTSIDE,
		       true))
		return true;
	if (subject == BOOK_USER) {
		struct doc *u = doc_get(&c->db, DOC_USER, target);

		return u && *mine && strcmp(doc_text(u, USER_GROUP), mine) == 0;
	}
	return subject == BOOK_GROUP && strcmp(target, mine) == 0;
}

static struct doc *existing(struct call *c, const struct doc *book,
			    const struct doc *rule)
{
	size_t n;
	struct doc **rules = book_rules(&c->db, book->guid, &n);

	for (size_t i = 0; i < n; i++)
		if (doc_int(rules[i], RULE_SUBJECT, -1) ==
			    doc_int(rule, RULE_SUBJECT, 0) &&
		    strcmp(doc_text(rules[i], RULE_TARGET),
			   doc_text(rule, RULE_TARGET)) == 0)
			return rules[i];
	return NULL;
}

static bool level_ok(struct call *c)
{
	int64_t level = js_int(c->in, "rule", 0);

	return level >= BOOK_READ && level <= BOOK_FULL;
}

int shares_add(struct call *c)
{
	struct doc *book = book_open(c, js_text(c->in, "guid"), BOOK_FULL);
	struct doc *rule = doc_new(&c->db, DOC_RULE, c->now_ms);
	struct tx t;

	if (!book)
		return 0;
	const char *bad =
		level_ok(c) ? read_subject(c, rule) : "Invalid format: rule";
	if (!bad && doc_bool(book, BOOK_PERSONAL, false))
		bad = "This is a personal address book";
	const char *rules_key = book_rules_key(&c->db, book->guid);
	if (!bad &&
	    db_num(db_do(&c->db, "SCARD", rules_key, NULL)) >= BOOK_RULES_MAX)
		bad = "Too many rules";
	if (bad)
		return call_error(c, 400, bad);
	if (!outside_ok(c, rule))
		return call_forbidden(c);
	struct doc *old = existing(c, book, rule);
	rule = old ? old : rule;
	doc_set_text(rule, RULE_BOOK, book->guid);
	doc_take(rule, c->in, RULE_LEVEL.of);
	tx_init(&t, &c->db);
	/* Two adds at once must not make two rules for one subject. */
	tx_expect(&t, doc_key(DOC_BOOK), book->guid, book->raw);
	doc_set_int(book, BOOK_SHARED_AT, (int64_t)c->now_ms);
	doc_save(&t, book);
	doc_save(&t, rule);
	tx_do(&t, "SADD", rules_key, rule->guid, NULL);
	tx_do(&t, "SADD", key_of(&c->db, rule), book->guid, NULL);
	journal_write(&t, c, CONSOLE_BOOK, CONSOLE_ADD_RULE,
		      doc_text(book, BOOK_NAME));
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "guid", rule->guid);
	return call_json(c, o);
}

/* The rule and its book, if the caller may manage it. */
static struct doc *open_rule(struct call *c, const char *guid,
			     struct doc **book)
{
	struct doc *rule = doc_get(&c->db, DOC_RULE, guid);

	if (!rule) {
		call_missing(c);
		return NULL;
	}
	*book = book_open(c, doc_text(rule, RULE_BOOK), BOOK_FULL);
	return *book ? rule : NULL;
}

int shares_change(struct call *c)
{
	struct doc *book;
	struct doc *rule = open_rule(c, js_text(c->in, "guid"), &book);
	struct tx t;

	if (!rule)
		return 0;
	if (!level_ok(c))
		return call_error(c, 400, "Invalid format: rule");
	doc_take(rule, c->in, RULE_LEVEL.of);
	tx_init(&t, &c->db);
	doc_save(&t, rule);
	journal_write(&t, c, CONSOLE_BOOK, CONSOLE_UPDATE_RULE,
		      doc_text(book, BOOK_NAME));
	return call_result(c, tx_commit(&t));
}

int shares_delete(struct call *c)
{
	struct tx t;

	tx_init(&t, &c->db);
	for (size_t i = 0; i < js_len(c->in); i++) {
		struct doc *book;
		struct doc *rule = open_rule(c, js_at(c->in, i), &book);

		if (!rule)
			return 0;
		share_remove(&t, rule);
		journal_write(&t, c, CONSOLE_BOOK, CONSOLE_DELETE_RULE,
			      doc_text(book, BOOK_NAME));
	}
	return call_result(c, tx_commit(&t));
}
