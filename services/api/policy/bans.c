#include "services/api/policy/bans.h"

#include <string.h>

#include "common/site/bans.h"
#include "common/site/policy_row.h"
#include "services/api/core/rows.h"
#include "services/api/journal/journal.h"

/* Of one round of tidying; the rest is for the next. */
enum { TIDY_MAX = 200 };

/* --- list ----------------------------------------------------------------- */

static struct json_object *view(const struct doc *ban)
{
	struct json_object *o = json_object_new_object();
	const char *of = doc_text(ban, BAN_OF);
	const char *what = strchr(of, ' ');

	js_set_str(o, "guid", ban->guid);
	/* "address" or "device" */
	if (what)
		js_set_str(o,
			   strncmp(of, "device ", 7) == 0 ? "device"
							  : "address",
			   what + 1);
	js_set_str(o, "note", doc_text(ban, BAN_NOTE));
	js_set_str(o, "by", doc_text(ban, BAN_BY));
	js_set_int(o, "expires_at", doc_int(ban, BAN_EXPIRES_AT, 0));
	js_set_int(o, "created_at", doc_int(ban, ANY_CREATED_AT, 0) / 1000);
	return o;
}

struct search {
	struct page *page;
	const char *text; /* in any case */
};

static bool match(void *ctx, struct doc *ban)
{
	struct search *s = ctx;

	if ((strcasestr(doc_text(ban, BAN_OF), s->text) ||
	     strcasestr(doc_text(ban, BAN_NOTE), s->text)) &&
	    page_take(s->page))
		js_push(s->page->data, view(ban));
	return true;
}

int bans_list(struct call *c)
{
	const char *text = call_query(c, "q");
	struct page p;
	size_t n;

	page_init(c, &p);
	if (text && *text) {
		doc_each(&c->db, DOC_BAN, match, &(struct search){ &p, text });
		return page_answer(c, &p);
	}
	const char **guids = doc_page(&c->db, DOC_BAN, p.start, p.size, &n);
	struct doc **bans = doc_many(&c->db, DOC_BAN, guids, n, &n);
	for (size_t i = 0; i < n; i++)
		js_push(p.data, view(bans[i]));
	p.total = doc_total(&c->db, DOC_BAN);
	return page_answer(c, &p);
}

/* --- create --------------------------------------------------------------- */

static bool has_loopback(const struct cidr *net)
{
	static const char *const own[] = { "127.0.0.0/8", "::1" };
	struct cidr local;

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (cidr_parse(own[i], &local) == 0 &&
		    cidr_overlaps(net, &local))
			return true;
	return false;
}

/* Whoever would be locked out by mistake; NULL: nobody of the house. */
static const char *ours(const struct call *c, const struct cidr *net)
{
	const struct trusted *t = &c->app->trusted;

	if (has_loopback(net))
		return "This would ban the server's own loopback address";
	for (size_t i = 0; i < t->n; i++) {
		struct cidr proxy = t->nets[i];

		cidr_mask(&proxy);
		if (cidr_overlaps(net, &proxy))
			return "This would ban a proxy of TRUSTED_PROXIES";
	}
	return cidr_contains(net, &c->client)
		       ? "This would ban the address that you come from"
		       : NULL;
}

/* NULL, or what is wrong. OUT is what to ban. */
static const char *read_of(const struct call *c, char out[static BANS_OF_MAX])
{
	const char *address = js_text(c->in, "address");
	const char *device = js_text(c->in, "device");
	struct cidr net;

	if (!*address == !*device)
		return "Invalid format: either address or device";
	if (*device)
		return bans_of_device(device, out);
	const char *bad = bans_of_network(address, &net, out);
	return bad ? bad : ours(c, &net);
}

static const char *check(struct call *c, char of[static BANS_OF_MAX])
{
	int64_t expires = js_int(c->in, "expires_at", 0);
	const char *bad = read_of(c, of);

	if (bad)
		return bad;
	if (expires < 0 || (expires && expires <= (int64_t)(c->now_ms / 1000)))
		return "Invalid format: expires_at is not in the future";
	if (doc_guid_by_name(&c->db, DOC_BAN, of))
		return "This is banned already";
	return doc_total(&c->db, DOC_BAN) < BANS_MAX ? NULL : "Too many bans";
}

int bans_create(struct call *c)
{
	struct doc *ban = doc_new(&c->db, DOC_BAN, c->now_ms);
	/* So two at a time do not pass the cap together. */
	const char *rev = db_text(db_do(&c->db, "GET", POLICY_BANS_REV, NULL));
	char of[BANS_OF_MAX];
	const char *bad = check(c, of);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	doc_set_text(ban, BAN_OF, of);
	doc_set_text(ban, BAN_BY, doc_name(c->who.user));
	doc_take(ban, c->in, BAN_NOTE.of);
	doc_take(ban, c->in, BAN_EXPIRES_AT.of);
	tx_init(&t, &c->db);
	tx_expect_key(&t, POLICY_BANS_REV, rev);
	doc_save(&t, ban);
	rows_ban(&t, ban);
	journal_write(&t, c, CONSOLE_BAN, CONSOLE_ADD_BAN, of);
	int r = tx_commit(&t);
	return r < 0 ? r : call_json(c, view(ban));
}

/* --- end ------------------------------------------------------------------ */

int bans_end(struct call *c)
{
	struct doc *ban = doc_get(&c->db, DOC_BAN, c->param[0]);
	struct tx t;

	if (!ban)
		return call_missing(c);
	tx_init(&t, &c->db);
	doc_delete(&t, ban);
	rows_ban_gone(&t, ban);
	journal_write(&t, c, CONSOLE_BAN, CONSOLE_END_BAN,
		      doc_text(ban, BAN_OF));
	return call_result(c, tx_commit(&t));
}

struct over {
	int64_t now_s;
	char guids[TIDY_MAX][GUID_TEXT];
	size_t n;
};

static bool note_over(void *ctx, struct doc *ban)
{
	struct over *o = ctx;
	int64_t expires = doc_int(ban, BAN_EXPIRES_AT, 0);

	if (expires && expires <= o->now_s)
		strcpy(o->guids[o->n++], ban->guid);
	return o->n < TIDY_MAX;
}

void bans_tidy(struct app *app, struct db *d)
{
	if (!atomic_exchange(&app->banned.ended, false))
		return;
	struct over *o = pool_alloc(d->pool, sizeof(*o));

	*o = (struct over){ .now_s = (int64_t)(app_now_ms() / 1000) };
	doc_each(d, DOC_BAN, note_over, o);
	for (size_t i = 0; i < o->n; i++) {
		struct doc *ban = doc_get(d, DOC_BAN, o->guids[i]);
		struct tx t;

		if (!ban)
			continue;
		tx_init(&t, d);
		doc_delete(&t, ban);
		rows_ban_gone(&t, ban);
		(void)!tx_commit(&t); /* -EAGAIN: another api was faster */
	}
	if (d->away || o->n == TIDY_MAX)
		app->banned.ended = true;
}
