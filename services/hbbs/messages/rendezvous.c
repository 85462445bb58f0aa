#include "services/hbbs/messages/rendezvous.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/account.h"
#include "services/hbbs/messages/answer.h"
#include "services/hbbs/messages/attempt.h"
#include "services/hbbs/messages/banned.h"
#include "services/hbbs/messages/hold.h"
#include "services/hbbs/messages/ice.h"
#include "services/hbbs/messages/listening.h"
#include "services/hbbs/messages/nat.h"
#include "services/hbbs/messages/online.h"
#include "services/hbbs/messages/punch.h"
#include "services/hbbs/messages/refusal.h"
#include "services/hbbs/messages/register.h"
#include "services/hbbs/messages/relayrequest.h"
#include "services/hbbs/messages/secure.h"
#include "services/hbbs/messages/target.h"
#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/metrics.h"

/* --- ways ----------------------------------------------------------------- */

/* Takes Q from step to step, until it is done or waits. */
static void walk(struct core *c, struct request *q, step_fn *run,
		 const union result *r)
{
	struct step next = run(c, q, r);

	while (next.run && !next.waits)
		next = next.run(c, q, NULL);
	assert(next.waits == (q->job && q->job->waiting > 0));
	if (!q->job)
		return;
	if (!next.waits) {
		job_destroy(&c->jobs, q->job);
		return;
	}
	q->job->next = next.run;
	q->job->known = q->known;
}

/* --- dispatch ------------------------------------------------------------- */

enum { BY_UDP = 1, BY_STREAM = 2, BY_NAT = 4 };

#define MSG(name) HBB__RENDEZVOUS_MESSAGE__UNION_##name

/* Which message is taken where; another of ours is dropped, and closes a
 * connection (spec 1.9, cases 38, 70). What is not known is only dropped. */
static const struct {
	Hbb__RendezvousMessage__UnionCase what;
	unsigned where;
	step_fn *first;
} handlers[] = {
	{ MSG(REGISTER_PEER), BY_UDP, register_peer },
	{ MSG(REGISTER_PK), BY_UDP | BY_STREAM, register_pk },
	{ MSG(PUNCH_HOLE_REQUEST), BY_STREAM, punch_request },
	{ MSG(REQUEST_RELAY), BY_STREAM, relayrequest_arrived },
	{ MSG(PUNCH_HOLE_SENT), BY_UDP | BY_STREAM, answer_punch_sent },
	{ MSG(LOCAL_ADDR), BY_STREAM, answer_local_addr },
	{ MSG(RELAY_RESPONSE), BY_STREAM, answer_relay },
	{ MSG(TEST_NAT_REQUEST), BY_UDP | BY_STREAM | BY_NAT, nat_test },
	{ MSG(ONLINE_REQUEST), BY_STREAM | BY_NAT, online_query },
	{ MSG(SOFTWARE_UPDATE), BY_UDP, nat_software_update },
	{ MSG(HC), BY_STREAM, account_hc },
	{ MSG(HTTP_PROXY_REQUEST), BY_STREAM, account_http },
	{ MSG(ICE_CANDIDATE), BY_STREAM, ice_candidate },
};

static unsigned where_from(const struct request *q)
{
	if (q->from.via == VIA_UDP)
		return BY_UDP;
	if (!q->from.client)
		return BY_STREAM; /* over the bus */
	return q->from.client->port == PORT_NAT ? BY_NAT : BY_STREAM;
}

static void dispatch(struct core *c, struct request *q)
{
	unsigned where = where_from(q);

	if (banned_refused(c, q))
		return;
	for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
		if (handlers[i].what != q->m->union_case)
			continue;
		if ((handlers[i].where & where) == 0)
			break;
		walk(c, q, handlers[i].first, NULL);
		return;
	}
	core_count(M_DROP_UNEXPECTED);
	/* What only newer clients know is no reason to close. */
	if (q->from.client && q->m->union_case != MSG(_NOT_SET))
		core_close(c, q->from.client, "unexpected_message");
}

/* --- arrivals ------------------------------------------------------------- */

/* What Q knows is for its first step to begin; most know nothing. */
static void begin(struct request *q, struct wire_arena *arena,
		  const uint8_t *data, size_t len)
{
	q->m = wire_unpack(arena, data, len);
	q->data = data;
	q->len = len;
	q->job = NULL;
	q->over_bus = false;
}

static void datagram(struct core *c, const struct datagram *d)
{
	struct wire_arena arena;
	struct request q;

	if (d->len == 0)
		return;
	begin(&q, &arena, d->data, d->len);
	q.from = (struct origin){
		.via = VIA_UDP,
		.source = d->from,
		.local = d->to,
	};
	if (!q.m)
		core_count(M_DROP_PARSE);
	else
		dispatch(c, &q);
	wire_release(&arena);
}

void rendezvous_datagrams(struct core *c, const struct datagram *d, size_t n,
			  uint64_t now_ms)
{
	c->now_ms = now_ms;
	register_ahead(c, d, n);
	for (size_t i = 0; i < n; i++)
		datagram(c, &d[i]);
}

