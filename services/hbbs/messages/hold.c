#include "services/hbbs/messages/hold.h"

#include <string.h>

void hold_datagrams(struct core *c, const struct request *q, struct peer *p)
{
	struct peer_way way = {
		.via = VIA_UDP,
		.addr = &q->from.source,
		.local = locals_index(&c->locals, &q->from.local),
	};

	peer_hold(&c->peers, p, &way, c->now_ms);
}

void hold_here(struct core *c, const struct request *q, struct peer *p)
{
	struct client *client = q->from.client;
	struct client *old = p->client;

	if (old && old != client) {
		old->peer = NULL;
		core_close(c, old, "replaced");
	}
	if (!client) {
		hold_datagrams(c, q, p);
		return;
	}

	if (client->peer && client->peer != p)
		peer_offline(&c->peers, client->peer);
	client->peer = p;
	struct peer_way way = {
		.via = client->via,
		.addr = &client->source,
		.client = client,
	};
	peer_hold(&c->peers, p, &way, c->now_ms);
	struct action *a = outbox_add(&c->out, ACT_REGISTERED, 0, NULL);
	if (a)
		a->stream.client = client;
}

/* The node that held the peer until now forgets its copy; one that seems gone
 * may only have been slow. */
static void tell_old_holder(struct core *c, const char *id,
			    const struct lookup *l)
{
	if (!l->has_presence || l->presence.epoch == 0 ||
	    l->presence.epoch == c->epoch)
		return;

	char copy[WIRE_ID_MAX + 1];
	strcpy(copy, id);
	State__Released released = STATE__RELEASED__INIT;
	released.id = copy;
	released.epoch = c->epoch;
	State__Bus bus = STATE__BUS__INIT;
	bus.what_case = STATE__BUS__WHAT_RELEASED;
	bus.released = &released;
	core_bus(c, l->presence.epoch, &bus, 0);
}

/* The entry of ID for R. A changed machine id is a changed owner. */
static struct peer *entry_of(struct core *c, const char *id,
			     const struct record *r)
{
	struct peer *p = peer_find(&c->peers, id, strlen(id));

	if (p && !peer_uuid_eq(p, r->uuid, r->uuid_len)) {
		core_let_go(c, p, "other_owner");
		peer_remove(&c->peers, p);
	}
	return peer_put(&c->peers, id, strlen(id), r);
}

void hold_renamed(struct core *c, const char *old, const char *new,
		  const uint8_t *uuid, size_t len)
{
	struct peer *p = peer_find(&c->peers, old, strlen(old));
	struct record r;

	if (!p || !peer_uuid_eq(p, uuid, len))
		return;
	peer_record(p, &r);
	struct peer *now =
		peer_online(p, c->now_ms) ? entry_of(c, new, &r) : NULL;
	if (now) {
		struct peer_way way = { (enum transport)p->via, &p->addr,
					p->local, p->client };
		core_let_go(c, now, "replaced");
		peer_carry(&c->peers, now, &way, c->now_ms);
		now->seen_ms = p->seen_ms;
		if (p->client)
			p->client->peer = now;
	} else {
		core_let_go(c, p, "id_changed");
	}
	peer_remove(&c->peers, p);
}

bool hold_found(struct core *c, const struct request *q, const char *id,
		const struct lookup *l)
{
	struct peer *p = entry_of(c, id, &l->record);

	if (!p)
		return false;
	hold_here(c, q, p);
	tell_old_holder(c, id, l);
	return true;
}
