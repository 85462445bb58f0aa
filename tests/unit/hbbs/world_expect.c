/* What a node has sent, message by message. */
#include "../unit.h"
#include "world.h"

struct sent *next_sent(struct world *w)
{
	return w->first < w->nout ? &w->out[w->first++] : NULL;
}

static Hbb__RendezvousMessage *decode(struct world *w, const struct sent *s)
{
	wire_release(&w->arena);
	Hbb__RendezvousMessage *m = wire_unpack(&w->arena, s->data, s->len);
	ck_assert_ptr_nonnull(m);
	return m;
}

Hbb__RendezvousMessage *expect_udp(struct world *w, const char *to)
{
	struct sent *s = next_sent(w);
	struct addr a = at(to);

	ck_assert_msg(s, "nothing was sent to %s", to);
	ck_assert_int_eq(s->kind, ACT_DATAGRAM);
	ck_assert_msg(addr_eq(&s->to, &a), "it went elsewhere than %s", to);
	return decode(w, s);
}

Hbb__RendezvousMessage *expect_send(struct world *w, struct client *c)
{
	struct sent *s = next_sent(w);

	while (s && s->kind == ACT_REGISTERED)
		s = next_sent(w);
	ck_assert_msg(s, "nothing was sent");
	ck_assert_int_eq(s->kind, ACT_SEND);
	ck_assert_ptr_eq(s->client, c);
	return decode(w, s);
}

void expect_close(struct world *w, struct client *c)
{
	struct sent *s = next_sent(w);

	ck_assert_msg(s, "nothing was closed");
	ck_assert_int_eq(s->kind, ACT_CLOSE);
	ck_assert_ptr_eq(s->client, c);
}

void expect_nothing(struct world *w)
{
	struct sent *s = next_sent(w);

	ck_assert_msg(!s, "kind %d was not expected", (int)s->kind);
}
