#include "services/api/core/tx.h"
#include "services/api/core/tx.lua.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	push(t, &t->check_keys, key);
	push(t, &t->checks, field);
	push(t, &t->checks, value ? pool_printf(t->pool, "=%s", value) : "!");
}

void tx_expect_key(struct tx *t, const char *key, const char *value)
{
	tx_expect(t, key, "", value);
}

void tx_argv(struct tx *t, size_t argc, const char *const *argv)
{
	assert(argc >= 2);
	push(t, &t->op_keys, argv[1]);
	push(t, &t->ops, pool_printf(t->pool, "%zu", argc - 1));
	push(t, &t->ops, argv[0]);
	for (size_t i = 2; i < argc; i++)
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

	if (t->db->dry) {
		*t->db->dry = *t;
		return -ECANCELED;
	}
	append(t, &all, &t->check_keys);
	append(t, &all, &t->op_keys);
	int nkeys = (int)all.n;
	push(t, &all, pool_printf(t->pool, "%zu", t->check_keys.n));
	append(t, &all, &t->checks);
	append(t, &all, &t->ops);
	const struct redis_reply *r = db_eval_argv(
		t->db, &tx_lua, nkeys, (int)all.n, all.argv, all.lens);
	if (!r)
		return -EIO;
	return db_num(r) == 1 ? 0 : -EAGAIN;
}
