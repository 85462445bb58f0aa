#include "common/redis/redis_resp.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis_reply {
	enum redis_kind kind;
	unsigned keepers; /* beside the first owner */
	size_t len;       /* bytes of text, or elements */
	long long integer;
	union {
		char *text;
		struct redis_reply **items;
	}; /* behind this struct, in the same allocation */
};

enum {
	HEAD_MAX = 23, /* "*" or "$", 20 digits, CRLF */
	ARG_MAX_EXTRA = HEAD_MAX + 2,
};

struct redis_args {
	size_t argc;
	size_t len;
	char data[];
};

static char *put_head(char *p, char kind, size_t n)
{
	char digits[20];
	size_t k = 0;

	do {
		digits[k++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	*p++ = kind;
	while (k > 0)
		*p++ = digits[--k];
	*p++ = '\r';
	*p++ = '\n';
	return p;
}

static char *put_arg(char *p, const void *data, size_t len)
{
	p = put_head(p, '$', len);
	if (len > 0)
		memcpy(p, data, len);
	memcpy(p + len, "\r\n", 2);
	return p + len + 2;
}

static size_t arg_len(const char *const *argv, const size_t *lens, int i)
{
	return lens ? lens[i] : strlen(argv[i]);
}

/* An upper bound of what the arguments take on the wire. */
static size_t room_for(int argc, const char *const *argv, const size_t *lens)
{
	size_t room = 0;

	for (int i = 0; i < argc; i++)
		room += arg_len(argv, lens, i) + ARG_MAX_EXTRA;
	return room;
}

static char *put_args(char *p, int argc, const char *const *argv,
		      const size_t *lens)
{
	for (int i = 0; i < argc; i++)
		p = put_arg(p, argv[i], arg_len(argv, lens, i));
	return p;
}

int redis_put(struct buf *out, int argc, const char *const *argv,
	      const size_t *lens)
{
	char *start =
		(char *)buf_reserve(out, room_for(argc, argv, lens) + HEAD_MAX);

	if (!start)
		return -ENOBUFS;
	char *p = put_head(start, '*', (size_t)argc);
	p = put_args(p, argc, argv, lens);
	buf_wrote(out, (size_t)(p - start));
	return 0;
}

struct redis_args *redis_args_create(int nkeys, int argc,
				     const char *const *argv,
				     const size_t *lens)
{
	size_t room = room_for(argc, argv, lens) + 2 * ARG_MAX_EXTRA;
	struct redis_args *a = malloc(sizeof(*a) + room);
	char keys[16];

	if (!a)
		return NULL;
	int n = snprintf(keys, sizeof(keys), "%d", nkeys);
	char *p = put_arg(a->data, keys, (size_t)n);
	p = put_args(p, argc, argv, lens);
	a->len = (size_t)(p - a->data);
	a->argc = (size_t)argc + 1;
	return a;
}

void redis_args_destroy(struct redis_args *a)
{
	free(a);
}

int redis_put_eval(struct buf *out, const struct redis_script *s,
		   const struct redis_args *a, bool by_sha)
{
	const char *verb = by_sha ? "EVALSHA" : "EVAL";
	const char *script = by_sha ? s->sha : s->source;
	size_t room = HEAD_MAX + strlen(verb) + strlen(script) +
		      2 * ARG_MAX_EXTRA + a->len;
	char *start = (char *)buf_reserve(out, room);

	if (!start)
		return -ENOBUFS;
	char *p = put_head(start, '*', a->argc + 2);
	p = put_arg(p, verb, strlen(verb));
	p = put_arg(p, script, strlen(script));
	memcpy(p, a->data, a->len);
	buf_wrote(out, (size_t)(p - start) + a->len);
	return 0;
}

/* Makes an object with EXTRA bytes behind it and hangs it into its array.
 * NULL beyond the budget: the reader then gives up on the connection. */
static struct redis_reply *new_reply(const redisReadTask *task,
				     enum redis_kind kind, size_t len,
				     size_t extra)
{
	struct redis_reader *reader = task->privdata;
	size_t cost = sizeof(struct redis_reply) + extra;

	if (cost > reader->budget)
		return NULL;
	struct redis_reply *r = calloc(1, cost);
	if (!r)
		return NULL;
	reader->budget -= cost;
	r->kind = kind;
	r->len = len;
	r->text = (char *)(r + 1);
	if (task->parent) {
		struct redis_reply *parent = task->parent->obj;
		parent->items[task->idx] = r;
	}
	return r;
}

static void *make_string(const redisReadTask *task, char *text, size_t len)
{
	bool error = task->type == REDIS_REPLY_ERROR;
	struct redis_reply *r = new_reply(
		task, error ? REDIS_ERROR : REDIS_STRING, len, len + 1);

	if (r && len > 0)
		memcpy(r->text, text, len);
	return r;
}

#if HIREDIS_MAJOR >= 1
typedef size_t array_len;
#else
typedef int array_len;
#endif

static void *make_array(const redisReadTask *task, array_len n)
{
	size_t len = (size_t)n; /* below 0: too many */

	if (len > REDIS_REPLY_MAX / sizeof(void *))
		return NULL;
	struct redis_reply *r =
		new_reply(task, REDIS_ARRAY, len, len * sizeof(void *));
	if (r)
		r->items = (struct redis_reply **)(void *)(r + 1);
	return r;
}

static void *make_integer(const redisReadTask *task, long long value)
{
	struct redis_reply *r = new_reply(task, REDIS_INT, 0, 0);

	if (r)
		r->integer = value;
	return r;
}

static void *make_nil(const redisReadTask *task)
{
	return new_reply(task, REDIS_NIL, 0, 0);
}

void redis_reply_free(struct redis_reply *r)
{
	if (!r || r->keepers-- > 0)
		return;
	if (r->kind == REDIS_ARRAY)
		for (size_t i = 0; i < r->len; i++)
			redis_reply_free(r->items[i]);
	free(r);
}

struct redis_reply *redis_reply_keep(const struct redis_reply *reply)
{
	struct redis_reply *r = (struct redis_reply *)(uintptr_t)reply;

	r->keepers++;
	return r;
}

static void free_object(void *reply)
{
	redis_reply_free(reply);
}

int redis_reader_init(struct redis_reader *r, size_t max)
{
	/* hiredis never writes to it, but takes a pointer to non-const. */
	static redisReplyObjectFunctions makers = {
		.createString = make_string,
		.createArray = make_array,
		.createInteger = make_integer,
		.createNil = make_nil,
		.freeObject = free_object,
	};

	*r = (struct redis_reader){ .max = max, .budget = max };
	r->hiredis = redisReaderCreateWithFunctions(&makers);
	if (!r->hiredis)
		return -ENOMEM;
	r->hiredis->privdata = r;
	return 0;
}

void redis_reader_fini(struct redis_reader *r)
{
	if (r->hiredis)
		redisReaderFree(r->hiredis);
	r->hiredis = NULL;
}

int redis_reader_feed(struct redis_reader *r, const void *data, size_t len)
{
	redisReader *h = r->hiredis;

	if (h->len - h->pos + len > r->max)
		return -EMSGSIZE;
	return redisReaderFeed(h, data, len) == REDIS_OK ? 0 : -ENOMEM;
}

int redis_reader_next(struct redis_reader *r, struct redis_reply **out)
{
	void *reply = NULL;

	if (redisReaderGetReply(r->hiredis, &reply) != REDIS_OK)
		return -EPROTO;
	*out = reply;
	if (!reply)
		return 0;
	r->budget = r->max;
	return 1;
}

enum redis_kind redis_kind(const struct redis_reply *r)
{
	return r->kind;
}

long long redis_int(const struct redis_reply *r)
{
	return r->kind == REDIS_INT ? r->integer : 0;
}

const char *redis_str(const struct redis_reply *r, size_t *len)
{
	bool text = r->kind == REDIS_STRING || r->kind == REDIS_ERROR;

	if (len)
		*len = text ? r->len : 0;
	else if (text && memchr(r->text, 0, r->len))
		return NULL;
	return text ? r->text : NULL;
}

size_t redis_len(const struct redis_reply *r)
{
	return r->kind == REDIS_ARRAY ? r->len : 0;
}

const struct redis_reply *redis_at(const struct redis_reply *r, size_t i)
{
	return i < redis_len(r) ? r->items[i] : NULL;
}

bool redis_error_is(const struct redis_reply *r, const char *code)
{
	size_t n = strlen(code);

	return r->kind == REDIS_ERROR && r->len >= n &&
	       memcmp(r->text, code, n) == 0 &&
	       (r->text[n] == ' ' || r->text[n] == 0);
}

void redis_error_code(const struct redis_reply *r,
		      char out[static REDIS_CODE_MAX])
{
	size_t n = 0;

	if (r->kind == REDIS_ERROR)
		while (n < REDIS_CODE_MAX - 1 && r->text[n] >= 'A' &&
		       r->text[n] <= 'Z') {
			out[n] = r->text[n];
			n++;
		}
	out[n] = 0;
}

bool redis_unavailable(const struct redis_reply *r)
{
	return redis_error_is(r, "LOADING") ||
	       redis_error_is(r, "MASTERDOWN") || redis_error_is(r, "READONLY");
}
