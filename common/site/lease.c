#include "common/site/lease.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state.pb-c.h"

/* --- NodeInfo ------------------------------------------------------------- */

void node_info_name(struct node_info *i, const char *given, const char *service)
{
	if (given[0] == '\0' && gethostname(i->node_id, NODE_ID_MAX - 1) == 0)
		return;
	snprintf(i->node_id, NODE_ID_MAX, "%s",
		 given[0] != '\0' ? given : service);
}

void node_info_refused(struct node_info *i, const char *reason, uint64_t n)
{
	size_t k = 0;

	while (k < i->nrefusals && strcmp(i->refusals[k].reason, reason) != 0)
		k++;
	if (n == 0 || k == NODE_REFUSALS_MAX ||
	    strlen(reason) >= NODE_REASON_MAX)
		return;
	strcpy(i->refusals[k].reason, reason);
	i->refusals[k].count += n;
	if (k == i->nrefusals)
		i->nrefusals++;
}

void node_info_count(struct node_info *i, const struct metric_set *m,
		     const char *name)
{
	char reason[NODE_REASON_MAX];

	for (size_t k = 0; k < m->n; k++)
		if (strcmp(m->defs[k].name, name) == 0 &&
		    sscanf(m->defs[k].labels, "reason=\"%23[^\"]\"", reason) ==
			    1)
			node_info_refused(i, reason, metric_get(m, k));
}

/* Their words of the protocol: ROWS and LIST are the caller's. */
static void give_refusals(State__NodeInfo *m, struct node_info *i,
			  State__Refusals rows[static NODE_REFUSALS_MAX],
			  State__Refusals *list[static NODE_REFUSALS_MAX])
{
	for (size_t k = 0; k < i->nrefusals; k++) {
		rows[k] = (State__Refusals)STATE__REFUSALS__INIT;
		rows[k].reason = i->refusals[k].reason;
		rows[k].count = i->refusals[k].count;
		list[k] = &rows[k];
	}
	m->refusals = list;
	m->n_refusals = i->nrefusals;
}

size_t node_info_pack(struct node_info *i, uint8_t out[static NODE_INFO_MAX])
{
	State__NodeInfo m = STATE__NODE_INFO__INIT;
	State__Refusals rows[NODE_REFUSALS_MAX], *list[NODE_REFUSALS_MAX];

	give_refusals(&m, i, rows, list);

	m.node_id = i->node_id;
	m.version = i->version;
	m.epoch = i->epoch;
	m.started_s = i->started_s;
	m.sessions = i->sessions;
	m.bits_per_s = i->bits_per_s;
	m.draining = i->draining;
	m.address = i->address;
	m.lan_address = i->lan_address;
	m.mesh_address = i->mesh_address;
	m.public_key_hash.data = i->key_hash;
	m.public_key_hash.len = i->has_key_hash ? sizeof i->key_hash : 0;
	m.public_key.data = i->key;
	m.public_key.len = i->has_key ? sizeof i->key : 0;
	return state__node_info__pack(&m, out);
}

/* False if TEXT does not fit. */
static bool take(char *out, size_t size, const char *text)
{
	int n = snprintf(out, size, "%s", text);

	return n >= 0 && (size_t)n < size;
}

static bool take_key(uint8_t out[static 32], bool *has,
		     const ProtobufCBinaryData *key)
{
	*has = key->len == 32;
	if (*has)
		memcpy(out, key->data, 32);
	return *has || key->len == 0;
}

static void take_refusals(struct node_info *out, const State__NodeInfo *m)
{
	for (size_t k = 0; k < m->n_refusals; k++)
		node_info_refused(out, m->refusals[k]->reason,
				  m->refusals[k]->count);
}

static bool take_all(struct node_info *out, const State__NodeInfo *m)
{
	*out = (struct node_info){
		.epoch = m->epoch,
		.started_s = m->started_s,
		.sessions = m->sessions,
		.bits_per_s = m->bits_per_s,
		.draining = m->draining,
	};
	take_refusals(out, m);
	return take(out->node_id, sizeof out->node_id, m->node_id) &&
	       take(out->version, sizeof out->version, m->version) &&
	       take(out->address, sizeof out->address, m->address) &&
	       take(out->lan_address, sizeof out->lan_address,
		    m->lan_address) &&
	       take(out->mesh_address, sizeof out->mesh_address,
		    m->mesh_address) &&
	       take_key(out->key_hash, &out->has_key_hash,
			&m->public_key_hash) &&
	       take_key(out->key, &out->has_key, &m->public_key);
}

int node_info_unpack(const void *data, size_t len, struct node_info *out)
{
	State__NodeInfo *m = state__node_info__unpack(NULL, len, data);
	bool good = m && take_all(out, m);

	if (m)
		state__node_info__free_unpacked(m, NULL);
	return good ? 0 : -EINVAL;
}

/* --- the call ------------------------------------------------------------- */

static void add(struct lease_call *c, const void *data, size_t len)
{
	c->argv[c->n] = data;
	c->len[c->n++] = len;
}

static void add_text(struct lease_call *c, const char *text)
{
	add(c, text, strlen(text));
}

static void make(struct lease_call *c, const struct lease *l, size_t info_len)
{
	c->n = 0;
	statekey_node(l->service, l->epoch, c->key);
	snprintf(c->list, sizeof c->list, "nodes:%s", l->service);
	snprintf(c->reads_key, sizeof c->reads_key, "reads:%s", l->service);
	snprintf(c->bus, sizeof c->bus, "bus:%s:", l->service);
	snprintf(c->epoch, sizeof c->epoch, "%08x", l->epoch);
	snprintf(c->lease, sizeof c->lease, "%d", NODE_LEASE_S);
	snprintf(c->grace, sizeof c->grace, "%d", NODE_GRACE_S);
	snprintf(c->reads, sizeof c->reads, "%u", l->reads % 100);
	add_text(c, c->key);
	add_text(c, c->list);
	add_text(c, c->reads_key);
	add_text(c, l->epoch != 0 ? c->epoch : "");
	add(c, c->info, info_len);
	add_text(c, c->lease);
	add_text(c, c->grace);
	add_text(c, l->reads != 0 ? c->reads : "");
	add_text(c, c->bus);
}

void lease_refresh(struct lease_call *c, const struct lease *l,
		   struct node_info *info)
{
	make(c, l, node_info_pack(info, c->info));
}

void lease_goodbye(struct lease_call *c, const struct lease *l)
{
	make(c, l, 0);
}

void lease_look(struct lease_call *c, const char *service)
{
	make(c, &(struct lease){ .service = service }, 0);
}
