#include "services/hbbs/messages/register.h"

#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/hold.h"
#include "services/hbbs/messages/idchange.h"
#include "services/hbbs/messages/pkreply.h"
#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/metrics.h"

enum {
	PK_BURST = 3, /* RegisterPk per id without a gap (spec 6.1) */
	PK_GAP_S = 7,
};

#define RESULT(name) HBB__REGISTER_PK_RESPONSE__RESULT__##name

/* --- RegisterPeer --------------------------------------------------------- */

static void send_update(struct core *c, const struct request *q)
{
	Hbb__ConfigUpdate cu = HBB__CONFIG_UPDATE__INIT;
	cu.serial = c->rules->serial;
	cu.n_rendezvous_servers = c->rules->nservers;
	cu.rendezvous_servers = c->rules->servers;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_CONFIGURE_UPDATE;
	m.configure_update = &cu;
	core_reply(c, q, &m);
}

/* RegisterPeerResponse, packed by hand: most of what this server ever says.
 * Packing it anew was a twentieth of a heartbeat. */
static const uint8_t kept[] = { 7 << 3 | 2, 0 };
static const uint8_t pk_wanted[] = { 7 << 3 | 2, 2, 2 << 3, 1 };

static void answer_peer(struct core *c, const struct request *q,
			bool request_pk)
{
	struct udp_path back = { q->from.source, q->from.local };

	(void)core_send_packed_datagram(
		c, &back, request_pk ? pk_wanted : kept,
		request_pk ? sizeof pk_wanted : sizeof kept, 0);
	core_count(M_HEARTBEATS);
	/* Only to an address that proved itself: a list of servers is longer
	 * than the question (spec 6.9 W22). */
	if (!request_pk && c->rules->serial > q->m->register_peer->serial)
		send_update(c, q);
}

/* A heartbeat from where P is, to where P sends. */
static bool is_its_path(const struct core *c, const struct peer *p,
			const struct request *q)
{
	return p->via == VIA_UDP && addr_eq(&p->addr, &q->from.source) &&
	       locals_same(&c->locals, p->local, &q->from.local);
}

/* The id of a RegisterPeer without unpacking it: NULL for anything else. */
static const char *peek_id(const struct datagram *d, size_t *len)
{
	enum { PEER = 6 << 3 | 2, ID = 1 << 3 | 2, HEAD = 4 };

	if (d->len < HEAD || d->data[0] != PEER || d->data[2] != ID ||
	    d->data[3] > d->len - HEAD)
		return NULL;
	*len = d->data[3];
	return (const char *)d->data + HEAD;
}

void register_ahead(const struct core *c, const struct datagram *d, size_t n)
{
	size_t slot[DATAGRAM_BATCH], nslots = 0, len;

	if (c->peers.map.len == 0)
		return;
	for (size_t i = 0; i < n && nslots < DATAGRAM_BATCH; i++) {
		const char *id = peek_id(&d[i], &len);
		if (id)
			slot[nslots++] = map_ahead(&c->peers.map, id, len);
	}
	for (size_t i = 0; i < nslots; i++)
		map_ahead_item(&c->peers.map, slot[i]);
}

/* True if P was answered for: it is held here. */
static bool held_here(struct core *c, const struct request *q, struct peer *p)
{
	if (!p || !peer_online(p, c->now_ms))
		return false;
	bool same = is_its_path(c, p, q);
	if (same)
		p->seen_ms = c->now_ms;
	/* A copy that is to leave must show itself. */
	answer_peer(c, q,
		    !same || leaving_is(&c->leaving, q->m->register_peer->id,
					&q->from.source, c->now_ms));
	return true;
}

