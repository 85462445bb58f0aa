#include "world.h"

#include "../unit.h"

#include "common/site/presence.h"

static uint32_t epoch_of(unsigned node)
{
	return 0x100 + node;
}

struct world *world_create(void)
{
	struct world *w = calloc(1, sizeof *w);
	struct relay_list relays = { 0 };

	ck_assert_int_eq(keys_setup(), 0);
	w->now = 1000000;
	keys_generate(&w->rules.keys);
	strcpy(w->rules.required_key, w->rules.keys.pk_text);
	w->rules.limits = (struct limits_config){ .new_rate = 1000,
						  .new_rate_per_ip = 1,
						  .lookup_rate = 1000,
						  .online_rate = 1000 };
	w->rules.max_clients = 1000;
	w->rules.max_clients_per_ip = 100;
	ck_assert_int_eq(relays_parse(&relays, "relay.example.net"), 0);
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		core_init(&w->nodes[i], &w->rules, &relays, epoch_of(i),
			  w->now);
		for (unsigned k = 0; k < WORLD_NODES; k++)
			nodes_add(&w->nodes[i].nodes, epoch_of(k), 0,
				  PRESENCE_NEWEST);
	}
	return w;
}

void world_destroy(struct world *w)
{
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		struct core *c = &w->nodes[i];
		for (uint64_t id = 1; id <= c->clients.last_id; id++) {
			struct client *k = client_find(&c->clients, id);
			if (k)
				rendezvous_close(c, k, w->now);
		}
		core_fini(c);
	}
	wire_release(&w->arena);
	free(w);
}

struct addr at(const char *text)
{
	struct addr a;
	ck_assert_int_eq(addr_parse(text, 0, &a), 0);
	return a;
}

/* --- the pretended Redis -------------------------------------------------- */

struct row *world_row(struct world *w, const char *id)
{
	for (size_t i = 0; i < w->nrows; i++)
		if (strcmp(w->rows[i].id, id) == 0)
			return &w->rows[i];
	return NULL;
}

static struct row *make_row(struct world *w, const char *id)
{
	struct row *r = world_row(w, id);
	if (!r) {
		ck_assert_uint_lt(w->nrows, WORLD_ROWS);
		r = &w->rows[w->nrows++];
		strcpy(r->id, id);
	}
	return r;
}

static void fill_lookup(struct world *w, const char *id, struct lookup *l)
{
	struct row *r = world_row(w, id);
	uint8_t stored[4 + RECORD_ENCODED_MAX];

	*l = (struct lookup){ .state = LOOKUP_MISSING };
	w->loads++;
	if (w->redis_away) {
		l->state = LOOKUP_FAILED;
		return;
	}
	if (r && r->revision > 0) {
		memcpy(stored, &r->revision, 4);
		memcpy(stored + 4, r->record, r->len);
		ck_assert_int_eq(record_decode(stored, 4 + r->len, &l->record),
				 0);
		l->state = LOOKUP_FOUND;
	}
	if (r && r->seen)
		l->has_presence = presence_decode(r->presence, r->presence_len,
						  &l->presence) == 0;
}

static void store_row(struct row *r, const uint8_t *data, size_t len)
{
	r->revision++;
	r->len = len;
	memcpy(r->record, data, len);
}

static enum save_result do_save(struct world *w, const struct action *a,
				const char *id, const uint8_t *body)
{
	struct row *r = world_row(w, id);

	if (w->redis_away || w->read_only)
		return SAVE_FAILED;
	if ((r ? r->revision : 0) != a->revision[0])
		return SAVE_CONFLICT;
	store_row(make_row(w, id), body, a->body.len);
	return SAVE_OK;
}

static enum save_result do_rename(struct world *w, const struct action *a,
				  const char *old, const char *new,
				  const uint8_t *body)
{
	struct row *from = world_row(w, old);
	struct row *to = world_row(w, new);

	if (w->redis_away || w->read_only)
		return SAVE_FAILED;
	if (!from || from->revision != a->revision[0] ||
	    (to ? to->revision : 0) != a->revision[1])
		return SAVE_CONFLICT;
	from->revision = 0;
	store_row(make_row(w, new), body + RECORD_GUID_LEN,
		  a->body.len - RECORD_GUID_LEN);
	return SAVE_OK;
}

/* The last byte of an address is its number. */
static void number_locals(struct world *w)
{
	for (unsigned i = 0; i < WORLD_NODES; i++)
		for (size_t k = 1; k <= w->nodes[i].locals.n; k++) {
			struct addr a = w->nodes[i].locals.own[k];
			for (unsigned n = 0; n < WORLD_NODES; n++)
				locals_learn(&w->nodes[n].locals, &a, a.ip[15]);
		}
}

