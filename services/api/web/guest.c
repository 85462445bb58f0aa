#include "services/api/web/guest.h"

#include <inttypes.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/guard.h"
#include "services/api/core/rows.h"
#include "services/api/journal/journal.h"
#include "services/api/web/facts.h"
#include "services/api/web/guest_link.h"
#include "services/api/web/guest_rate.lua.h"
#include "services/api/web/ticket.h"

enum why {
	WHY_NOT, /* nothing is wrong */
	WHY_TOO_FREQUENT,
	WHY_UNKNOWN,
	WHY_REVOKED,
	WHY_USED_UP,
	WHY_EXPIRED,
	WHY_PIN_WANTED,
	WHY_PIN_WRONG,
	WHY_VOID,
	WHY_PASS,
	WHY_DEVICE,
};

static const struct {
	const char *reason, *text;
} says[] = {
	[WHY_TOO_FREQUENT] = { "too_frequent", guard_full },
	[WHY_UNKNOWN] = { "unknown", "This guest link does not exist" },
	[WHY_REVOKED] = { "revoked", "This guest link was revoked" },
	[WHY_USED_UP] = { "used", "This guest link has been used as often as "
				  "it may be" },
	[WHY_EXPIRED] = { "expired", "This guest link has expired" },
	[WHY_PIN_WANTED] = { "pin_wanted", "This guest link asks for a PIN" },
	[WHY_PIN_WRONG] = { "pin_wrong", "The PIN is wrong" },
	[WHY_VOID] = { "void", "This guest link is no longer valid: who made "
			       "it may not reach its devices any more" },
	[WHY_PASS] = { "pass", "Open the guest link again" },
	[WHY_DEVICE] = { "device", "This guest link is not for that device" },
};

static int refuse(struct call *c, enum why why)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "error", says[why].text);
	js_set_str(o, "reason", says[why].reason);
	call_json(c, o);
	c->status = why == WHY_TOO_FREQUENT ? 429 : 403;
	return 0;
}

static int64_t now_s(const struct call *c)
{
	return (int64_t)(c->now_ms / 1000);
}

static enum why why_ended(struct call *c, struct doc *link)
{
	static const enum why whys[] = {
		[GUEST_ACTIVE] = WHY_NOT,
		[GUEST_EXPIRED] = WHY_EXPIRED,
		[GUEST_USED_UP] = WHY_USED_UP,
		[GUEST_REVOKED] = WHY_REVOKED,
	};
	const struct guest_count *n = guest_link_counts(&c->db, &link, 1);

	return whys[guest_link_state(link, n, now_s(c))];
}

/* --- what the guest may --------------------------------------------------- */

struct offer {
	struct doc **devs;
	size_t n;
	uint64_t permissions;
};

/* What hbbs would let the guest do: nothing without the link's own role. */
static void find_offer(struct call *c, const struct doc *link, struct offer *o)
{
	const char *maker = doc_text(link, GUEST_USER);
	const char *guid = doc_text(link, GUEST_ROLE);
	struct doc *role = doc_get(&c->db, DOC_CONTROL_ROLE, guid);
	size_t n;
	struct doc **devs = guest_link_devices(&c->db, link, &n);

	*o = (struct offer){ .devs = devs };
	if (*guid && (!role || !doc_bool(role, CROLE_ENABLED, true)))
		return;
	for (size_t i = 0; i < n; i++)
		if (facts_reach(c, maker, doc_text(devs[i], DEVICE_ID),
				&o->permissions))
			devs[o->n++] = devs[i];
	if (role)
		o->permissions = policy_narrow(
			o->permissions,
			rows_permissions(doc_obj(role, CROLE_PERMISSIONS)));
}

/* --- the secret ----------------------------------------------------------- */

/* The name under which failures count. */
static const char *account_of(struct call *c, const struct doc *link,
			      const char *hash)
{
	return call_fmt(c, "guest link %s", link ? link->guid : hash);
}

static enum why judge(struct call *c, struct doc *link, struct offer *o)
{
	const char *pin = js_text(c->in, "pin");

	if (!link)
		return WHY_UNKNOWN;
	enum why why = why_ended(c, link);
	const char *wanted = doc_text(link, GUEST_PIN);
	if (why != WHY_NOT)
		return why;
	if (*wanted && !*pin)
		return WHY_PIN_WANTED;
	if (*wanted && !seal_password_ok(wanted, pin))
		return WHY_PIN_WRONG;
	find_offer(c, link, o);
	return o->n ? WHY_NOT : WHY_VOID;
}

