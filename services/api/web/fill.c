#include "services/api/web/fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/site/presence.h"
#include "common/site/statekey.h"
#include "services/api/web/presences.lua.h"

enum { SCAN = 200, BUCKETS_EACH = 128 };

static int put_device(struct index *ix, const struct doc *d)
{
	struct json_object *info = doc_obj(d, DEVICE_INFO);
	const char *username = doc_text(d, DEVICE_USERNAME);
	struct index_device dev = {
		.guid = d->guid,
		.id = doc_text(d, DEVICE_ID),
		.name = doc_text(d, DEVICE_NAME),
		.hostname = field_text(info, INFO_HOSTNAME),
		.username =
			*username ? username : field_text(info, INFO_USERNAME),
		.note = doc_text(d, DEVICE_NOTE),
		.os = field_text(info, INFO_OS),
		.version = field_text(info, INFO_VERSION),
		.owner = doc_text(d, DEVICE_OWNER),
		.group = doc_text(d, DEVICE_GROUP),
		.strategy = doc_text(d, DEVICE_STRATEGY),
		.machine = doc_text(d, DEVICE_UUID),
		.created_ms = doc_int(d, ANY_CREATED_AT, 0),
		.disabled = doc_int(d, DEVICE_STATUS, 1) == 0,
	};
	int r = index_put(ix, &dev);

	return r == -ENOMEM ? r : 0; /* what does not fit is not listed */
}

/* What is freed at once is allocated again for the next: half the time of a
 * million. */
static int put_text(struct index *ix, const char *guid, const char *text)
{
	struct pool one = { 0 };
	const struct doc *dev = doc_of(&one, DOC_DEVICE, guid, text);
	int r = dev ? put_device(ix, dev) : 0;

	pool_fini(&one);
	return r;
}

/* One round of a scan, with memory of its own. Returns the next cursor, or
 * NULL with *R. */
static const char *scan(struct index *ix, struct db *d, const char *cursor,
			char next[static 24], int *r)
{
	struct pool *whole = d->pool, chunk = { 0 };
	char count[8];

	d->pool = &chunk;
	snprintf(count, sizeof(count), "%d", SCAN);
	const struct redis_reply *reply = db_do(d, "HSCAN", doc_key(DOC_DEVICE),
						cursor, "COUNT", count, NULL);
	const struct redis_reply *rows = db_item(reply, 1);
	*r = reply ? 0 : -EIO;
	for (size_t i = 0; *r == 0 && i + 1 < db_count(rows); i += 2) {
		const char *text = db_text(db_item(rows, i + 1));

		if (text)
			*r = put_text(ix, db_text(db_item(rows, i)), text);
	}
	const char *to = db_text(db_item(reply, 0));
	snprintf(next, 24, "%s", to ? to : "0");
	d->pool = whole;
	pool_fini(&chunk);
	return *r == 0 && strcmp(next, "0") != 0 ? next : NULL;
}

static int all_devices(struct index *ix, struct db *d, const _Atomic bool *stop)
{
	char at[24] = "0", next[24];
	int r;

	while (scan(ix, d, at, next, &r) && !*stop)
		memcpy(at, next, sizeof(at));
	return *stop ? -ECANCELED : r;
}

static const struct {
	const char *kind;
	enum doc_kind doc;
	enum index_kind index;
} named[] = {
	{ "user", DOC_USER, INDEX_USER },
	{ "usergroup", DOC_USER_GROUP, INDEX_USER_GROUP },
	{ "devicegroup", DOC_DEVICE_GROUP, INDEX_DEVICE_GROUP },
	{ "strategy", DOC_STRATEGY, INDEX_STRATEGY },
};

struct filling {
	struct index *ix;
	enum index_kind kind;
	int r;
};

