#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/config/shared.h"
#include "common/site/keynames.h"
#include "services/utils/backup/durable.h"
#include "services/utils/backup/outfile.h"
#include "services/utils/command.h"
#include "services/utils/db.h"
#include "services/utils/exchange/line.h"

struct settings {
	char *redis_url;
	bool secrets;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Redis, as the servers have it."),
	{ "SECRETS", 0, NULL, OPT_BOOL, AT(secrets), "n", 0, 0,
	  "With password hashes, sealed secrets and sessions." },
};
static const struct config_spec spec = {
	.program = "rustdesk-utils export",
	.about = "writes peers, accounts and address books as lines of JSON",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "FILE",
	.size = sizeof(struct settings),
};
static const char name[] = "export";

struct export
{
	const struct settings *s;
	struct redis_sync *redis;
	FILE *f;
	int error; /* of the file */
	uint64_t peers, lines;
	uint64_t odd; /* not text where it should be, or damaged */
};

static bool print(struct export *e, struct json_object *o)
{
	if (!o) {
		e->odd++;
		return true;
	}
	size_t len;
	const char *text = json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		&len);
	errno = 0;
	bool good = text && fwrite(text, 1, len, e->f) == len &&
		    fputc('\n', e->f) != EOF;
	if (!good)
		e->error = errno ? -errno : -EIO;
	json_object_put(o);
	e->lines++;
	return good;
}

/* --- one element of each type
 * ------------------------------------------------- */

struct bytes {
	const char *at;
	size_t len;
};

static struct bytes bytes_of(const struct redis_reply *r)
{
	struct bytes b = { .len = 0 };

	b.at = r ? redis_str(r, &b.len) : NULL;
	if (!b.at)
		b.at = "";
	return b;
}

static bool print_peer(struct export *e, struct bytes id, struct bytes value)
{
	struct record r;

	if (record_decode((const uint8_t *)value.at, value.len, &r) != 0) {
		e->odd++;
		return true;
	}
	e->peers++;
	return print(e, line_peer(id.at, id.len, &r));
}

static bool print_element(struct export *e, struct bytes key, const char *as,
			  struct bytes element, struct bytes value,
			  const char *value_as)
{
	struct json_object *o = line_key(key.at, key.len);

	if (o && !line_add_text(o, as, element.at, element.len)) {
		json_object_put(o);
		o = NULL;
	}
	if (o && value_as && !line_add_text(o, value_as, value.at, value.len)) {
		json_object_put(o);
		o = NULL;
	}
	if (o && !value_as && strcmp(as, "field") == 0)
		line_add_value(o, value.at, value.len, e->s->secrets);
	return print(e, o);
}

/* Elements come from SCAN commands; each type has its own. */
static bool print_scanned(struct export *e, const char *scan, struct bytes key)
{
	char cursor[DB_CURSOR_MAX] = "0";
	bool peer = key.len > 5 && memcmp(key.at, "peer:", 5) == 0;
	bool set = strcmp(scan, "SSCAN") == 0, good = true;
	size_t step = set ? 1 : 2;

	do {
		struct redis_reply *r =
			redis_sync_format(e->redis, "%s %b %s COUNT 500", scan,
					  key.at, key.len, cursor);
		if (!db_good(r, REDIS_ARRAY, name) || redis_len(r) != 2) {
			redis_reply_free(r);
			return false;
		}
		const struct redis_reply *list = redis_at(r, 1);
		for (size_t i = 0; good && i + step <= redis_len(list);
		     i += step) {
			struct bytes a = bytes_of(redis_at(list, i));
			struct bytes b =
				bytes_of(set ? NULL : redis_at(list, i + 1));
			if (peer)
				good = print_peer(e, a, b);
			else if (strcmp(scan, "HSCAN") == 0)
				good = print_element(e, key, "field", a, b,
						     NULL);
			else
				good = print_element(e, key, "member", a, b,
						     set ? NULL : "score");
		}
		struct bytes next = bytes_of(redis_at(r, 0));
		snprintf(cursor, sizeof(cursor), "%.*s", (int)next.len,
			 next.at);
		redis_reply_free(r);
	} while (good && strcmp(cursor, "0") != 0);
	return good;
}