/* Redis' word about a peer that this node did not hold. */
static struct step peer_loaded(struct core *c, struct request *q,
			       const union result *r)
{
	const struct lookup *l = &r->found[0];
	const char *id = q->m->register_peer->id;
	struct peer *p = peer_find(&c->peers, id, strlen(id));

	if (held_here(c, q, p))
		return way_end();
	if (l->state == LOOKUP_FAILED) {
		/* A memory of the peer will do. Without one stay silent: the
		 * client tries again in 3 s. */
		if (p && p->has_pk && is_its_path(c, p, q)) {
			hold_datagrams(c, q, p);
			answer_peer(c, q, false);
		}
		return way_end();
	}
	/* Our own address is not asked about: it changes with a container. */
	bool same = l->state == LOOKUP_FOUND && l->record.has_pk &&
		    l->has_presence && l->presence.via == VIA_UDP &&
		    addr_eq(&l->presence.addr, &q->from.source);
	answer_peer(c, q, !same || !hold_found(c, q, id, l));
	return way_end();
}

struct step register_peer(struct core *c, struct request *q,
			  const union result *unused)
{
	const char *id = q->m->register_peer->id;
	size_t len = strlen(id);
	(void)unused;

	if (len == 0 || held_here(c, q, peer_find(&c->peers, id, len)))
		return way_end();
	if (!idrule_valid(id, len) ||
	    !limits_allow(&c->limits, LIMIT_LOOKUP, &q->from.source, c->now_ms))
		answer_peer(c, q, true);
	else if (core_park_load(c, q, id, NULL))
		return way_wait(peer_loaded);
	else
		core_count(M_DROP_PARKED);
	return way_end();
}

/* --- RegisterPk ----------------------------------------------------------- */

static struct step reply(struct core *c, const struct request *q,
			 Hbb__RegisterPkResponse__Result result)
{
	pkreply_send(c, q, result);
	return way_end();
}

/* A refusal that counts against the address; too many are TOO_FREQUENT, which
 * costs the client nothing (UUID_MISMATCH makes it throw its id away). */
static struct step refuse(struct core *c, const struct request *q,
			  Hbb__RegisterPkResponse__Result result,
			  const char *why)
{
	struct log_line l;

	log_begin(&l, LOG_WARN, "register_refused");
	log_str(&l, "reason", why);
	log_str(&l, "id", q->m->register_pk->id);
	log_addr(&l, "from", &q->from.source);
	log_end(&l);
	if (!limits_allow(&c->limits, LIMIT_FAIL, &q->from.source, c->now_ms))
		result = RESULT(TOO_FREQUENT);
	return reply(c, q, result);
}

/* Spec 6.1: three, then seven seconds of rest. Judged before, counted after
 * the registration is accepted. */
static bool too_often(const struct core *c, const struct peer *p)
{
	uint32_t now_s = (uint32_t)(c->now_ms / 1000);
	return p->pk_count >= PK_BURST && now_s - p->pk_s < PK_GAP_S;
}

static void count_pk(const struct core *c, struct peer *p)
{
	uint32_t now_s = (uint32_t)(c->now_ms / 1000);
	if (now_s - p->pk_s >= PK_GAP_S)
		p->pk_count = 0;
	p->pk_count++;
	p->pk_s = now_s;
}

/* Q has proved to be the machine of its id. Is it a copy that an administrator
 * has told to take another one? */
static bool must_leave(struct core *c, const struct request *q)
{
	return leaving_tell(&c->leaving, q->m->register_pk->id, &q->from.source,
			    c->now_ms);
}

static struct step accept_peer(struct core *c, const struct request *q,
			       struct peer *p)
{
	if (must_leave(c, q))
		return refuse(c, q, RESULT(UUID_MISMATCH), "copied_id");
	count_pk(c, p);
	hold_here(c, q, p);
	return reply(c, q, RESULT(OK));
}

static struct step accept_found(struct core *c, const struct request *q)
{
	const char *id = q->m->register_pk->id;

	if (!hold_found(c, q, id, q->known.pk.found))
		return reply(c, q, RESULT(SERVER_ERROR));
	count_pk(c, peer_find(&c->peers, id, strlen(id)));
	return reply(c, q, RESULT(OK));
}

static step_fn pk_loaded;
static step_fn pk_saved;

