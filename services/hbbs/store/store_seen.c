#include "services/hbbs/store/store_impl.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/le.h"
#include "common/base/log.h"
#include "common/site/presence_online.lua.h"
#include "services/hbbs/messages/rendezvous.h"
#include "services/hbbs/store/move.lua.h"
#include "services/hbbs/store/seen.lua.h"

enum {
	SEEN_BATCH = 128,   /* presences per script call */
	SEEN_IN_FLIGHT = 2, /* calls under way; the queue waits meanwhile */
	RESTORES = 512,     /* records under way; likewise */
};

/* --- presence ------------------------------------------------------------- */

struct batch {
	struct store *s;
	size_t n;
	struct peer_presence peers[SEEN_BATCH];
};

/* What could not be written is queued again with the state it has by then. */
static void requeue(struct batch *b)
{
	struct peer_table *t = &b->s->in.core->peers;

	for (size_t i = 0; i < b->n; i++) {
		struct peer *p =
			peer_find(t, b->peers[i].id, b->peers[i].id_len);
		if (p)
			peer_mark_dirty(t, p, b->peers[i].repeat);
	}
}

static void on_seen(const struct redis_reply *r, void *ctx)
{
	struct batch *b = ctx;
	struct store *s = b->s;
	bool written = store_good(r);

	s->seen_in_flight--;
	if (!written)
		requeue(b);
	free(b);
	/* A Redis that refuses is asked again with the next event. */
	if (written)
		store_presence(s);
	if (s->closing && !s->left && s->seen_in_flight == 0)
		store_goodbye(s);
}

static int send_batch(struct store *s, struct batch *b)
{
	char keys[SEEN_BATCH][STATEKEY_MAX];
	uint8_t values[SEEN_BATCH][PRESENCE_MAX];
	uint8_t epoch[4];
	struct args args;

	args.n = 0;

	for (size_t i = 0; i < b->n; i++)
		args_text(&args, statekey_seen(b->peers[i].id,
					       b->peers[i].id_len, keys[i]));
	le32_put(epoch, s->in.core->epoch);
	args_add(&args, epoch, sizeof epoch);
	for (size_t i = 0; i < b->n; i++) {
		struct presence p = b->peers[i].presence;
		p.local = locals_number(&s->in.core->locals, p.local);
		args_add(&args, b->peers[i].id, b->peers[i].id_len);
		args_add(&args, values[i],
			 presence_encode(&p, s->presence, values[i]));
		args_text(&args, b->peers[i].repeat ? "1" : "0");
	}
	return redis_eval(s->state, &seen_lua, on_seen, b, (int)b->n, args.n,
			  args.v, args.len);
}

/* After Redis lost its memory: presence of an id without a record is no use. */
static void restore_records(struct store *s, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->peers[i].unsaved)
			store_restore(s, b->peers[i].id, b->peers[i].id_len);
}

void store_presence(struct store *s)
{
	struct peer_table *t = &s->in.core->peers;

	while (t->ndirty > 0 && s->seen_in_flight < SEEN_IN_FLIGHT &&
	       s->restores + SEEN_BATCH <= RESTORES &&
	       redis_connected(s->state) && !s->left) {
		struct batch *b = malloc(sizeof *b);
		if (!b)
			return;
		b->s = s;
		b->n = 0;
		while (b->n < SEEN_BATCH &&
		       peer_next_dirty(t, s->in.core->epoch, &b->peers[b->n]))
			b->n++;
		if (b->n == 0) {
			free(b);
			return;
		}
		if (send_batch(s, b) != 0) {
			requeue(b);
			free(b);
			return;
		}
		s->seen_in_flight++;
		restore_records(s, b);
	}
}

void store_move(struct store *s, const struct action *a)
{
	char old[STATEKEY_MAX], new[STATEKEY_MAX];
	struct slice way = { a->body.off, PRESENCE_WAY };
	struct slice first = { way.off + way.len, a->first };
	struct slice second = { first.off + first.len,
				a->body.len - way.len - first.len };
	struct args args;

	args.n = 0;
	args_text(&args, statekey_seen(store_id(s, a, 0), a->id[0].len, old));
	args_text(&args, statekey_seen(store_id(s, a, 1), a->id[1].len, new));
	args_slice(&args, s, a->id[0]);
	args_slice(&args, s, a->id[1]);
	args_slice(&args, s, first);
	args_slice(&args, s, second);
	args_slice(&args, s, way);
	if (redis_eval(s->state, &move_lua, NULL, NULL, 2, args.n, args.v,
		       args.len) != 0)
		log_warn("move_failed", "Redis is away: a renamed peer has its "
					"old presence for a while");
}

/* --- who is online? ------------------------------------------------------- */

/* What Redis has of ours and we do not hold is not online. */
static bool is_online(const struct store *s, const struct redis_reply *r,
		      size_t i)
{
	size_t len = 0;
	const char *presence = redis_str(redis_at(r, i), &len);
	struct node_sight holder = {
		.age_s = (uint32_t)redis_int(redis_at(r, i + 1)),
		.listens = redis_int(redis_at(r, i + 2)) > 0,
	};

	return presence &&
	       online_read(presence, len, &holder, s->in.core->epoch).online;
}

static void on_online(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	struct store *s = op->s;
	uint8_t states[WIRE_PEERS_MAX];
	size_t n = 0;

	if (store_good(r))
		for (; (n + 1) * PRESENCE_ANSWERS <= redis_len(r) &&
		       n < sizeof states;
		     n++)
			states[n] = is_online(s, r, n * PRESENCE_ANSWERS);
	rendezvous_online(s->in.core, op->ticket, states, n, store_now(s));
	free(op);
	entry_flush(&s->in);
}

void store_online(struct store *s, const struct action *a)
{
	char keys[WIRE_PEERS_MAX][STATEKEY_MAX];
	struct args args;

	args.n = 0;
	const uint8_t *body = outbox_at(&s->in.core->out, a->body);
	int n = 0;

	for (size_t at = 0; at < a->body.len; at += 1u + body[at], n++) {
		const char *id = (const char *)body + at + 1;
		args_text(&args, statekey_seen(id, body[at], keys[n]));
	}
	for (size_t at = 0; at < a->body.len; at += 1u + body[at])
		args_add(&args, body + at + 1, body[at]);
	args_text(&args, NODE_GONE_S);

	struct op *op = store_op(s, a->ticket);
	if (op && redis_eval(s->state, &presence_online_lua, on_online, op, n,
			     args.n, args.v, args.len) == 0)
		return;
	free(op);
	rendezvous_online(s->in.core, a->ticket, NULL, 0, store_now(s));
}
