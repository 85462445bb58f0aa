/* How full Redis is: from 95 % of maxmemory on, new ids wait (fullness.h). */
#include "services/hbbs/store/store_impl.h"

#include "common/base/log.h"
#include "common/site/fullness.h"

enum { DURABLE, VOLATILE };

static void note(struct store *s, unsigned which, const struct redis_reply *r)
{
	bool *nearly = &s->in.core->nearly_full[which];
	bool was = *nearly;

	/* One that does not answer takes no new ids either. */
	if (!store_good(r) || redis_kind(r) != REDIS_STRING)
		return;
	*nearly = fullness_nearly(fullness_read(redis_str(r, NULL)));
	if (*nearly && !was)
		log_warn("redis_nearly_full", "no new ids are taken; raise its "
					      "maxmemory");
}

static void on_durable(const struct redis_reply *r, void *ctx)
{
	note(ctx, DURABLE, r);
}

static void on_volatile(const struct redis_reply *r, void *ctx)
{
	note(ctx, VOLATILE, r);
}

void store_memory_tick(struct store *s)
{
	static const char *const argv[] = { "INFO", "memory" };
	static const size_t lens[] = { 4, 6 };

	(void)!redis_command(s->data, on_durable, s, 2, argv, lens);
	if (s->state != s->data)
		(void)!redis_command(s->state, on_volatile, s, 2, argv, lens);
}