static void write_presence(struct world *w)
{
	number_locals(w);
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		struct peer_presence p;
		uint8_t data[PRESENCE_MAX];

		while (!w->redis_away && !w->dead[i] &&
		       peer_next_dirty(&w->nodes[i].peers, epoch_of(i), &p)) {
			struct row *r = make_row(w, p.id);
			uint32_t held;
			memcpy(&held, r->presence + PRESENCE_EPOCH_AT, 4);
			if (p.presence.epoch == 0 && held != epoch_of(i))
				continue;
			p.presence.local = locals_number(&w->nodes[i].locals,
							 p.presence.local);
			r->presence_len = presence_encode(
				&p.presence, PRESENCE_NEWEST, data);
			memcpy(r->presence, data, r->presence_len);
			r->seen = true;
		}
	}
}

/* --- actions -------------------------------------------------------------- */

static void carry(struct world *w, unsigned node);

static bool to_bus(struct world *w, uint32_t epoch, const uint8_t *body,
		   size_t len)
{
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		if (epoch_of(i) != epoch || w->dead[i] || w->redis_away)
			continue;
		rendezvous_bus(&w->nodes[i], body, len, w->now);
		carry(w, i);
		return true;
	}
	return false;
}

static void answer_online(struct world *w, unsigned node,
			  const struct action *a, const uint8_t *body)
{
	uint8_t states[WIRE_PEERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < a->body.len; i += 1u + body[i], n++) {
		char id[256] = { 0 };
		struct lookup l;
		memcpy(id, body + i + 1, body[i]);
		fill_lookup(w, id, &l);
		states[n] = l.has_presence && l.presence.epoch != 0;
	}
	rendezvous_online(&w->nodes[node], a->ticket,
			  w->redis_away ? NULL : states, n, w->now);
}

static uint32_t find_wait(const struct world *w, const struct addr *key)
{
	for (size_t i = w->nwaits; i > 0; i--)
		if (addr_eq(&w->waits[i - 1].key, key))
			return w->redis_away ? 0 : w->waits[i - 1].epoch;
	return 0;
}

static void move_presence(struct world *w, const struct action *a,
			  const char *id, const char *id2, const uint8_t *body)
{
	struct row *old = world_row(w, id);
	uint32_t epoch, first = a->first;
	struct presence now;
	uint8_t way[PRESENCE_WAY];

	if (!old || !old->seen ||
	    presence_decode(old->presence, old->presence_len, &now) != 0)
		return;
	presence_way(&now, way);
	if (memcmp(way, body, sizeof way) != 0)
		return;
	body += sizeof way;
	old->seen = false;
	memcpy(&epoch, old->presence + PRESENCE_EPOCH_AT, 4);
	if (epoch == 0)
		return;
	struct row *new = make_row(w, id2);
	new->seen = true;
	new->presence_len = old->presence_len;
	memcpy(new->presence, old->presence, sizeof new->presence);
	to_bus(w, epoch, body, first);
	to_bus(w, epoch, body + first, a->body.len - sizeof way - first);
}

static void ask_redis(struct world *w, unsigned node, const struct action *a,
		      const char *id, const char *id2, const uint8_t *body)
{
	struct core *c = &w->nodes[node];
	struct lookup l;

	switch ((int)a->kind) {
	case ACT_LOAD:
		fill_lookup(w, id, &l);
		rendezvous_loaded(c, a->ticket, &l, w->now);
		break;
	case ACT_SAVE:
		rendezvous_saved(c, a->ticket, do_save(w, a, id, body), w->now);
		break;
	case ACT_RENAME:
		rendezvous_saved(c, a->ticket, do_rename(w, a, id, id2, body),
				 w->now);
		break;
	case ACT_MOVE:
		move_presence(w, a, id, id2, body);
		break;
	case ACT_ONLINE:
		answer_online(w, node, a, body);
		break;
	case ACT_WAIT_PUT:
		w->waits[w->nwaits].key = a->addr;
		w->waits[w->nwaits++].epoch = epoch_of(node);
		break;
	case ACT_POLICY:
	case ACT_GRANT:
	case ACT_GUEST:
	case ACT_DEPLOYED:
	case ACT_CONN_REF:
		world_policy(w, c, a, id, id2, body);
		break;
	case ACT_TICKET:
		world_ticket(w, id, body, a->body.len);
		break;
	case ACT_WAIT_GET:
		rendezvous_wait_found(c, a->ticket, find_wait(w, &a->addr),
				      w->now);
		break;
	case ACT_BUS: {
		bool got = to_bus(w, a->node, body, a->body.len);
		if (a->ticket != 0)
			rendezvous_bus_sent(c, a->ticket, got, w->now);
		break;
	}
	default:
		ck_abort_msg("action %d is not for Redis", a->kind);
	}
}

