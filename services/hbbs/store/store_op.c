#include "services/hbbs/store/store_impl.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"

struct op *store_op(struct store *s, uint64_t ticket)
{
	struct op *op = calloc(1, sizeof *op);
	if (op) {
		op->s = s;
		op->ticket = ticket;
	}
	return op;
}

uint64_t store_now(const struct store *s)
{
	return loop_now(s->in.loop);
}

bool store_good(const struct redis_reply *r)
{
	if (r && redis_kind(r) != REDIS_ERROR)
		return true;
	if (r)
		log_error("redis_error", "%s", redis_str(r, NULL));
	return false;
}

void args_add(struct args *a, const void *data, size_t len)
{
	a->v[a->n] = data;
	a->len[a->n] = len;
	a->n++;
}

void args_text(struct args *a, const char *text)
{
	args_add(a, text, strlen(text));
}

void args_slice(struct args *a, const struct store *s, struct slice part)
{
	args_add(a, outbox_at(&s->in.core->out, part), part.len);
}

const char *store_id(const struct store *s, const struct action *a,
		     unsigned which)
{
	return (const char *)outbox_at(&s->in.core->out, a->id[which]);
}
