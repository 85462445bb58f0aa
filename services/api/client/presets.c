#include "services/api/client/presets.h"

#include <inttypes.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/client/assign.h"
#include "services/api/core/options.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/journal/journal.h"

static const char book_name[] = "address_book_name";
static const char book_password[] = "address_book_password";

/* Is the field, or the one that it belongs to, honoured? */
static bool honoured(struct json_object *kinds, const struct assign_field *f)
{
	return js_arr_has(kinds, f->apply ? f->name : book_name);
}

static struct json_object *read_wish(struct call *c, struct json_object *kinds)
{
	struct json_object *wish = call_object(c);

	for (size_t i = 0; i < assign_nfields; i++) {
		const char *v = js_str(c->in, assign_fields[i].preset);

		if (v && *v && honoured(kinds, &assign_fields[i]))
			js_set_str(wish, assign_fields[i].name, v);
	}
	return wish;
}

/* Did DEV's wish have its turn? Older documents hold its text. */
static bool had_turn(const struct doc *dev, const char *text, const char *hash)
{
	const char *last = doc_text(dev, DEVICE_PRESETS);

	return strcmp(last, hash) == 0 || strcmp(last, text) == 0;
}

/* A wish for something that does not exist must not stop the rest. */
static void apply(struct tx *t, struct call *c, struct doc *dev,
		  struct json_object *wish)
{
	for (size_t i = 0; i < assign_nfields; i++) {
		const struct assign_field *f = &assign_fields[i];
		struct json_object *one = call_object(c);

		js_copy(one, wish, f->name);
		if (strcmp(f->name, book_name) == 0)
			one = wish;
		if (js_has(one, f->name) && f->apply)
			(void)f->apply(t, c, dev, one);
	}
}

static struct json_object *parse(struct db *d, const char *raw)
{
	bool ok;

	return raw ? js_parse(d->pool, raw, strlen(raw), &ok) : NULL;
}

static struct json_object *waiting(struct db *d, const char *guid)
{
	return parse(d, db_text(db_do(d, "HGET", KEY_DEVICE_WISH, guid, NULL)));
}

static void put_aside(struct tx *t, struct call *c, const struct doc *dev,
		      struct json_object *wish, const char *hash)
{
	struct json_object *before = waiting(&c->db, dev->guid);
	struct json_object *o = call_object(c);
	const char *password = js_text(wish, book_password);
	int64_t now_s = (int64_t)(c->now_ms / 1000);

	if (strcmp(field_text(before, WISH_HASH), hash) == 0 ||
	    strlen(js_dump(wish)) > PRESETS_WISH ||
	    (!before && db_num(db_do(&c->db, "ZCARD", KEY_DEVICE_WISHES,
				     NULL)) >= PRESETS_WAITING))
		return;
	if (*password)
		js_set_str(wish, book_password,
			   seal_close(&c->app->seal, &c->pool, password));
	field_set_text(o, WISH_HASH, hash);
	field_set_int(o, WISH_AT, now_s);
	field_set_obj(o, WISH_WISH, json_object_get(wish));
	tx_do(t, "HSET", KEY_DEVICE_WISH, dev->guid, js_dump(o), NULL);
	tx_do(t, "ZADD", KEY_DEVICE_WISHES, call_fmt(c, "%" PRId64, now_s),
	      dev->guid, NULL);
}

void presets_take(struct tx *t, struct call *c, struct doc *dev,
		  const struct peer *p)
{
	struct json_object *general = options_get(&c->db, "general");
	const char *mode = field_text(general, GENERAL_PRESETS);
	struct json_object *wish =
		read_wish(c, field_list(general, GENERAL_PRESET_KINDS));
	char hash[SEAL_HASH];

	if (strcmp(mode, "off") == 0 || js_size(wish) == 0)
		return;
	seal_hmac(&c->app->seal, js_dump(wish), hash);
	if (had_turn(dev, js_dump(wish), hash))
		return;
	if (strcmp(mode, "all") != 0 && !trust_holds(&c->db, dev, p)) {
		put_aside(t, c, dev, wish, hash);
		return;
	}
	apply(t, c, dev, wish);
	doc_set_text(dev, DEVICE_PRESETS, hash);
	device_forget_wish(t, dev->guid);
}

/* What somebody who decides needs to see; no password. */
static struct json_object *view(const struct doc *dev, struct json_object *o)
{
	struct json_object *out = json_object_new_object();
	struct json_object *wish = js_clone(field_obj(o, WISH_WISH));

	if (js_has(wish, book_password))
		js_set_str(wish, book_password, "");
	js_set_str(out, "guid", dev->guid);
	js_set_str(out, "id", doc_text(dev, DEVICE_ID));
	js_set_str(out, "hostname",
		   field_text(doc_obj(dev, DEVICE_INFO), INFO_HOSTNAME));
	js_set_int(out, "since", field_int(o, WISH_AT, 0));
	js_set(out, "presets", wish ? wish : json_object_new_object());
	return out;
}

static const struct redis_reply *range(struct call *c, size_t from, size_t n)
{
	return db_do(&c->db, "ZRANGE", KEY_DEVICE_WISHES,
		     call_fmt(c, "%zu", from), call_fmt(c, "%zu", from + n - 1),
		     NULL);
}