static bool add_save(struct core *c, struct request *q, const struct record *r)
{
	const char *id = q->m->register_pk->id;
	uint8_t space[RECORD_ENCODED_MAX], *body;
	size_t len = record_encode(r, space);
	struct action *a = outbox_add(&c->out, ACT_SAVE, len, &body);

	if (!a)
		return false;
	memcpy(body, space, len);
	a->ticket = q->job->ticket;
	a->revision[0] = r->revision;
	return outbox_set_id(&c->out, 0, id, strlen(id));
}

static struct step save(struct core *c, struct request *q)
{
	struct record *r = &q->known.pk.found->record;
	const Hbb__RegisterPk *pk = q->m->register_pk;

	if (r->has_ip && !addr_same_ip(&r->ip, &q->from.source))
		ipchange_note(&c->changes, pk->id, &q->from.source, c->now_ms);
	memcpy(r->uuid, pk->uuid.data, pk->uuid.len);
	r->uuid_len = pk->uuid.len;
	memcpy(r->pk, pk->pk.data, sizeof r->pk);
	r->has_pk = true;
	r->ip = q->from.source;
	r->ip.port = 0;
	r->has_ip = true;
	r->no_register_device = pk->no_register_device;

	core_park(c, q);
	if (add_save(c, q, r))
		return way_wait(pk_saved);
	core_unpark(q);
	return reply(c, q, RESULT(SERVER_ERROR));
}

static struct step make_new(struct core *c, struct request *q)
{
	struct record *r = &q->known.pk.found->record;

	*r = (struct record){ .created_s = (int64_t)c->unix_s };
	keys_random(r->guid, sizeof r->guid);
	return save(c, q);
}

/* The row of policy:deployed: machine id and key in base64. */
static bool row_matches(const char *row, const Hbb__RegisterPk *pk)
{
	char uuid[2 * WIRE_MACHINE_ID_MAX], key[64];

	keys_base64(uuid, sizeof uuid, pk->uuid.data, pk->uuid.len);
	keys_base64(key, sizeof key, pk->pk.data, pk->pk.len);
	size_t len = strlen(uuid);
	return strncmp(row, uuid, len) == 0 && row[len] == ' ' &&
	       strcmp(row + len + 1, key) == 0;
}

static struct step pk_deployed(struct core *c, struct request *q,
			       const union result *r)
{
	const char *row = r->deployed.row;

	if (!r->deployed.ok)
		return reply(c, q, RESULT(SERVER_ERROR));
	if (!row || !row_matches(row, q->m->register_pk))
		return reply(c, q, RESULT(NOT_DEPLOYED));
	return make_new(c, q);
}

/* What is left in Redis is for those who are known: asked again later. */
static struct step refuse_new(struct core *c, struct request *q)
{
	core_count(M_LIMIT_MEMORY);
	return reply(c, q, RESULT(SERVER_ERROR));
}

static struct step decide_new(struct core *c, struct request *q)
{
	const char *id = q->m->register_pk->id;

	if (!limits_allow(&c->limits, LIMIT_NEW, &q->from.source, c->now_ms))
		return reply(c, q, RESULT(TOO_FREQUENT));
	if (!c->access.settings.require_deployment)
		return c->nearly_full[0] || c->nearly_full[1] ? refuse_new(c, q)
							      : make_new(c, q);
	/* Was it deployed through the api (spec 4.2)? */
	if (core_park_ask(c, q, ACT_DEPLOYED, id, NULL))
		return way_wait(pk_deployed);
	return reply(c, q, RESULT(SERVER_ERROR));
}

