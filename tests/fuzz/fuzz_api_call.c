/*
 * Input: "METHOD /path?query", a line of replies, a body. The call goes
 * through dispatch to the real handler; every answer of the pretended Redis
 * is chosen by the next letter of the second line.
 *
 * The corpus is written by tests/api/hostile.py from openapi.json.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/redis/redis_resp.h"
#include "common/redis/redis_sync.h"
#include "services/api/core/dispatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GUID "0197f3a2-0000-7000-8000-000000000001"

/* What is left of the second line; when it is used up it begins anew. */
static const char *script, *script_at;
static char who; /* n nobody, u user, r role, a administrator, t token */

static const char *const documents[] = {
	"{\"guid\":\"" GUID "\",\"id\":\"x\",\"name\":\"x\",\"uuid\":\"eA==\","
	"\"owner\":\"" GUID "\",\"group\":\"" GUID "\",\"device\":\"x\","
	"\"device_guid\":\"" GUID "\",\"created_at\":1,\"status\":1,"
	"\"book\":\"" GUID "\",\"tags\":[{\"name\":\"x\",\"color\":1}]}",
	"{\"guid\":1,\"id\":[],\"name\":{},\"owner\":null,\"tags\":[1,null,{}],"
	"\"allowed_incomings\":[1,{\"type\":9}],\"perms\":{},\"status\":\"x\","
	"\"info\":[],\"scopes\":[],\"config_options\":[],\"permissions\":1,"
	"\"created_at\":\"x\",\"admin_roles\":[1,[],null],\"peers\":5}",
	"{\"guid\":\"" GUID "\",\"personal\":true,\"owner\":\"" GUID "\","
	"\"tags\":{},\"password\":\"x\",\"pw\":\"x\",\"totp\":\"x\"}",
	"[]",
	"5",
	"{",
	"",
};

static const char *user_document(void)
{
	switch (who) {
	case 'a':
		return "{\"guid\":\"" GUID
		       "\",\"name\":\"x\",\"is_admin\":true,"
		       "\"status\":1}";
	case 'r':
		return "{\"guid\":\"" GUID "\",\"name\":\"x\",\"status\":1,"
		       "\"admin_roles\":[\"" GUID "\"]}";
	default:
		return "{\"guid\":\"" GUID "\",\"name\":\"x\",\"status\":1}";
	}
}

static char next_letter(void)
{
	if (!*script_at)
		script_at = script;
	return *script_at ? *script_at++ : '0';
}

static void put_bulk(struct buf *b, const void *data, size_t len)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "$%zu\r\n", len);

	assert(buf_append(b, head, (size_t)n) == 0);
	assert(buf_append(b, data, len) == 0);
	assert(buf_append(b, "\r\n", 2) == 0);
}

static void put(struct buf *b, const char *text)
{
	assert(buf_append(b, text, strlen(text)) == 0);
}

static void put_text(struct buf *b, const char *text)
{
	put_bulk(b, text, strlen(text));
}

/* A record of hbbs: revision, guid, machine "x", key. */
static void put_record(struct buf *b)
{
	uint8_t r[4 + 2 + 16 + 2 + 1 + 2 + 32] = { 1 };
	uint8_t *at = r + 4;

	*at++ = 1 << 3 | 2;
	*at++ = 16;
	at += 16;
	*at++ = 2 << 3 | 2;
	*at++ = 1;
	*at++ = 'x';
	*at++ = 3 << 3 | 2;
	*at++ = 32;
	put_bulk(b, r, sizeof(r));
}

/* Letters 0-6: a document; the rest by its meaning. */
static void put_any(struct buf *b, char letter, unsigned depth)
{
	static const char *const plain[] = { "$-1\r\n", ":0\r\n", ":1\r\n",
					     ":-7\r\n", "*0\r\n", "+OK\r\n" };

	if (letter >= '0' && letter <= '6')
		put_text(b, documents[letter - '0']);
	else if (letter >= 'a' && letter <= 'f')
		put(b, plain[letter - 'a']);
	else if (letter == 'g')
		put_text(b, GUID);
	else if (letter == 'p')
		put_record(b);
	else if (letter == 'l' && depth < 2) {
		put(b, "*4\r\n");
		for (int i = 0; i < 4; i++)
			put_any(b, next_letter(), depth + 1);
	} else {
		put_text(b, "x");
	}
}