static void keep(struct world *w, unsigned node, const struct action *a)
{
	struct outbox *o = &w->nodes[node].out;

	ck_assert_uint_lt(w->npending, WORLD_PENDING);
	ck_assert_uint_le(a->body.len, sizeof w->pending[0].body);
	w->pending[w->npending].node = node;
	w->pending[w->npending].act = *a;
	memcpy(w->pending[w->npending].body, outbox_at(o, a->body),
	       a->body.len);
	for (unsigned i = 0; i < 2; i++)
		snprintf(w->pending[w->npending].id[i], WIRE_ID_MAX + 1, "%.*s",
			 (int)a->id[i].len,
			 (const char *)outbox_at(o, a->id[i]));
	w->npending++;
}

static void keep_sent(struct world *w, unsigned node, const struct action *a)
{
	ck_assert_uint_lt(w->nout, WORLD_OUT);
	ck_assert_uint_le(a->body.len, sizeof w->out[0].data);
	struct sent *s = &w->out[w->nout++];
	*s = (struct sent){
		.node = node,
		.kind = a->kind,
		.len = a->body.len,
	};
	if (a->kind == ACT_DATAGRAM) {
		s->to = a->datagram.to;
		s->local = a->datagram.from;
		s->copy = a->datagram.copy;
	} else {
		s->client = a->stream.client;
		s->reason = a->stream.reason;
	}
	memcpy(s->data, outbox_at(&w->nodes[node].out, a->body), a->body.len);
}

static void carry(struct world *w, unsigned node)
{
	struct outbox *o = &w->nodes[node].out;
	static unsigned depth[WORLD_NODES];

	if (depth[node] > 0)
		return;
	depth[node]++;
	for (size_t i = 0; i < o->n; i++) {
		struct action a = o->acts[i];
		char id[2][WIRE_ID_MAX + 1];
		uint8_t body[WIRE_PEERS_MAX * 16];

		if (a.kind == ACT_SETTLED) {
			w->settled = a.settled;
			continue;
		}
		if (a.kind <= ACT_REGISTERED) {
			keep_sent(w, node, &a);
			continue;
		}
		if (w->slow) {
			keep(w, node, &a);
			continue;
		}
		for (unsigned k = 0; k < 2; k++)
			snprintf(id[k], sizeof id[k], "%.*s", (int)a.id[k].len,
				 (const char *)outbox_at(o, a.id[k]));
		ck_assert_uint_le(a.body.len, sizeof body);
		memcpy(body, outbox_at(o, a.body), a.body.len);
		ask_redis(w, node, &a, id[0], id[1], body);
	}
	ck_assert_uint_eq(o->dropped, 0);
	outbox_reset(o);
	depth[node]--;
	write_presence(w);
}

void world_answer(struct world *w)
{
	size_t n = w->npending;

	w->slow = false;
	for (size_t i = 0; i < n; i++) {
		ask_redis(w, w->pending[i].node, &w->pending[i].act,
			  w->pending[i].id[0], w->pending[i].id[1],
			  w->pending[i].body);
		carry(w, w->pending[i].node);
	}
	w->npending = 0;
}

void world_wait(struct world *w, uint64_t ms)
{
	w->now += ms;
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		if (w->dead[i])
			continue;
		rendezvous_tick(&w->nodes[i], w->now, w->now / 1000);
		rendezvous_answers(&w->nodes[i], w->now);
		carry(w, i);
	}
}

void world_kill(struct world *w, unsigned node, uint32_t age_s)
{
	w->dead[node] = true;
	for (unsigned i = 0; i < WORLD_NODES; i++)
		w->nodes[i].nodes.list[node].age_s = age_s;
}

/* --- in ------------------------------------------------------------------- */

void udp_in(struct world *w, unsigned node, const char *from,
	    const Hbb__RendezvousMessage *m)
{
	uint8_t data[2048];

	ck_assert_uint_le(wire_size(m), sizeof data);
	struct datagram d = {
		.from = at(from),
		.data = data,
		.len = wire_pack(m, data),
	};
	if (w->to)
		d.to = at(w->to);
	rendezvous_datagrams(&w->nodes[node], &d, 1, w->now);
	carry(w, node);
}

struct client *client_in(struct world *w, unsigned node, enum transport via,
			 const char *from)
{
	struct client_info info = { .source = at(from), .via = via };
	struct client *c = rendezvous_open(&w->nodes[node], &info, w->now);

	ck_assert_ptr_nonnull(c);
	carry(w, node);
	if (via == VIA_TCP && w->rules.keys.can_sign)
		ck_assert_int_eq(expect_send(w, c)->union_case,
				 HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE);
	return c;
}

void say(struct world *w, unsigned node, struct client *c,
	 const Hbb__RendezvousMessage *m)
{
	uint8_t data[16384];

	ck_assert_uint_le(wire_size(m), sizeof data);
	rendezvous_message(&w->nodes[node], c, data, wire_pack(m, data),
			   w->now);
	carry(w, node);
}

void hang_up(struct world *w, unsigned node, struct client *c)
{
	rendezvous_close(&w->nodes[node], c, w->now);
	carry(w, node);
}