/* The rows of spec 4.2 from step 5 on. */
static struct step decide_known(struct core *c, struct request *q,
				const struct peer *p)
{
	const struct record *r = &q->known.pk.found->record;
	const Hbb__RegisterPk *pk = q->m->register_pk;
	bool same_pk = r->has_pk && !memcmp(r->pk, pk->pk.data, sizeof r->pk);
	bool same_ip = r->has_ip && addr_same_ip(&r->ip, &q->from.source);

	if (r->uuid_len > 0 && !record_uuid_eq(r, pk->uuid.data, pk->uuid.len))
		return refuse(c, q, RESULT(UUID_MISMATCH), "other_machine");
	if (r->has_pk && !same_pk && !same_ip && !c->rules->allow_key_change)
		return refuse(c, q, RESULT(UUID_MISMATCH),
			      "key_and_address_changed");
	if (r->uuid_len > 0 && same_pk && must_leave(c, q))
		return refuse(c, q, RESULT(UUID_MISMATCH), "copied_id");
	if (p && too_often(c, p))
		return reply(c, q, RESULT(TOO_FREQUENT));
	if (same_pk && same_ip && r->uuid_len > 0 &&
	    r->no_register_device == (bool)pk->no_register_device)
		return accept_found(c, q);
	return save(c, q);
}

static struct step pk_saved(struct core *c, struct request *q,
			    const union result *r)
{
	if (r->save == SAVE_OK)
		return accept_found(c, q);
	if (r->save == SAVE_CONFLICT && ++q->known.pk.tries < JOB_TRIES_MAX &&
	    core_park_load(c, q, q->m->register_pk->id, NULL))
		return way_wait(pk_loaded);
	if (r->save == SAVE_FULL)
		log_warn("peers_full", "MAX_PEERS is reached");
	return reply(c, q, RESULT(SERVER_ERROR));
}

/* Same machine, key and address as the entry in memory: nothing to write. */
static bool is_known_good(const struct request *q, const struct peer *p)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;

	return p && peer_uuid_eq(p, pk->uuid.data, pk->uuid.len) &&
	       peer_pk_eq(p, pk->pk.data, pk->pk.len) &&
	       addr_same_ip(&p->addr, &q->from.source);
}

static struct step pk_loaded(struct core *c, struct request *q,
			     const union result *r)
{
	const char *id = q->m->register_pk->id;
	struct peer *p = peer_find(&c->peers, id, strlen(id));

	q->known.pk.found = r->found;
	if (r->found->state == LOOKUP_MISSING)
		return decide_new(c, q);
	if (r->found->state == LOOKUP_FOUND)
		return decide_known(c, q, p);
	return is_known_good(q, p) ? accept_peer(c, q, p)
				   : reply(c, q, RESULT(SERVER_ERROR));
}

static struct step pk_arrived(struct core *c, struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	const struct addr *from = &q->from.source;
	size_t len = strlen(pk->id);
	struct peer *p = peer_find(&c->peers, pk->id, len);

	if (!limits_register(&c->limits, from, pk->id, len, c->now_ms))
		return reply(c, q, RESULT(TOO_FREQUENT));
	if (is_known_good(q, p) && peer_online(p, c->now_ms))
		return too_often(c, p) ? reply(c, q, RESULT(TOO_FREQUENT))
				       : accept_peer(c, q, p);
	if (!limits_allow(&c->limits, LIMIT_LOOKUP, from, c->now_ms))
		return reply(c, q, RESULT(TOO_FREQUENT));
	q->known.pk = (struct registering){ 0 };
	return core_park_load(c, q, pk->id, NULL)
		       ? way_wait(pk_loaded)
		       : reply(c, q, RESULT(SERVER_ERROR));
}

struct step register_pk(struct core *c, struct request *q,
			const union result *unused)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	size_t len = strlen(pk->id);
	(void)unused;

	if (pk->old_id[0] != '\0' && q->from.client)
		return idchange_start(c, q);
	if (pk->uuid.len == 0 || pk->pk.len == 0) {
		if (q->from.client)
			core_close(c, q->from.client, "no_key");
		return way_end();
	}
	if (len < ID_MIN)
		return refuse(c, q, RESULT(UUID_MISMATCH), "short_id");
	if (!idrule_valid(pk->id, len) || pk->pk.len != RECORD_PK_LEN)
		return refuse(c, q, RESULT(INVALID_ID_FORMAT), "bad_id_or_key");
	return pk_arrived(c, q);
}