static bool is(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

/* What must be so for a call to reach its handler. */
static bool put_known(struct buf *b, int argc, const char *const *argv)
{
	const char *key = argc > 1 ? argv[1] : "";

	if (is(key, "api:settings"))
		put(b, "$-1\r\n"); /* no providers: nothing is asked outside */
	else if (strncmp(key, "token:", 6) == 0 && who != 'n' && who != 't') {
		put(b, "*2\r\n");
		put_text(b, GUID);
		put_text(b, "99999999999");
	} else if (is(key, "api:user") && argc > 2 && is(argv[2], GUID))
		put_text(b, user_document());
	else if (strncmp(key, "peer:", 5) == 0)
		put_record(b);
	else
		return false;
	return true;
}

struct redis_sync {
	int unused;
};

int redis_sync_open(const char *url, const char *name, unsigned timeout_ms,
		    struct redis_sync **out)
{
	(void)url, (void)name, (void)timeout_ms;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -1;
}

void redis_sync_close(struct redis_sync *r)
{
	free(r);
}

const char *redis_sync_code(const struct redis_sync *r)
{
	(void)r;
	return "";
}

static struct redis_reply *parse(struct buf *b)
{
	struct redis_reader reader;
	struct redis_reply *reply = NULL;

	assert(redis_reader_init(&reader, REDIS_REPLY_MAX) == 0);
	assert(redis_reader_feed(&reader, buf_head(b), buf_len(b)) == 0);
	assert(redis_reader_next(&reader, &reply) == 1);
	redis_reader_fini(&reader);
	buf_fini(b);
	return reply;
}

struct redis_reply *redis_sync_command(struct redis_sync *r, int argc,
				       const char *const *argv,
				       const size_t *lens)
{
	struct buf b;

	(void)r;
	for (int i = 0; lens && i < argc; i++)
		assert(strlen(argv[i]) == lens[i]);
	/* The probe has a thread of its own, and is always answered. */
	bool probe = !lens;
	char letter = probe ? 0 : next_letter();
	if (letter == '!')
		return NULL; /* away */
	buf_init(&b, 1 << 20);
	if (probe)
		assert(buf_append(&b, "+OK\r\n", 5) == 0);
	else if (!put_known(&b, argc, argv))
		put_any(&b, letter, 0);
	return parse(&b);
}

struct redis_reply *redis_sync_eval(struct redis_sync *r,
				    const struct redis_script *s, int nkeys,
				    int argc, const char *const *argv,
				    const size_t *lens)
{
	char letter = next_letter();
	struct buf b;

	(void)r, (void)s;
	assert(nkeys <= argc);
	for (int i = 0; lens && i < argc; i++)
		assert(strlen(argv[i]) == lens[i]);
	if (letter == '!')
		return NULL;
	buf_init(&b, 1 << 20);
	put_any(&b, letter, 0);
	return parse(&b);
}

static struct app *shared(void)
{
	static char empty[] = "";
	static struct api_config cfg;
	static struct app app;
	static const struct metric_def defs[API_METRICS];

	if (app.cfg)
		return &app;
	log_setup("fuzz", LOG_ERROR, LOG_TEXT);
	for (size_t i = 0; i < api_config_spec.nopts; i++) {
		const struct opt *o = &api_config_spec.opts[i];

		if (o->kind == OPT_STRING || o->kind == OPT_SECRET)
			*(char **)(void *)((char *)&cfg + o->offset) = empty;
	}
	app.cfg = &cfg;
	app.metrics = (struct metric_set){ defs, app.values, API_METRICS };
	pthread_mutex_init(&app.limit_lock, NULL);
	limiter_init(&app.devices, 0, 0, 16, 0);
	limiter_init(&app.accounts, 0, 0, 16, 0);
	assert(db_pool_open("redis://x", 2, 1, &app.db) == 0);
	return &app;
}

static void read_query(struct call *c, char *text)
{
	char *save = NULL;

	for (char *s = strtok_r(text, "&", &save);
	     s && c->nquery < CALL_QUERY_MAX; s = strtok_r(NULL, "&", &save)) {
		char *value = strchr(s, '=');

		if (value)
			*value++ = 0;
		c->query[c->nquery++] =
			(struct call_arg){ s, value ? value : "" };
	}
}

static void run(char *head, char *replies, const char *body, size_t len)
{
	struct call c = { .app = shared(), .now_ms = 1700000000000 };
	char *path = strchr(head, ' ');
	char *query = path ? strchr(path + 1, '?') : NULL;

	if (!path)
		return;
	*path++ = 0;
	if (query) {
		*query++ = 0;
		read_query(&c, query);
	}
	who = *replies ? *replies++ : 'n';
	script = script_at = replies;
	c.method = head;
	c.path = path;
	c.bearer = who == 'n' ? NULL : "token";
	c.host = c.origin = "";
	c.body = body;
	c.body_len = len;
	dispatch(&c);
	assert(c.status >= 200 && c.status < 600 && c.out);
	pool_fini(&c.pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text);
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	char *replies = memchr(text, '\n', size);
	char *body = replies ? memchr(replies + 1, '\n',
				      size - (size_t)(replies + 1 - text))
			     : NULL;
	if (body) {
		*replies++ = 0;
		*body++ = 0;
		run(text, replies, body, size - (size_t)(body - text));
	}
	free(text);
	return 0;
}