/* Of parallel guesses each gets its own number: the others run again. */
static enum why wrong_pin(struct tx *t, struct call *c, struct doc *link)
{
	int64_t n = doc_int(link, GUEST_WRONG, 0) + 1;

	doc_set_int(link, GUEST_WRONG, n);
	if (n >= GUEST_LINK_PIN_TRIES) {
		guest_link_revoke(t, c, link);
		return WHY_REVOKED;
	}
	guest_link_save(t, link);
	return WHY_PIN_WRONG;
}

/* A refusal counts as a failed log-in does, so their number is bounded. */
static int refuse_secret(struct call *c, struct doc *link, const char *account,
			 enum why why)
{
	struct tx t;

	if (why == WHY_PIN_WANTED)
		return refuse(c, why);
	if (guard_judge(c, account, false, says[why].text) == guard_full)
		return refuse(c, WHY_TOO_FREQUENT);
	if (!link)
		return c->db.away ? -EIO : refuse(c, why);
	tx_init(&t, &c->db);
	if (why == WHY_PIN_WRONG)
		why = wrong_pin(&t, c, link);
	journal_write_as(&t, c, NULL, CONSOLE_GUEST, CONSOLE_GUEST_REFUSED,
			 call_fmt(c, "%s: %s", guest_link_name(c, link),
				  says[why].reason));
	int r = tx_commit(&t);
	if (r == 0 && why == WHY_REVOKED)
		guest_link_ended(c, link);
	return r ? r : refuse(c, why);
}

static struct json_object *devices_view(struct call *c, const struct offer *o)
{
	const char **ids = pool_alloc(&c->pool, (o->n + 1) * sizeof(*ids));
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < o->n; i++)
		ids[i] = doc_text(o->devs[i], DEVICE_ID);
	struct peer_seen *seen = peers_seen(c, ids, o->n);
	for (size_t i = 0; i < o->n; i++)
		js_push(out, guest_link_device(o->devs[i], seen[i]));
	return out;
}

static int answer(struct call *c, struct doc *link, const struct offer *o,
		  const char *pass, int64_t life_s)
{
	struct doc *maker =
		doc_get(&c->db, DOC_USER, doc_text(link, GUEST_USER));
	const char *shown = doc_text(maker, USER_DISPLAY_NAME);
	int64_t uses = doc_int(link, GUEST_USES, 0);
	struct json_object *out = json_object_new_object();

	js_set_str(out, "pass", pass);
	js_set_int(out, "expires_in", life_s);
	js_set_str(out, "user_name", *shown ? shown : doc_name(maker));
	js_set_int(out, "expires_at", doc_int(link, GUEST_EXPIRES_AT, 0));
	js_set_int(out, "uses_left",
		   uses ? uses - guest_link_counts(&c->db, &link, 1)->used
			: -1);
	js_set(out, "devices", devices_view(c, o));
	js_set(out, "permissions", facts_permissions(o->permissions));
	return call_json(c, out);
}

static int64_t left_s(struct call *c, const struct doc *link, int64_t most_s)
{
	int64_t left = doc_int(link, GUEST_EXPIRES_AT, 0) - now_s(c);

	return left < most_s ? left : most_s;
}

/* Whoever has the secret writes a key into Redis each time. */
static bool too_many(struct call *c, const struct doc *link)
{
	const struct redis_reply *n =
		db_eval(&c->db, &guest_rate_lua, 1,
			call_fmt(c, KEY_GUEST_RATE, link->guid),
			call_fmt(c, "%d", GUEST_HOUR_S), NULL);

	return db_num(n) > GUEST_HOUR_MAX;
}

/* One row for each who came, however often he opens the link in an hour. */
static void note_came(struct tx *t, struct call *c, const struct doc *link)
{
	char ip[ADDR_TEXT_MAX];
	const char *key = call_fmt(c, KEY_GUEST_CAME, link->guid,
				   addr_format_ip(&c->client, ip));

	if (db_text(db_do(&c->db, "GET", key, NULL)))
		return;
	tx_expect_key(t, key, NULL);
	tx_do(t, "SET", key, "1", "EX", call_fmt(c, "%d", GUEST_HOUR_S), NULL);
	journal_write_as(t, c, NULL, CONSOLE_GUEST, CONSOLE_GUEST_CAME,
			 guest_link_name(c, link));
}

