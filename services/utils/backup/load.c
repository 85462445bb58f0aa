#include "services/utils/backup/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/site/keynames.h"
#include "services/utils/backup/count_peers.lua.h"
#include "services/utils/backup/durable.h"

enum {
	PIPELINE = 256,
	PIPELINE_BYTES = 8 << 20,
	PART_WORDS = 512, /* elements of one command */
};

struct load {
	struct redis_sync *redis;
	const char *command;
	bool accounts;
	unsigned pending;
	size_t bytes;
	uint64_t keys;
};

struct load *load_open(struct redis_sync *r, const char *command, bool accounts)
{
	struct load *l = calloc(1, sizeof(*l));

	if (!l) {
		fprintf(stderr, "rustdesk-utils %s: no memory\n", command);
		return NULL;
	}
	l->redis = r;
	l->command = command;
	l->accounts = accounts;
	return l;
}

static bool drain(struct load *l)
{
	for (; l->pending > 0; l->pending--) {
		struct redis_reply *r = redis_sync_next(l->redis);
		bool good = r && redis_kind(r) != REDIS_ERROR;
		if (!good)
			good = db_good(r, REDIS_STRING, l->command);
		redis_reply_free(r);
		if (!good)
			return false;
	}
	l->bytes = 0;
	return true;
}

bool load_command(struct load *l, int argc, const char *const *argv,
		  const size_t *lens)
{
	for (int i = 0; i < argc; i++)
		l->bytes += lens[i];
	if (redis_sync_append(l->redis, argc, argv, lens) < 0)
		return db_good(NULL, REDIS_STRING, l->command);
	l->pending++;
	return (l->pending < PIPELINE && l->bytes < PIPELINE_BYTES) || drain(l);
}

/* --- what is there ----------------------------------------------------------
 */

static bool is_ours(const struct load *l, const struct redis_reply *key)
{
	static const char peers[] = "peer"; /* peer:, peers:count */
	size_t len = 0;
	const char *text = redis_str(key, &len);

	if (!text)
		return false;
	enum durable_kind kind = durable_kind(text, len);
	if (l->accounts && len >= sizeof(peers) - 1 &&
	    memcmp(text, peers, sizeof(peers) - 1) == 0)
		return false;
	return kind == DURABLE_YES || kind == DURABLE_SECRET;
}

/* What came of a key: go on, stop, or it failed. */
enum step { STEP_ON, STEP_STOP, STEP_FAILED };

static enum step each_key(struct load *l,
			  enum step (*fn)(struct load *l,
					  const struct redis_reply *key))
{
	char cursor[DB_CURSOR_MAX] = "0";
	enum step step = STEP_ON;

	do {
		struct redis_reply *reply;
		const struct redis_reply *keys;
		if (!db_scan(l->redis, l->command, cursor, &reply, &keys))
			return STEP_FAILED;
		for (size_t i = 0; i < redis_len(keys) && step == STEP_ON; i++)
			if (is_ours(l, redis_at(keys, i)))
				step = fn(l, redis_at(keys, i));
		if (step == STEP_ON && !drain(l))
			step = STEP_FAILED;
		redis_reply_free(reply);
	} while (step == STEP_ON && strcmp(cursor, "0") != 0);
	return step;
}

static enum step stop(struct load *l, const struct redis_reply *key)
{
	(void)l;
	(void)key;
	return STEP_STOP;
}

bool load_look(struct load *l, bool *empty, bool *unfinished)
{
	struct redis_reply *r = redis_sync_format(l->redis, "EXISTS %s",
						  KEY_RESTORE_UNFINISHED);
	bool good = db_good(r, REDIS_INT, l->command);

	*unfinished = good && redis_int(r) == 1;
	redis_reply_free(r);
	if (!good)
		return false;
	enum step step = each_key(l, stop);
	*empty = step == STEP_ON;
	return step != STEP_FAILED;
}

