#include "services/hbbs/messages/drain.h"

#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/state/ask.h"

struct asks {
	const struct core *c;
	size_t open;
};

static bool is_open(const struct core *c, const struct ask *a)
{
	return !a->answered && c->now_ms - a->pushed_ms <= ASK_LIFE_MS;
}

static bool count_asks(void *item, void *ctx)
{
	const struct client *client = item;
	struct asks *found = ctx;
	const struct ask *a;

	TAILQ_FOREACH(a, &client->asks, next)
	found->open += is_open(found->c, a);
	return false;
}

size_t drain_waiting(struct core *c)
{
	struct asks found = { .c = c };

	map_sweep(&c->clients.by_id, c->clients.by_id.slots, count_asks,
		  &found);
	return found.open + c->jobs.map.len;
}

static bool refuse_asks(void *item, void *ctx)
{
	struct client *client = item;
	struct core *c = ctx;
	struct ask *a;

	TAILQ_FOREACH(a, &client->asks, next)
	if (is_open(c, a))
		refusal_late(c, client, a, TARGET_ERROR);
	return false;
}

/* What waits for Redis has no ask yet. */
static bool refuse_parked(void *item, void *ctx)
{
	const struct job *j = item;
	struct core *c = ctx;
	struct request q = {
		.from = { .via = j->via,
			  .source = j->source,
			  .client = client_find(&c->clients, j->client_id) },
		.m = j->m,
	};

	if (q.from.client)
		refusal_parked(c, &q);
	return false;
}

void drain_refuse(struct core *c)
{
	map_sweep(&c->jobs.map, c->jobs.map.slots, refuse_parked, c);
	map_sweep(&c->clients.by_id, c->clients.by_id.slots, refuse_asks, c);
}
