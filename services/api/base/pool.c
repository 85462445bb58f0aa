#include "services/api/base/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"

struct pool_item {
	SLIST_ENTRY(pool_item) next;
	void (*fn)(void *arg); /* NULL: plain memory behind this head */
	void *arg;
	_Alignas(max_align_t) char data[];
};

static struct pool_item *add(struct pool *p, size_t len)
{
	struct pool_item *it = calloc(1, sizeof(*it) + len);
	if (!it) {
		log_error("out_of_memory", "%zu bytes for a request", len);
		abort();
	}
	SLIST_INSERT_HEAD(&p->items, it, next);
	return it;
}

void *pool_alloc(struct pool *p, size_t len)
{
	return add(p, len)->data;
}

char *pool_memdup(struct pool *p, const void *data, size_t len)
{
	char *copy = pool_alloc(p, len + 1);
	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *pool_strdup(struct pool *p, const char *s)
{
	return pool_memdup(p, s, strlen(s));
}

char *pool_printf(struct pool *p, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	size_t size = len < 0 ? 1 : (size_t)len + 1;
	char *text = pool_alloc(p, size);
	vsnprintf(text, size, fmt, again);
	va_end(again);
	return text;
}

static void put_json(void *arg)
{
	json_object_put(arg);
}

struct json_object *pool_json(struct pool *p, struct json_object *obj)
{
	pool_defer(p, put_json, obj);
	return obj;
}

void pool_defer(struct pool *p, void (*fn)(void *arg), void *arg)
{
	struct pool_item *it = add(p, 0);

	it->fn = fn;
	it->arg = arg;
}

void pool_fini(struct pool *p)
{
	struct pool_item *it;

	while ((it = SLIST_FIRST(&p->items))) {
		SLIST_REMOVE_HEAD(&p->items, next);
		if (it->fn)
			it->fn(it->arg);
		free(it);
	}
}
