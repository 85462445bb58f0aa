#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/le.h"
#include "services/hbbs/messages/rendezvous.h"

enum { WAIT_S = 60 }; /* life of wait:, spec 4.0's three attempts */

/* --- who waits where? ----------------------------------------------------- */

static const char *wait_key(const struct addr *a, char out[static 64])
{
	char text[ADDR_TEXT_MAX];
	snprintf(out, 64, "wait:%s", addr_format(a, text));
	return out;
}

void store_wait_put(struct store *s, const struct action *a)
{
	char key[64], life[16];
	uint8_t value[4 + WIRE_ID_MAX];
	struct args args;

	args.n = 0;

	le32_put(value, s->in.core->epoch);
	memcpy(value + 4, store_id(s, a, 0), a->id[0].len);
	snprintf(life, sizeof life, "%d", WAIT_S);
	args_text(&args, "SET");
	args_text(&args, wait_key(&a->addr, key));
	args_add(&args, value, 4 + a->id[0].len);
	args_text(&args, "EX");
	args_text(&args, life);
	/* Without Redis only answers that arrive here find A. */
	(void)!redis_command(s->state, NULL, NULL, args.n, args.v, args.len);
}

static void on_wait(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	struct store *s = op->s;
	size_t len;
	uint32_t epoch = 0;

	if (store_good(r) && redis_kind(r) == REDIS_STRING) {
		const uint8_t *v = (const uint8_t *)redis_str(r, &len);
		if (len >= 4)
			epoch = le32_get(v);
	}
	rendezvous_wait_found(s->in.core, op->ticket, epoch, store_now(s));
	free(op);
	entry_flush(&s->in);
}

void store_wait_get(struct store *s, const struct action *a)
{
	char key[64];
	struct args args;

	args.n = 0;
	struct op *op = store_op(s, a->ticket);

	args_text(&args, "GET");
	args_text(&args, wait_key(&a->addr, key));
	if (op &&
	    redis_command(s->state, on_wait, op, args.n, args.v, args.len) == 0)
		return;
	free(op);
	rendezvous_wait_found(s->in.core, a->ticket, 0, store_now(s));
}

/* --- messages to other nodes ---------------------------------------------- */

static void on_published(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	struct store *s = op->s;

	rendezvous_bus_sent(s->in.core, op->ticket,
			    store_good(r) && redis_int(r) > 0, store_now(s));
	free(op);
	entry_flush(&s->in);
}

void store_bus_send(struct store *s, const struct action *a)
{
	char channel[STATEKEY_MAX];
	struct args args;

	args.n = 0;
	struct op *op = a->ticket != 0 ? store_op(s, a->ticket) : NULL;

	args_text(&args, "PUBLISH");
	args_text(&args, statekey_bus("hbbs", a->node, channel));
	args_slice(&args, s, a->body);
	if ((a->ticket == 0 || op) &&
	    redis_command(s->state, op ? on_published : NULL, op, args.n,
			  args.v, args.len) == 0)
		return;
	free(op);
	if (a->ticket != 0)
		rendezvous_bus_sent(s->in.core, a->ticket, false, store_now(s));
}
