#include "services/hbbs/messages/target.h"

#include <stdlib.h>
#include <string.h>

#include "services/hbbs/state/idrule.h"

static void from_peer(const struct core *c, const struct peer *p,
		      struct target *out)
{
	*out = (struct target){
		.route = p->client ? ROUTE_CLIENT : ROUTE_UDP,
		.via = (enum transport)p->via,
		.addr = p->addr,
		.local = *locals_at(&c->locals, p->local),
		.client = p->client,
		.disabled = (p->flags & PEER_DISABLED) != 0,
		.has_pk = p->has_pk,
	};
	memcpy(out->pk, p->pk, sizeof out->pk);
}

/* The peer is not held here; who has it? */
static enum target_state from_lookup(const struct core *c,
				     const struct lookup *l, bool undelivered,
				     struct target *out)
{
	const struct presence *pr = &l->presence;

	*out = (struct target){
		.route = ROUTE_NODE,
		.via = pr->via,
		.addr = pr->addr,
		.local = *locals_of_number(&c->locals, pr->local),
		.node = pr->epoch,
		.disabled = l->record.disabled,
		.has_pk = l->record.has_pk,
	};
	memcpy(out->pk, l->record.pk, sizeof out->pk);
	if (!l->has_presence || pr->epoch == 0 || pr->epoch == c->epoch)
		return TARGET_OFFLINE;

	/* An orphan of a node that has just died: its NAT still lets packets
	 * from this port in, and its next heartbeat may come here. */
	enum node_state node = nodes_state(&c->nodes, pr->epoch);
	if (node == NODE_ALIVE && undelivered)
		node = NODE_GRACE;
	if (node == NODE_GRACE && online_by(node, pr->via)) {
		out->route = ROUTE_UDP;
		return TARGET_READY;
	}
	return node == NODE_GRACE || undelivered ? TARGET_OFFLINE
						 : TARGET_READY;
}

bool target_here(const struct core *c, const char *id, struct target *out)
{
	const struct peer *p = peer_find(&c->peers, id, strlen(id));

	if (!p || !peer_online(p, c->now_ms))
		return false;
	from_peer(c, p, out);
	return true;
}

enum target_state target_look_up(struct core *c, struct request *q,
				 const char *id)
{
	if (!idrule_valid(id, strlen(id)))
		return TARGET_UNKNOWN;
	if (!limits_allow(&c->limits, LIMIT_MISS, &q->from.source, c->now_ms))
		return TARGET_LIMITED;
	return core_park_load(c, q, id, NULL) ? TARGET_PARKED : TARGET_ERROR;
}

enum target_state target_locate(const struct core *c, const char *id,
				const struct lookup *found, bool undelivered,
				struct target *out)
{
	if (target_here(c, id, out))
		return TARGET_READY;
	if (found && found->state == LOOKUP_MISSING)
		return TARGET_UNKNOWN;
	if (found && found->state == LOOKUP_FOUND)
		return from_lookup(c, found, undelivered, out);
	/* A memory of B is better than nothing. */
	return peer_find(&c->peers, id, strlen(id)) ? TARGET_OFFLINE
						    : TARGET_ERROR;
}

enum { PUSH_MAX = 2 * WIRE_DATAGRAM_MAX + WIRE_SDP_MAX };

/* M for the peer ID at NODE; ASKER hears if it is not there (NULL: nobody),
 * TICKET whether the node is. False: no room. */
static bool bus_push(struct core *c, const char *id, uint32_t node,
		     const Hbb__RendezvousMessage *m, const struct addr *asker,
		     uint64_t ticket)
{
	uint8_t packed[PUSH_MAX];
	if (wire_size(m) > sizeof packed)
		return false;

	char copy[WIRE_ID_MAX + 1];
	strcpy(copy, id);
	uint8_t space[ADDR_MANGLED_MAX];
	State__Push push = STATE__PUSH__INIT;
	push.id = copy;
	push.message.len = wire_pack(m, packed);
	push.message.data = packed;
	if (asker)
		push.asker = core_mangle(c, asker, space);
	push.relay =
		m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	State__Bus bus = STATE__BUS__INIT;
	bus.what_case = STATE__BUS__WHAT_PUSH;
	bus.push = &push;
	return core_bus(c, node, &bus, ticket);
}

static bool push_to_node(struct core *c, struct request *q, const char *id,
			 const struct target *t,
			 const Hbb__RendezvousMessage *m)
{
	struct job *j = core_park(c, q);
	if (!j)
		return false;
	if (bus_push(c, id, t->node, m, &q->from.client->key, j->ticket))
		return true;
	core_unpark(q);
	return false;
}

bool target_push(struct core *c, struct request *q, const char *id,
		 const struct target *t, const Hbb__RendezvousMessage *m,
		 uint64_t *copy)
{
	struct udp_path path = { t->addr, t->local };

	*copy = 0;
	switch (t->route) {
	case ROUTE_UDP:
		*copy = core_copy(c);
		core_send_datagram(c, &path, m, *copy);
		break;
	case ROUTE_CLIENT:
		core_send(c, t->client, m);
		break;
	case ROUTE_NODE:
		return push_to_node(c, q, id, t, m);
	}
	return false;
}

bool target_deliver(struct core *c, const char *id, const uint8_t *data,
		    size_t len)
{
	const struct peer *p = peer_find(&c->peers, id, strlen(id));

	if (!p || !peer_online(p, c->now_ms))
		return false;
	if (p->client) {
		core_send_packed(c, p->client, data, len);
		return true;
	}
	struct udp_path path = { p->addr, *locals_at(&c->locals, p->local) };
	return core_send_packed_datagram(c, &path, data, len, core_copy(c));
}

void target_tell(struct core *c, const char *id, uint32_t node,
		 const Hbb__RendezvousMessage *m)
{
	uint8_t packed[PUSH_MAX];

	if (wire_size(m) > sizeof packed)
		return;
	if (!target_deliver(c, id, packed, wire_pack(m, packed)) && node != 0)
		(void)!bus_push(c, id, node, m, NULL, 0);
}