struct client *rendezvous_open(struct core *c, const struct client_info *info,
			       uint64_t now_ms)
{
	c->now_ms = now_ms;
	struct client *client = client_create(&c->clients, info);
	if (!client)
		core_count(M_DROP_LIMIT);
	else
		secure_offer(c, client);
	return client;
}

static void plain_message(struct core *c, struct client *client,
			  const uint8_t *data, size_t len)
{
	struct wire_arena arena;
	struct request q;
	bool first = client->channel == CHANNEL_OFFERED;

	begin(&q, &arena, data, len);
	q.from = (struct origin){
		.via = client->via,
		.source = client->source,
		.client = client,
	};
	if (!q.m) {
		core_count(M_DROP_PARSE);
		core_close(c, client, "unparsable");
	} else if (first && secure_first(client, q.m) != 0) {
		core_close(c, client, "bad_key_exchange");
	} else if (!first || client->channel != CHANNEL_SECURE) {
		dispatch(c, &q);
	}
	wire_release(&arena);
}

/* Small ones, nearly all, cost no allocation. */
static void sealed_message(struct core *c, struct client *client,
			   const uint8_t *data, size_t len)
{
	uint8_t small[4096];
	uint8_t *plain = len <= sizeof small ? small : malloc(len);

	if (!plain || len < KEYS_SEAL || len > ACCOUNT_MESSAGE_MAX ||
	    keys_unseal(&client->secret.keys, data, len, plain) != 0) {
		core_close(c, client, "bad_record");
	} else {
		plain_message(c, client, plain, len - KEYS_SEAL);
		explicit_bzero(plain, len);
	}
	if (plain != small)
		free(plain);
}

void rendezvous_message(struct core *c, struct client *client,
			const uint8_t *data, size_t len, uint64_t now_ms)
{
	c->now_ms = now_ms;
	if (client->closing || client->held)
		return;
	if (client->peer)
		client->peer->seen_ms = now_ms;
	if (len == 0) /* a heartbeat, or nothing */
		return;
	if (client->channel != CHANNEL_SECURE || len == 1) {
		plain_message(c, client, data, len);
		return;
	}

	sealed_message(c, client, data, len);
}

void rendezvous_close(struct core *c, struct client *client, uint64_t now_ms)
{
	c->now_ms = now_ms;
	if (client->peer)
		peer_offline(&c->peers, client->peer);
	account_ended(c, client);
	listening_hung_up(c, client);
	struct ask *ask;
	while ((ask = TAILQ_FIRST(&client->asks))) {
		TAILQ_REMOVE(&client->asks, ask, next);
		attempt_dropped(c, client, ask);
	}
	client_destroy(&c->clients, client);
}

/* --- results -------------------------------------------------------------- */

/* Goes on with a parked message. Its connection may be gone by now. */
static void resume(struct core *c, struct job *j, const union result *r)
{
	struct request q;

	q.from = (struct origin){
		.via = j->via,
		.source = j->source,
		.local = j->local,
	};
	q.m = j->m;
	q.data = j->data;
	q.len = j->len;
	q.job = j;
	q.over_bus = false;
	q.known = j->known;
	if (j->client_id != 0) {
		q.from.client = client_find(&c->clients, j->client_id);
		if (!q.from.client || q.from.client->closing) {
			job_destroy(&c->jobs, j);
			return;
		}
	}
	walk(c, &q, j->next, r);
}

void rendezvous_answers(struct core *c, uint64_t now_ms)
{
	struct job *j;

	c->now_ms = now_ms;
	while ((j = listening_due(c)))
		resume(c, j, NULL);
}

/* The job a result belongs to, if this was the last one it waits for. */
static struct job *take_result(struct core *c, uint64_t ticket, uint64_t now_ms)
{
	c->now_ms = now_ms;
	struct job *j = job_find(&c->jobs, ticket);
	return j && --j->waiting == 0 ? j : NULL;
}

/* RESULT goes to the message that waits for it. */
static void take(struct core *c, uint64_t ticket, const union result *r,
		 uint64_t now_ms)
{
	struct job *j = take_result(c, ticket, now_ms);

	if (j)
		resume(c, j, r);
}

void rendezvous_loaded(struct core *c, uint64_t ticket,
		       const struct lookup *found, uint64_t now_ms)
{
	struct job *j = job_find(&c->jobs, ticket);

	if (!j)
		return;
	j->found[ticket & 1] = *found;
	take(c, ticket, &(union result){ .found = j->found }, now_ms);
}

void rendezvous_saved(struct core *c, uint64_t ticket, enum save_result result,
		      uint64_t now_ms)
{
	take(c, ticket, &(union result){ .save = result }, now_ms);
}

void rendezvous_online(struct core *c, uint64_t ticket, const uint8_t *states,
		       size_t n, uint64_t now_ms)
{
	take(c, ticket, &(union result){ .online = { states, n } }, now_ms);
}

void rendezvous_wait_found(struct core *c, uint64_t ticket, uint32_t epoch,
			   uint64_t now_ms)
{
	take(c, ticket, &(union result){ .node = epoch }, now_ms);
}

