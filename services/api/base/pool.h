/*
 * pool: memory that lives exactly as long as one request.
 *
 * Handlers are straight-line code that never frees: everything they build
 * hangs off the request's pool. Running out of memory ends the process (the
 * other nodes go on serving), so no caller checks for NULL.
 */
#pragma once

#include <stddef.h>
#include <sys/queue.h>

#include <json-c/json.h>

#include "common/base/attr.h"

struct pool_item;

struct pool {
	SLIST_HEAD(, pool_item) items;
};

/* Zeroed memory. */
void *pool_alloc(struct pool *p, size_t len);
char *pool_strdup(struct pool *p, const char *s);
char *pool_memdup(struct pool *p, const void *data, size_t len); /* adds NUL */
char *pool_printf(struct pool *p, const char *fmt, ...) PRINTF(2, 3);

/* Takes OBJ: it is put with the pool. Returns it. */
struct json_object *pool_json(struct pool *p, struct json_object *obj);

/* Calls FN(ARG) when the pool ends. */
void pool_defer(struct pool *p, void (*fn)(void *arg), void *arg);

void pool_fini(struct pool *p);
