#include "services/hbbs/state/core.h"

#include <stdlib.h>
#include <string.h>

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/metrics.h"

void core_init(struct core *c, struct rules *rules,
	       const struct relay_list *relays, uint32_t epoch, uint64_t now_ms)
{
	*c = (struct core){
		.rules = rules,
		.relays = *relays,
		.epoch = epoch,
		.salt = epoch,
		.now_ms = now_ms,
	};
	outbox_init(&c->out);
	peer_table_init(&c->peers, PEER_TABLE_MAX);
	client_table_init(&c->clients, rules->max_clients,
			  rules->max_clients_per_ip);
	job_table_init(&c->jobs);
	limits_init(&c->limits, &rules->limits, now_ms);
	inflight_init(&c->inflight);
	bucket_init(&c->fresh_boxes, FRESH_BOXES, FRESH_BOXES, now_ms);
	nodes_clear(&c->nodes);
	ipchange_init(&c->changes);
	verdicts_init(&c->access);
}

void core_fini(struct core *c)
{
	bans_fini(&c->bans);
	verdicts_fini(&c->access);
	ipchange_fini(&c->changes);
	punchlog_fini(&c->punches);
	inflight_fini(&c->inflight);
	limits_fini(&c->limits);
	job_table_fini(&c->jobs);
	client_table_fini(&c->clients);
	peer_table_fini(&c->peers);
	outbox_fini(&c->out);
	explicit_bzero(&c->box, sizeof c->box);
}

static uint8_t *add_datagram(struct core *c, const struct udp_path *path,
			     size_t len, uint64_t copy)
{
	uint8_t *body;
	struct action *a = outbox_add(&c->out, ACT_DATAGRAM, len, &body);

	if (!a)
		return NULL;
	a->datagram.to = path->peer;
	a->datagram.from = path->local;
	a->datagram.copy = copy;
	return body;
}

void core_send_datagram(struct core *c, const struct udp_path *path,
			const Hbb__RendezvousMessage *m, uint64_t copy)
{
	uint8_t *body = add_datagram(c, path, wire_size(m), copy);

	if (body)
		wire_pack(m, body);
}

bool core_send_packed_datagram(struct core *c, const struct udp_path *path,
			       const uint8_t *data, size_t len, uint64_t copy)
{
	uint8_t *body = add_datagram(c, path, len, copy);

	if (body)
		memcpy(body, data, len);
	return body;
}

uint64_t core_copy(struct core *c)
{
	return ++c->last_copy;
}

void core_settled(struct core *c, uint64_t copy)
{
	struct action *a =
		copy != 0 ? outbox_add(&c->out, ACT_SETTLED, 0, NULL) : NULL;

	if (a)
		a->settled = copy;
}

void core_send_packed(struct core *c, struct client *to, const uint8_t *data,
		      size_t len)
{
	bool secure = to->channel == CHANNEL_SECURE;
	uint8_t *body;
	struct action *a = outbox_add(&c->out, ACT_SEND,
				      len + (secure ? KEYS_SEAL : 0), &body);
	if (!a)
		return;
	a->stream.client = to;
	if (secure)
		keys_seal(&to->secret.keys, data, len, body);
	else
		memcpy(body, data, len);
}

void core_send(struct core *c, struct client *to,
	       const Hbb__RendezvousMessage *m)
{
	uint8_t small[1024];
	size_t len = wire_size(m);
	uint8_t *buf = len <= sizeof small ? small : malloc(len);

	if (!buf) {
		core_close(c, to, "no_memory");
		return;
	}
	core_send_packed(c, to, buf, wire_pack(m, buf));
	if (buf != small)
		free(buf);
}

void core_reply(struct core *c, const struct request *q,
		const Hbb__RendezvousMessage *m)
{
	if (q->from.client)
		core_send(c, q->from.client, m);
	else if (q->from.via == VIA_UDP)
		core_send_datagram(
			c, &(struct udp_path){ q->from.source, q->from.local },
			m, 0);
}

void core_close(struct core *c, struct client *client, const char *reason)
{
	if (client->closing)
		return;
	client->closing = true;
	struct action *a = outbox_add(&c->out, ACT_CLOSE, 0, NULL);
	if (!a)
		return;
	a->stream.client = client;
	a->stream.reason = reason;
}

static struct job *make_job(struct core *c, const struct request *q)
{
	struct job *j = job_create(&c->jobs, &q->from, q->data, q->len);

	if (!j || job_unpack(&c->jobs, j))
		return j;
	job_destroy(&c->jobs, j);
	return NULL;
}

struct job *core_park(struct core *c, struct request *q)
{
	if (!q->job)
		q->job = make_job(c, q);
	if (!q->job)
		core_count(M_DROP_PARKED);
	else
		q->job->waiting++;
	return q->job;
}

void core_unpark(struct request *q)
{
	q->job->waiting--;
}

bool core_park_ask(struct core *c, struct request *q, enum act kind,
		   const char *id, const char *id2)
{
	struct job *j = core_park(c, q);

	if (!j)
		return false;
	struct action *a = outbox_add(&c->out, kind, 0, NULL);
	if (a) {
		a->ticket = j->ticket;
		a->addr = q->from.source;
	}
	if (a && outbox_set_id(&c->out, 0, id, strlen(id)) &&
	    (!id2 || outbox_set_id(&c->out, 1, id2, strlen(id2))))
		return true;
	core_unpark(q);
	return false;
}

static void load(struct core *c, struct job *j, unsigned slot, const char *id)
{
	struct action *a = outbox_add(&c->out, ACT_LOAD, 0, NULL);

	j->found[slot] = (struct lookup){ .state = LOOKUP_FAILED };
	if (!a)
		return;
	a->ticket = j->ticket | slot;
	if (outbox_set_id(&c->out, 0, id, strlen(id)))
		j->waiting++;
}

bool core_park_load(struct core *c, struct request *q, const char *id,
		    const char *id2)
{
	struct job *j = core_park(c, q);

	if (!j)
		return false;
	load(c, j, 0, id);
	if (id2)
		load(c, j, 1, id2);
	/* Parking counted one too many: every load counts itself. */
	core_unpark(q);
	return j->waiting > 0;
}

void core_let_go(struct core *c, struct peer *p, const char *reason)
{
	struct client *client = p->client;

	peer_release(&c->peers, p);
	if (client) {
		client->peer = NULL;
		core_close(c, client, reason);
	}
}

bool core_bus(struct core *c, uint32_t node, State__Bus *m, uint64_t ticket)
{
	m->from = c->epoch;
	uint8_t *body;
	struct action *a = outbox_add(&c->out, ACT_BUS,
				      state__bus__get_packed_size(m), &body);
	if (!a)
		return false;
	state__bus__pack(m, body);
	a->node = node;
	a->ticket = ticket;
	return true;
}

ProtobufCBinaryData core_mangle(struct core *c, const struct addr *a,
				uint8_t space[static ADDR_MANGLED_MAX])
{
	c->salt += MANGLE_SALT_STEP;
	size_t len = addr_mangle(a, c->salt, space);
	return (ProtobufCBinaryData){ .len = len, .data = space };
}

void core_count(size_t metric)
{
	metric_add(&hbbs_metrics, metric, 1);
}
