#include "services/utils/backup/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/utils/backup/dump.lua.h"
#include "services/utils/backup/durable.h"
#include "services/utils/backup/item.h"

enum {
	PIPELINE = 32,        /* keys under way */
	WHOLE_MAX = 16 << 20, /* a larger key is written in parts: the server
				 would be blocked, and its reply too large */
	PART_MAX = 1 << 20,
};

struct dump {
	struct redis_sync *redis;
	const char *command;
	struct backup_file *file;
	struct dump_counts *counts;
	struct buf record;
};

static bool write_record(struct dump *d)
{
	int r = backup_write(d->file, buf_head(&d->record),
			     buf_len(&d->record));

	buf_consume(&d->record, buf_len(&d->record));
	if (r == 0)
		return true;
	d->counts->file_failed = true;
	d->counts->file_error = r;
	return false;
}

static bool no_room(struct dump *d)
{
	fprintf(stderr, "rustdesk-utils %s: a key is too large\n", d->command);
	return false;
}

/* --- large keys, in parts --------------------------------------------------
 */

static const struct part_type {
	const char *type;
	const char *scan;
	enum item_kind kind;
} part_types[] = {
	{ "hash", "HSCAN", ITEM_HASH },
	{ "zset", "ZSCAN", ITEM_ZSET },
	{ "set", "SSCAN", ITEM_SET },
};

static bool put_elements(struct dump *d, const struct part_type *t,
			 const char *key, size_t key_len, int64_t expires_ms,
			 const struct redis_reply *list)
{
	size_t step = t->kind == ITEM_SET ? 1 : 2;

	for (size_t i = 0; i + step <= redis_len(list); i += step) {
		if (buf_len(&d->record) == 0 &&
		    item_begin(&d->record, t->kind, expires_ms, key, key_len))
			return no_room(d);
		for (size_t j = 0; j < step; j++) {
			size_t len = 0;
			const char *s = redis_str(redis_at(list, i + j), &len);
			if (item_element(&d->record, s ? s : "", len) < 0)
				return no_room(d);
		}
		if (buf_len(&d->record) >= PART_MAX && !write_record(d))
			return false;
	}
	return true;
}

static bool dump_parts(struct dump *d, const struct part_type *t,
		       const char *key, size_t key_len, int64_t expires_ms)
{
	char cursor[DB_CURSOR_MAX] = "0";

	do {
		size_t len = 0;
		struct redis_reply *r =
			redis_sync_format(d->redis, "%s %b %s COUNT 1000",
					  t->scan, key, key_len, cursor);
		bool good = db_good(r, REDIS_ARRAY, d->command) &&
			    redis_len(r) == 2 &&
			    put_elements(d, t, key, key_len, expires_ms,
					 redis_at(r, 1));
		const char *next = good ? redis_str(redis_at(r, 0), &len) : "";
		snprintf(cursor, sizeof(cursor), "%.*s", (int)len,
			 next ? next : "0");
		redis_reply_free(r);
		if (!good)
			return false;
	} while (strcmp(cursor, "0") != 0);
	return buf_len(&d->record) == 0 || write_record(d);
}

static bool dump_large(struct dump *d, const char *type, const char *key,
		       size_t key_len, int64_t expires_ms)
{
	for (size_t i = 0; i < ARRAY_LEN(part_types); i++) {
		if (strcmp(type, part_types[i].type) == 0)
			return dump_parts(d, &part_types[i], key, key_len,
					  expires_ms);
	}
	return no_room(d);
}

/* --- one step of the scan --------------------------------------------------
 */

static bool send_dump(struct dump *d, const char *key, size_t len)
{
	char max[16];
	snprintf(max, sizeof(max), "%d", WHOLE_MAX);
	const char *argv[] = { "EVALSHA", dump_lua.sha, "1", key, max };
	size_t lens[] = { 7, 40, 1, len, strlen(max) };

	return redis_sync_append(d->redis, 5, argv, lens) == 0 ||
	       db_good(NULL, REDIS_ARRAY, d->command);
}

/* The keys whose turn comes when the pipeline is empty. */
struct large {
	size_t n;
	struct {
		char type[8];
		int64_t expires_ms;
		const struct redis_reply *key;
	} keys[PIPELINE];
};

