#include "services/hbbs/state/ask.h"

#include <stdlib.h>
#include <string.h>

struct ask *ask_find(const struct client *c, const char *id, size_t len,
		     bool for_relay, uint64_t now_ms)
{
	struct ask *a;

	TAILQ_FOREACH(a, &c->asks, next)
	{
		if (a->for_relay != for_relay ||
		    now_ms - a->pushed_ms > ASK_LIFE_MS)
			continue;
		if (len == 0 || (a->id_len == len && !memcmp(a->id, id, len)))
			return a;
	}
	return NULL;
}

static struct ask *take_oldest(struct client *c)
{
	struct ask *a = TAILQ_LAST(&c->asks, ask_list);

	TAILQ_REMOVE(&c->asks, a, next);
	c->nasks--;
	return a;
}

struct ask *ask_open(struct client *c, const char *id, size_t len,
		     bool for_relay, uint64_t now_ms, struct ask **old)
{
	*old = NULL;
	struct ask *a = ask_find(c, id, len, for_relay, now_ms);
	if (a)
		return a;

	a = calloc(1, sizeof *a + len + 1);
	if (!a)
		return NULL;
	if (c->nasks >= ASKS_PER_CLIENT)
		*old = take_oldest(c);
	memcpy(a->id, id, len);
	a->id_len = len;
	a->for_relay = for_relay;
	a->started_ms = now_ms;
	a->pushed_ms = now_ms;
	TAILQ_INSERT_HEAD(&c->asks, a, next);
	c->nasks++;
	return a;
}

void ask_free(struct ask *a)
{
	if (!a)
		return;
	free(a->relay);
	free(a->session_key);
	free(a);
}

void ask_set_session(struct ask *a, const char *key)
{
	free(a->session_key);
	a->session_key = key ? strdup(key) : NULL;
}

struct ask *ask_of_session(const struct client *c, const char *id,
			   const char *key, uint64_t now_ms)
{
	struct ask *a;

	TAILQ_FOREACH(a, &c->asks, next)
	if (a->session_key && (!id || strcmp(a->id, id) == 0) &&
	    now_ms - a->pushed_ms <= ASK_LIFE_MS &&
	    keys_text_eq(a->session_key, key))
		return a;
	return NULL;
}