static int let_in(struct call *c, struct doc *link, const char *account,
		  const struct offer *o)
{
	char pass[SEAL_TOKEN], hash[SEAL_HASH];
	int64_t life_s = left_s(c, link, GUEST_PASS_S);
	struct tx t;

	if (too_many(c, link))
		return refuse(c, WHY_TOO_FREQUENT);
	seal_token(pass);
	seal_hash(pass, hash);
	tx_init(&t, &c->db);
	tx_expect(&t, doc_key(link->kind), link->guid, link->raw);
	tx_do(&t, "SET", call_fmt(c, KEY_GUEST_PASS, hash), link->guid, "EX",
	      call_fmt(c, "%" PRId64, life_s), NULL);
	if (doc_int(link, GUEST_WRONG, 0)) {
		doc_set_int(link, GUEST_WRONG, 0);
		guest_link_save(&t, link);
	}
	guard_passed(&t, c, account);
	note_came(&t, c, link);
	int r = tx_commit(&t);
	return r ? r : answer(c, link, o, pass, life_s);
}

int web_guest(struct call *c)
{
	char hash[SEAL_HASH];
	struct offer o = { 0 };

	seal_hash(js_text(c->in, "secret"), hash);
	struct doc *link = doc_by_name(&c->db, DOC_GUEST_LINK, hash);
	const char *account = account_of(c, link, hash);
	enum guard who = guard_open(c, account);
	if (who == GUARD_SHUT)
		return refuse(c, WHY_TOO_FREQUENT);
	bool checks = *doc_text(link, GUEST_PIN) && *js_text(c->in, "pin");
	if (checks && !guard_lane(c, who, false))
		return CALL_LATER;
	enum why why = judge(c, link, &o);
	if (c->db.away)
		return -EIO;
	if (why != WHY_NOT)
		return refuse_secret(c, link, account, why);
	/* Others may have used up the tries meanwhile. */
	if (guard_judge(c, account, true, ""))
		return refuse(c, WHY_TOO_FREQUENT);
	return let_in(c, link, account, &o);
}

/* --- the pass ------------------------------------------------------------- */

static bool listed(struct doc *const *devs, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(doc_text(devs[i], DEVICE_ID), id) == 0)
			return true;
	return false;
}

/* What keeps a guest of LINK from the device with the id ID? */
static enum why why_not_device(struct call *c, const struct doc *link,
			       const char *id)
{
	struct offer o;
	size_t n;
	struct doc **devs = guest_link_devices(&c->db, link, &n);

	if (!listed(devs, n, id))
		return WHY_DEVICE;
	find_offer(c, link, &o);
	return listed(o.devs, o.n, id) ? WHY_NOT : WHY_VOID;
}

/* The link of the body's pass; *KEY is where that is kept. */
static struct doc *link_of_pass(struct call *c, const char **key)
{
	char hash[SEAL_HASH];

	seal_hash(js_text(c->in, "pass"), hash);
	*key = call_fmt(c, KEY_GUEST_PASS, hash);
	return doc_get(&c->db, DOC_GUEST_LINK,
		       db_text(db_do(&c->db, "GET", *key, NULL)));
}

/* The pass ends with its link: one row in the audit for each. */
static int end_pass(struct call *c, const struct doc *link, const char *key,
		    enum why why)
{
	struct tx t;

	tx_init(&t, &c->db);
	tx_do(&t, "DEL", key, NULL);
	journal_write_as(&t, c, NULL, CONSOLE_GUEST, CONSOLE_GUEST_REFUSED,
			 call_fmt(c, "%s: %s", guest_link_name(c, link),
				  says[why].reason));
	int r = tx_commit(&t);
	return r ? r : refuse(c, why);
}

int web_guest_ticket(struct call *c)
{
	const char *key, *id = js_text(c->in, "id");

	if (!guard_rate(c))
		return refuse(c, WHY_TOO_FREQUENT);
	struct doc *link = link_of_pass(c, &key);
	if (!link)
		return c->db.away ? -EIO : refuse(c, WHY_PASS);
	enum why why = why_ended(c, link);
	if (c->db.away)
		return -EIO;
	if (why != WHY_NOT)
		return end_pass(c, link, key, why);
	why = why_not_device(c, link, id);
	if (c->db.away)
		return -EIO;
	if (why != WHY_NOT)
		return refuse(c, why);
	return ticket_answer(c, &(struct ticket_of){
					.device = id,
					.user = doc_text(link, GUEST_USER),
					.guest = link->guid,
					.life_s = left_s(c, link, TICKET_S),
				});
}