static bool take_answer(struct dump *d, const struct redis_reply *r,
			const struct redis_reply *name, struct large *large)
{
	size_t key_len = 0, len = 0;
	const char *key = redis_str(name, &key_len);

	if (redis_len(r) < 2)
		return true; /* gone meanwhile */
	const char *at = redis_str(redis_at(r, 1), &len);
	int64_t expires_ms = at ? strtoll(at, NULL, 10) : 0;
	d->counts->keys++;
	if (redis_len(r) == 2) {
		const char *type = redis_str(redis_at(r, 0), &len);
		snprintf(large->keys[large->n].type,
			 sizeof(large->keys[0].type), "%s", type ? type : "");
		large->keys[large->n].expires_ms = expires_ms;
		large->keys[large->n++].key = name;
		return true;
	}
	const char *data = redis_str(redis_at(r, 2), &len);
	if (!data ||
	    item_begin(&d->record, ITEM_DUMP, expires_ms, key, key_len) < 0 ||
	    buf_append(&d->record, data, len) < 0)
		return no_room(d);
	return write_record(d);
}

static bool dump_batch(struct dump *d, const struct redis_reply **names,
		       size_t n)
{
	struct large large = { .n = 0 };
	size_t len = 0;
	bool good = true;

	for (size_t i = 0; i < n && good; i++) {
		const char *key = redis_str(names[i], &len);
		good = send_dump(d, key, len);
	}
	for (size_t i = 0; i < n && good; i++) {
		struct redis_reply *r = redis_sync_next(d->redis);
		good = db_good(r, REDIS_ARRAY, d->command) &&
		       take_answer(d, r, names[i], &large);
		redis_reply_free(r);
	}
	for (size_t i = 0; i < large.n && good; i++) {
		const char *key = redis_str(large.keys[i].key, &len);
		good = dump_large(d, large.keys[i].type, key, len,
				  large.keys[i].expires_ms);
	}
	return good;
}

static bool dump_keys(struct dump *d, const struct redis_reply *keys)
{
	const struct redis_reply *batch[PIPELINE];
	size_t n = 0, len = 0;

	for (size_t i = 0; i < redis_len(keys); i++) {
		const char *key = redis_str(redis_at(keys, i), &len);
		enum durable_kind kind =
			key ? durable_kind(key, len) : DURABLE_NO;
		d->counts->foreign += kind == DURABLE_FOREIGN;
		if (kind != DURABLE_YES && kind != DURABLE_SECRET)
			continue;
		batch[n++] = redis_at(keys, i);
		if (n < PIPELINE)
			continue;
		if (!dump_batch(d, batch, n))
			return false;
		n = 0;
	}
	return dump_batch(d, batch, n);
}

/* --- all of it --------------------------------------------------------------
 */

/* The api adds an event with every change that is of interest. */
static bool last_event(struct dump *d, char out[static 64])
{
	struct redis_reply *r =
		redis_sync_format(d->redis, "XREVRANGE api:events + - COUNT 1");
	bool good = db_good(r, REDIS_ARRAY, d->command);
	size_t len = 0;

	out[0] = '\0';
	if (good && redis_len(r) == 1) {
		const char *id = redis_str(redis_at(redis_at(r, 0), 0), &len);
		snprintf(out, 64, "%.*s", (int)len, id ? id : "");
	}
	redis_reply_free(r);
	return good;
}

static bool dump_all(struct dump *d)
{
	char cursor[DB_CURSOR_MAX] = "0", before[64], after[64];
	bool good = last_event(d, before);

	if (!good)
		return false;
	do {
		struct redis_reply *reply;
		const struct redis_reply *keys;
		if (!db_scan(d->redis, d->command, cursor, &reply, &keys))
			return false;
		good = dump_keys(d, keys);
		redis_reply_free(reply);
	} while (good && strcmp(cursor, "0") != 0);
	if (!good || !last_event(d, after))
		return false;
	d->counts->moved = strcmp(before, after) != 0;
	return true;
}

bool dump_redis(struct redis_sync *r, const char *command,
		struct backup_file *file, struct dump_counts *counts)
{
	struct dump d = {
		.redis = r,
		.command = command,
		.file = file,
		.counts = counts,
	};

	*counts = (struct dump_counts){ .keys = 0 };
	if (!db_script(r, command, &dump_lua))
		return false;
	buf_init(&d.record, BACKUP_RECORD_MAX);
	bool good = dump_all(&d);
	buf_fini(&d.record);
	return good;
}
