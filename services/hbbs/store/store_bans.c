/* Who is banned: the table is read anew when it has changed. */
#include "services/hbbs/store/store_impl.h"

#include <string.h>

#include "common/site/bans.lua.h"
#include "services/hbbs/messages/rendezvous.h"

static void on_bans(const struct redis_reply *r, void *ctx)
{
	struct store *s = ctx;
	const char *answer = store_good(r) ? redis_str(r, NULL) : NULL;

	if (!answer)
		return;
	rendezvous_bans(s->in.core, answer, store_now(s));
	entry_flush(&s->in);
}

void store_bans_tick(struct store *s)
{
	const char *argv[] = { s->in.core->bans.rev };
	const size_t lens[] = { strlen(argv[0]) };

	/* Without Redis the last known table counts. */
	(void)!redis_eval(s->data, &bans_lua, on_bans, s, 0, ARRAY_LEN(argv),
			  argv, lens);
}
