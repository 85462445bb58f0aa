#include "services/hbbs/store_impl.h"

#include <stdio.h>

static const char ticket_ms[] = "60000";

void store_ticket(struct store *s, const struct action *a)
{
	char key[8 + WIRE_UUID_TEXT_MAX], head[16];
	struct args args;

	args.n = 0;
	snprintf(key, sizeof key, "ticket:%s", store_id(s, a, 0));
	snprintf(head, sizeof head, "%u", a->revision[0]);
	args_text(&args, key);
	args_slice(&args, s, a->body);
	args_text(&args, head);
	args_text(&args, ticket_ms);
	/* Without Redis the relays admit by key. */
	(void)!redis_eval(s->state, &s->ticket, NULL, NULL, 1, args.n, args.v,
			  args.len);
}