static enum step unlink_key(struct load *l, const struct redis_reply *key)
{
	size_t len = 0;
	const char *argv[] = { "UNLINK", redis_str(key, &len) };
	size_t lens[] = { 6, len };

	return load_command(l, 2, argv, lens) ? STEP_ON : STEP_FAILED;
}

bool load_begin(struct load *l)
{
	struct redis_reply *r =
		redis_sync_format(l->redis, "SET %s 1", KEY_RESTORE_UNFINISHED);
	bool good = db_good(r, REDIS_STRING, l->command);

	redis_reply_free(r);
	return good && each_key(l, unlink_key) == STEP_ON;
}

/* --- one record
 * --------------------------------------------------------------- */

static bool load_dump(struct load *l, const struct item *i)
{
	char at[24];
	int n = snprintf(at, sizeof(at), "%lld", (long long)i->expires_ms);
	const char *argv[] = { "RESTORE", i->name, at, (const char *)i->data,
			       "REPLACE", "ABSTTL" };
	size_t lens[] = { 7, i->name_len, (size_t)n, i->len, 7, 6 };

	return load_command(l, 6, argv, lens);
}

static bool expire(struct load *l, const struct item *i)
{
	char at[24];
	int n = snprintf(at, sizeof(at), "%lld", (long long)i->expires_ms);
	const char *argv[] = { "PEXPIREAT", i->name, at };
	size_t lens[] = { 9, i->name_len, (size_t)n };

	return i->expires_ms == 0 || load_command(l, 3, argv, lens);
}

/* Elements come in pairs; ZADD wants the score first. */
static bool load_part(struct load *l, const struct item *i)
{
	const char *argv[2 + PART_WORDS] = { NULL };
	size_t lens[2 + PART_WORDS] = { 0 }, at = 0;
	bool more = true;

	argv[0] = i->kind == ITEM_HASH   ? "HSET"
		  : i->kind == ITEM_ZSET ? "ZADD"
					 : "SADD";
	lens[0] = 4;
	argv[1] = i->name;
	lens[1] = i->name_len;
	while (more) {
		int n = 2;
		const uint8_t *data;
		while (n < 2 + PART_WORDS &&
		       (more = item_next(i, &at, &data, &lens[n])))
			argv[n++] = (const char *)data;
		for (int k = 2; i->kind == ITEM_ZSET && k < n; k += 2) {
			const char *member = argv[k];
			size_t len = lens[k];
			argv[k] = argv[k + 1];
			lens[k] = lens[k + 1];
			argv[k + 1] = member;
			lens[k + 1] = len;
		}
		if (n > 2 && !load_command(l, n, argv, lens))
			return false;
	}
	return expire(l, i);
}

bool load_item(struct load *l, const struct item *i)
{
	int64_t now_ms = (int64_t)time(NULL) * 1000;

	if (i->kind == ITEM_FILE ||
	    (i->expires_ms > 0 && i->expires_ms <= now_ms))
		return true;
	l->keys++;
	return i->kind == ITEM_DUMP ? load_dump(l, i) : load_part(l, i);
}

/* --- the end
 * ------------------------------------------------------------------ */

/* The count in the backup was read at another moment than the peers. */
static bool count_peers(struct load *l)
{
	static const char *const keys[] = { KEY_PEERS_COUNT };
	struct redis_reply *r =
		redis_sync_eval(l->redis, &count_peers_lua, 1, 1, keys, NULL);
	bool good = db_good(r, REDIS_INT, l->command);

	redis_reply_free(r);
	return good;
}

bool load_end(struct load *l)
{
	if (!drain(l) || !count_peers(l))
		return false;
	struct redis_reply *r =
		redis_sync_format(l->redis, "DEL %s", KEY_RESTORE_UNFINISHED);
	bool good = db_good(r, REDIS_INT, l->command);
	redis_reply_free(r);
	return good;
}

uint64_t load_keys(const struct load *l)
{
	return l->keys;
}

void load_close(struct load *l)
{
	free(l);
}