void rendezvous_bus_sent(struct core *c, uint64_t ticket, bool delivered,
			 uint64_t now_ms)
{
	take(c, ticket, &(union result){ .delivered = delivered }, now_ms);
}

void rendezvous_policy(struct core *c, uint64_t ticket, const char *const *rows,
		       uint64_t now_ms)
{
	static struct policy_facts facts; /* of this call; 60 kB */
	/* A row of a newer version is like no answer: do not guess. */
	bool ok = rows && policy_read(&facts, rows) == 0;

	take(c, ticket, &(union result){ .facts = ok ? &facts : NULL }, now_ms);
}

void rendezvous_grant(struct core *c, uint64_t ticket, bool granted,
		      uint64_t now_ms)
{
	take(c, ticket, &(union result){ .granted = granted }, now_ms);
}

void rendezvous_guest(struct core *c, uint64_t ticket, enum guest_use use,
		      uint64_t now_ms)
{
	take(c, ticket, &(union result){ .guest = use }, now_ms);
}

void rendezvous_deployed(struct core *c, uint64_t ticket, bool ok,
			 const char *row, uint64_t now_ms)
{
	take(c, ticket, &(union result){ .deployed = { ok, row } }, now_ms);
}

void rendezvous_bans(struct core *c, const char *answer, uint64_t now_ms)
{
	c->now_ms = now_ms;
	int r = bans_read(&c->bans, answer, now_ms);

	if (r > 0)
		banned_let_go(c);
	else if (r < 0)
		log_warn("bans_failed", "the bans cannot be read: %s",
			 strerror(-r));
}

/* --- the bus -------------------------------------------------------------- */

static void bus_push(struct core *c, uint32_t from, const State__Push *p)
{
	if (p->message.len == 0 ||
	    target_deliver(c, p->id, p->message.data, p->message.len))
		return;
	State__Refused refused = STATE__REFUSED__INIT;
	refused.id = p->id;
	refused.asker = p->asker;
	refused.relay = p->relay;
	State__Bus bus = STATE__BUS__INIT;
	bus.what_case = STATE__BUS__WHAT_REFUSED;
	bus.refused = &refused;
	core_bus(c, from, &bus, 0);
}

static void bus_answer(struct core *c, const State__Answer *a)
{
	struct wire_arena arena;
	struct request q;

	if (a->message.len == 0)
		return;
	begin(&q, &arena, a->message.data, a->message.len);
	q.from = (struct origin){
		.via = a->udp ? VIA_UDP : VIA_TCP,
		.source = addr_unmangle(a->source.data, a->source.len),
	};
	q.over_bus = true;
	/* Answers only: a node never asks for more in another's name. */
	if (q.m && (q.m->union_case == MSG(PUNCH_HOLE_SENT) ||
		    q.m->union_case == MSG(LOCAL_ADDR) ||
		    q.m->union_case == MSG(RELAY_RESPONSE) ||
		    q.m->union_case == MSG(ICE_CANDIDATE)))
		dispatch(c, &q);
	wire_release(&arena);
}

static void bus_released(struct core *c, const State__Released *r)
{
	struct peer *p = peer_find(&c->peers, r->id, strlen(r->id));

	if (!p || r->epoch == c->epoch ||
	    (r->uuid.len != 0 && !peer_uuid_eq(p, r->uuid.data, r->uuid.len)))
		return;
	core_let_go(c, p, "moved");
	peer_remove(&c->peers, p);
}

void rendezvous_bus(struct core *c, const uint8_t *data, size_t len,
		    uint64_t now_ms)
{
	c->now_ms = now_ms;
	State__Bus *b = state__bus__unpack(NULL, len, data);
	if (!b) {
		core_count(M_DROP_PARSE);
		return;
	}
	if (b->what_case == STATE__BUS__WHAT_PUSH) {
		bus_push(c, b->from, b->push);
	} else if (b->what_case == STATE__BUS__WHAT_REFUSED) {
		struct addr asker = addr_unmangle(b->refused->asker.data,
						  b->refused->asker.len);
		refusal_gone(c, &asker, b->refused->id, b->refused->relay);
	} else if (b->what_case == STATE__BUS__WHAT_ANSWER) {
		bus_answer(c, b->answer);
	} else if (b->what_case == STATE__BUS__WHAT_RELEASED) {
		bus_released(c, b->released);
	} else if (b->what_case == STATE__BUS__WHAT_RENAMED &&
		   idrule_valid(b->renamed->new_id,
				strlen(b->renamed->new_id))) {
		hold_renamed(c, b->renamed->id, b->renamed->new_id,
			     b->renamed->uuid.data, b->renamed->uuid.len);
	}
	state__bus__free_unpacked(b, NULL);
}

void rendezvous_tick(struct core *c, uint64_t now_ms, uint64_t unix_s)
{
	c->now_ms = now_ms;
	c->unix_s = unix_s;
	peer_sweep(&c->peers, now_ms);
	bans_expire(&c->bans, now_ms);
	limits_sweep(&c->limits, now_ms);
}