/* What the index keeps of a document: its name, and a user's group. */
static int put_name(struct index *ix, enum index_kind kind, const char *guid,
		    const struct doc *doc)
{
	return index_put_name(ix, kind, guid, doc_name(doc),
			      kind == INDEX_USER ? doc_text(doc, USER_GROUP)
						 : "");
}

static bool one_name(void *ctx, struct doc *doc)
{
	struct filling *f = ctx;
	int r = put_name(f->ix, f->kind, doc->guid, doc);

	if (r == -ENOMEM)
		f->r = r;
	return f->r == 0;
}

static void put_presence(struct index *ix, const char *id, size_t id_len,
			 const struct redis_reply *value)
{
	size_t len = 0;
	const char *raw = db_bytes(value, &len);
	struct presence p;

	if (!id || !raw || presence_decode((const uint8_t *)raw, len, &p) < 0)
		return;
	struct index_presence out = {
		.epoch = p.epoch,
		.via = p.via,
		.seen_s = PRESENCE_ZERO_S + p.written_s,
	};
	memcpy(out.ip, p.addr.ip, sizeof(out.ip));
	index_seen(ix, id, id_len, &out);
}

void fill_pairs(struct index *ix, const struct redis_reply *r)
{
	for (size_t i = 0; i + 1 < db_count(r); i += 2) {
		size_t len = 0;
		const char *id = db_bytes(db_item(r, i), &len);

		put_presence(ix, id, len, db_item(r, i + 1));
	}
}

void fill_presence(struct index *ix, struct db *state, unsigned from,
		   unsigned n)
{
	char a[16], b[16];

	snprintf(a, sizeof(a), "%u", from);
	snprintf(b, sizeof(b), "%u", from + n - 1);
	fill_pairs(ix, db_eval(state, &presences_lua, 0, a, b, NULL));
}

static int all_presence(struct index *ix, struct db *state)
{
	struct pool *whole = state->pool;

	for (unsigned b = 0; b < FILL_BUCKETS && !state->away;
	     b += BUCKETS_EACH) {
		struct pool chunk = { 0 };

		state->pool = &chunk;
		fill_presence(ix, state, b, BUCKETS_EACH);
		state->pool = whole;
		pool_fini(&chunk);
	}
	return state->away ? -EIO : 0;
}

int fill_all(struct index *ix, struct db *d, struct db *state,
	     const _Atomic bool *stop)
{
	struct filling f = { .ix = ix };

	for (size_t i = 0; f.r == 0 && i < ARRAY_LEN(named); i++) {
		f.kind = named[i].index;
		doc_each(d, named[i].doc, one_name, &f);
	}
	if (f.r == 0)
		f.r = all_devices(ix, d, stop);
	if (f.r == 0)
		f.r = all_presence(ix, state);
	return d->away ? -EIO : f.r;
}

/* The presence under its id, which may be older than the document. */
static int change_device(struct index *ix, struct db *d, struct db *state,
			 const char *guid)
{
	struct doc *dev = doc_get(d, DOC_DEVICE, guid);
	char key[STATEKEY_MAX];

	if (d->away)
		return -EIO;
	if (!dev) {
		index_drop(ix, guid);
		return 0;
	}
	int r = put_device(ix, dev);
	const char *id = doc_text(dev, DEVICE_ID);
	statekey_seen(id, strlen(id), key);
	put_presence(ix, id, strlen(id), db_do(state, "HGET", key, id, NULL));
	return d->away ? -EIO : r; /* without presence the sweep brings it */
}

int fill_change(struct index *ix, struct db *d, struct db *state,
		const char *kind, const char *guid)
{
	if (strcmp(kind, "device") == 0)
		return change_device(ix, d, state, guid);
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (strcmp(kind, named[i].kind) != 0)
			continue;
		struct doc *doc = doc_get(d, named[i].doc, guid);
		int r = put_name(ix, named[i].index, guid, doc);

		return d->away ? -EIO : r == -ENOMEM ? r : 0;
	}
	return 0;
}