/* What waits of each of N devices, in one round trip. */
static struct json_object **waiting_all(struct db *d, struct doc *const *devs,
					size_t n)
{
	struct json_object **out =
		pool_alloc(d->pool, (n + 1) * sizeof(struct json_object *));
	const char **argv = pool_alloc(d->pool, (n + 2) * sizeof(*argv));

	argv[0] = "HMGET";
	argv[1] = KEY_DEVICE_WISH;
	for (size_t i = 0; i < n; i++)
		argv[i + 2] = devs[i]->guid;
	const struct redis_reply *r =
		n ? db_argv(d, (int)n + 2, argv, NULL) : NULL;
	for (size_t i = 0; i < n; i++)
		out[i] = parse(d, db_text(db_item(r, i)));
	return out;
}

/* Those of N devices that the caller may see, as far as they are on the page;
 * returns how many. */
static size_t visible(struct call *c, struct page *page, struct doc **devs,
		      size_t n)
{
	struct doc **owners =
		doc_named(&c->db, DOC_USER, devs, n, DEVICE_OWNER);
	size_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		struct target t = target_owned(devs[i], owners[i]);

		if (call_may(c, PERM_DEVICE_VIEW, &t) && page_take(page))
			devs[taken++] = devs[i];
	}
	return taken;
}

/* Whoever sees all devices pays for his page; others for all that wait. */
int presets_list(struct call *c)
{
	bool all = call_may_all(c, PERM_DEVICE_VIEW);
	struct page page;

	page_init(c, &page);
	const struct redis_reply *r = all ? range(c, page.start, page.size)
					  : range(c, 0, PRESETS_WAITING);
	size_t n = db_count(r);
	const char **guids = pool_alloc(&c->pool, (n + 1) * sizeof(*guids));
	for (size_t i = 0; i < n; i++)
		guids[i] = db_text(db_item(r, i));
	struct doc **devs = doc_many(&c->db, DOC_DEVICE, guids, n, &n);
	if (!all)
		n = visible(c, &page, devs, n);
	struct json_object **wishes = waiting_all(&c->db, devs, n);
	for (size_t i = 0; i < n; i++)
		js_push(page.data, view(devs[i], wishes[i]));
	if (all)
		page.total = (size_t)db_num(
			db_do(&c->db, "ZCARD", KEY_DEVICE_WISHES, NULL));
	return page_answer(c, &page);
}

/* Each wish needs the right to assign the same by hand. */
static bool may_grant(struct call *c, const struct doc *dev,
		      struct json_object *wish)
{
	struct target t = target_device(&c->db, dev);

	if (!call_may(c, PERM_DEVICE_ASSIGN, &t))
		return false;
	for (size_t i = 0; i < assign_nfields; i++)
		if (assign_fields[i].apply &&
		    js_has(wish, assign_fields[i].name) &&
		    !call_may(c, assign_fields[i].perm, &t))
			return false;
	return true;
}

/* The device of the path, if the caller may grant what it wishes; *O is the
 * waiting wish or NULL. Else answered, NULL. */
static struct doc *open_device(struct call *c, struct json_object **o)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, c->param[0]);

	if (!dev) {
		call_missing(c);
		return NULL;
	}
	*o = waiting(&c->db, dev->guid);
	if (may_grant(c, dev, field_obj(*o, WISH_WISH)))
		return dev;
	call_forbidden(c);
	return NULL;
}

static int decide(struct call *c, struct doc *dev, struct tx *t,
		  struct json_object *o)
{
	if (o)
		doc_set_text(dev, DEVICE_PRESETS, field_text(o, WISH_HASH));
	device_forget_wish(t, dev->guid);
	device_save(t, dev);
	journal_write(t, c, CONSOLE_DEVICE, CONSOLE_UPDATE_DEVICE,
		      doc_text(dev, DEVICE_ID));
	return call_result(c, tx_commit(t));
}

int presets_approve(struct call *c)
{
	struct json_object *o;
	struct doc *dev = open_device(c, &o);
	struct peer p;
	struct tx t;

	if (!dev)
		return 0;
	if (!peer_load(&c->db, doc_text(dev, DEVICE_ID), &p) ||
	    strcmp(p.guid, dev->guid) != 0)
		return call_error(c, 400,
				  "The ID server does not know this "
				  "device any more");
	struct json_object *wish = field_obj(o, WISH_WISH);
	const char *sealed = js_text(wish, book_password);
	if (*sealed) {
		const char *plain = seal_open(&c->app->seal, &c->pool, sealed);

		js_set_str(wish, book_password, plain ? plain : "");
	}
	tx_init(&t, &c->db);
	trust_pin(dev, &p);
	apply(&t, c, dev, wish);
	return decide(c, dev, &t, o);
}

int presets_reject(struct call *c)
{
	struct json_object *o;
	struct doc *dev = open_device(c, &o);
	struct tx t;

	if (!dev)
		return 0;
	if (!o)
		return call_missing(c);
	tx_init(&t, &c->db);
	return decide(c, dev, &t, o);
}
