#include "services/api/core/tx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char source[] =
	"local i = 2\n"
	"for _ = 1, tonumber(ARGV[1]) do\n"
	"  local k, f, want = ARGV[i], ARGV[i + 1], ARGV[i + 2]\n"
	"  i = i + 3\n"
	"  local have\n"
	"  if f == '' then have = redis.call('GET', k)\n"
	"  else have = redis.call('HGET', k, f) end\n"
	"  if have then have = '=' .. have else have = '!' end\n"
	"  if have ~= want then return 0 end\n"
	"end\n"
	"while i <= #ARGV do\n"
	"  local n = tonumber(ARGV[i])\n"
	"  redis.call(unpack(ARGV, i + 1, i + n))\n"
	"  i = i + n + 1\n"
	"end\n"
	"return 1\n";

void tx_init(struct tx *t, struct db *d)
{
	*t = (struct tx){ .db = d, .pool = d->pool };
}

static void push(struct tx *t, struct tx_args *a, const char *text)
{
	if (a->n == a->size) {
		size_t size = a->size ? a->size * 2 : 32;
		const char **argv = pool_alloc(t->pool, size * sizeof(*argv));
		size_t *lens = pool_alloc(t->pool, size * sizeof(*lens));

		if (a->n) {
			memcpy(argv, a->argv, a->n * sizeof(*argv));
			memcpy(lens, a->lens, a->n * sizeof(*lens));
		}
		a->argv = argv;
		a->lens = lens;
		a->size = size;
	}
	a->argv[a->n] = pool_strdup(t->pool, text);
	a->lens[a->n] = strlen(text);
	a->n++;
}

void tx_expect(struct tx *t, const char *key, const char *field,
	       const char *value)
{
	push(t, &t->checks, key);
	push(t, &t->checks, field);
	push(t, &t->checks, value ? pool_printf(t->pool, "=%s", value) : "!");
	t->nchecks++;
}

void tx_expect_key(struct tx *t, const char *key, const char *value)
{
	tx_expect(t, key, "", value);
}

void tx_argv(struct tx *t, size_t argc, const char *const *argv)
{
	push(t, &t->ops, pool_printf(t->pool, "%zu", argc));
	for (size_t i = 0; i < argc; i++)
		push(t, &t->ops, argv[i]);
}

void tx_do(struct tx *t, const char *cmd, ...)
{
	const char *argv[16] = { cmd };
	size_t argc = 1;
	va_list ap;

	va_start(ap, cmd);
	for (const char *arg; (arg = va_arg(ap, const char *)) &&
			      argc < sizeof(argv) / sizeof(argv[0]);)
		argv[argc++] = arg;
	va_end(ap);
	tx_argv(t, argc, argv);
}

static void append(struct tx *t, struct tx_args *all, const struct tx_args *a)
{
	for (size_t i = 0; i < a->n; i++)
		push(t, all, a->argv[i]);
}

int tx_commit(struct tx *t)
{
	struct tx_args all = { 0 };

	push(t, &all, "EVAL");
	push(t, &all, source);
	push(t, &all, "0");
	push(t, &all, pool_printf(t->pool, "%zu", t->nchecks));
	append(t, &all, &t->checks);
	append(t, &all, &t->ops);
	const struct redis_reply *r =
		db_argv(t->db, (int)all.n, all.argv, all.lens);
	if (!r)
		return -EIO;
	return db_num(r) == 1 ? 0 : -EAGAIN;
}