static bool print_string(struct export *e, struct bytes key)
{
	struct redis_reply *r =
		redis_sync_format(e->redis, "GET %b", key.at, key.len);
	struct json_object *o = NULL;
	bool good = r && redis_kind(r) == REDIS_STRING;

	if (good) {
		struct bytes value = bytes_of(r);
		o = line_key(key.at, key.len);
		if (o)
			line_add_value(o, value.at, value.len, e->s->secrets);
	} else if (r && redis_kind(r) == REDIS_NIL) {
		redis_reply_free(r);
		return true; /* expired meanwhile */
	} else {
		good = db_good(r, REDIS_STRING, name);
	}
	redis_reply_free(r);
	return good && print(e, o);
}

/* --- keys
 * ---------------------------------------------------------------------- */

static bool print_expiry(struct export *e, struct bytes key)
{
	struct redis_reply *r =
		redis_sync_format(e->redis, "PTTL %b", key.at, key.len);
	bool good = db_good(r, REDIS_INT, name);
	long long ttl = good ? redis_int(r) : 0;

	redis_reply_free(r);
	if (!good || ttl <= 0)
		return good;
	struct json_object *o = line_key(key.at, key.len);
	if (o)
		json_object_object_add(
			o, "expires_ms",
			json_object_new_int64((int64_t)time(NULL) * 1000 +
					      ttl));
	return print(e, o);
}

static bool print_key(struct export *e, struct bytes key)
{
	static const struct {
		const char *type, *scan;
	} types[] = { { "hash", "HSCAN" },
		      { "zset", "ZSCAN" },
		      { "set", "SSCAN" } };
	struct redis_reply *r =
		redis_sync_format(e->redis, "TYPE %b", key.at, key.len);
	char type[16] = "";
	bool good = db_good(r, REDIS_STRING, name);

	if (good)
		snprintf(type, sizeof(type), "%s", bytes_of(r).at);
	redis_reply_free(r);
	for (size_t i = 0; good && i < ARRAY_LEN(types); i++) {
		if (strcmp(type, types[i].type) == 0)
			return print_scanned(e, types[i].scan, key) &&
			       print_expiry(e, key);
	}
	/* Events (a stream) are of interest for minutes. */
	if (good && strcmp(type, "string") == 0)
		return print_string(e, key) && print_expiry(e, key);
	return good;
}

static bool wanted(const struct export *e, struct bytes key)
{
	static const char counted[] = KEY_PEERS_COUNT;

	if (key.len == sizeof(counted) - 1 &&
	    memcmp(key.at, counted, key.len) == 0)
		return false;
	switch (durable_kind(key.at, key.len)) {
	case DURABLE_YES:
		return true;
	case DURABLE_SECRET:
		return e->s->secrets;
	case DURABLE_NO:
	case DURABLE_FOREIGN:
		break;
	}
	return false;
}

static bool print_all(struct export *e)
{
	char cursor[DB_CURSOR_MAX] = "0";
	bool good = print(e, line_head((int64_t)time(NULL)));

	do {
		struct redis_reply *reply;
		const struct redis_reply *keys;
		if (!good || !db_scan(e->redis, name, cursor, &reply, &keys))
			return false;
		for (size_t i = 0; i < redis_len(keys) && good; i++) {
			struct bytes key = bytes_of(redis_at(keys, i));
			good = !wanted(e, key) || print_key(e, key);
		}
		redis_reply_free(reply);
	} while (strcmp(cursor, "0") != 0);
	return good;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	const char *path = argv[0];
	struct export e = { .s = s };
	struct outfile out;

	(void)argc;
	e.redis = db_open(name, s->redis_url);
	if (!e.redis)
		return EXIT_FAILURE;
	e.error = outfile_open(&out, path);
	bool opened = e.error == 0, good = opened;
	if (good) {
		e.f = out.f;
		good = print_all(&e);
	}
	if (good)
		e.error = outfile_commit(&out);
	else if (opened)
		outfile_abort(&out);
	if (e.error < 0)
		fprintf(stderr, "rustdesk-utils export: %s: %s\n", path,
			strerror(-e.error));
	redis_sync_close(e.redis);
	if (!good || e.error < 0)
		return EXIT_FAILURE;
	if (e.odd > 0)
		fprintf(stderr, "left out   %llu values that are damaged\n",
			(unsigned long long)e.odd);
	fprintf(stderr, "exported   %llu peers, %llu lines in all\n",
		(unsigned long long)e.peers, (unsigned long long)e.lines);
	return EXIT_SUCCESS;
}

int command_export(int argc, char **argv)
{
	struct settings s = { .redis_url = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 1, 1 }, run);
}
