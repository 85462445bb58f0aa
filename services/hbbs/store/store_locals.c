/* The numbers that presence in Redis has for addresses of this site. */
#include "services/hbbs/store/locals.lua.h"
#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char table_key[] = "local:hbbs";
static const char used_key[] = "local:hbbs:used";

/* What peers on this address wrote without a number is written again. */
static void learn(struct store *s, const struct redis_reply *ip,
		  const struct redis_reply *number)
{
	struct core *c = s->in.core;
	struct addr a = { 0 };
	size_t len;
	const char *raw = redis_str(ip, &len);
	const char *text = redis_str(number, NULL);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	if (!raw || len != sizeof a.ip || n > LOCALS_MAX)
		return;
	memcpy(a.ip, raw, sizeof a.ip);
	uint8_t index = locals_learn(&c->locals, &a, (uint8_t)n);
	if (index != 0)
		peer_resync(&c->peers, PEER_RESYNC_PRESENCE, index);
}

static void on_locals(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;

	s->locals_in_flight--;
	if (!store_good(r))
		return;
	locals_clear(&s->in.core->locals);
	for (size_t i = 0; i + 1 < redis_len(r); i += 2)
		learn(s, redis_at(r, i), redis_at(r, i + 1));
}

void store_locals_tick(struct store *s)
{
	const struct locals *l = &s->in.core->locals;
	char max[16], keep[16];
	struct args args;

	args.n = 0;
	snprintf(max, sizeof max, "%d", LOCALS_MAX);
	snprintf(keep, sizeof keep, "%d", LOCALS_KEEP_S);
	args_text(&args, table_key);
	args_text(&args, used_key);
	args_text(&args, max);
	args_text(&args, keep);
	for (size_t i = 1; i <= l->n; i++)
		args_add(&args, l->own[i].ip, sizeof l->own[i].ip);
	if (redis_eval(s->state, &locals_lua, on_locals, s, 2, args.n, args.v,
		       args.len) == 0)
		s->locals_in_flight++;
}

/* A full table in Redis is asked again with the lease only. */
void store_locals(struct store *s)
{
	const struct locals *l = &s->in.core->locals;

	if (l->n == s->locals_asked || s->locals_in_flight > 0 ||
	    !redis_connected(s->state) || s->closing)
		return;
	s->locals_asked = l->n;
	store_locals_tick(s);
}
