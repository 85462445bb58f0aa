/* What many tests do with a world. */
#include "../unit.h"
#include "world.h"

static Hbb__RegisterPk register_pk_of(const char *id, const char *uuid,
				      uint8_t pk[static 32])
{
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	union {
		const char *in;
		char *out;
	} id_text = { .in = id }, uuid_text = { .in = uuid };

	r.id = id_text.out;
	r.uuid.data = (uint8_t *)uuid_text.out;
	r.uuid.len = strlen(uuid);
	r.pk.data = pk;
	r.pk.len = 32;
	return r;
}

int register_udp(struct world *w, unsigned node, const char *from,
		 const char *id, const char *uuid, uint8_t pk)
{
	uint8_t key[32];
	memset(key, pk, sizeof key);
	Hbb__RegisterPk r = register_pk_of(id, uuid, key);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK;
	m.register_pk = &r;
	udp_in(w, node, from, &m);
	return (int)expect_udp(w, from)->register_pk_response->result;
}

void say_register(struct world *w, unsigned node, struct client *c,
		  const char *id, const char *uuid, uint8_t pk)
{
	uint8_t key[32];
	memset(key, pk, sizeof key);
	Hbb__RegisterPk r = register_pk_of(id, uuid, key);
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK;
	m.register_pk = &r;
	say(w, node, c, &m);
}

int register_on(struct world *w, unsigned node, struct client *c,
		const char *id, const char *uuid, uint8_t pk)
{
	say_register(w, node, c, id, uuid, pk);
	return (int)expect_send(w, c)->register_pk_response->result;
}

/* 1: request_pk, 0: fine, -1: no answer. */
int sync_heartbeat(struct world *w, unsigned node, const char *from,
		   const char *id)
{
	Hbb__RegisterPeer r = HBB__REGISTER_PEER__INIT;
	union {
		const char *in;
		char *out;
	} text = { .in = id };
	r.id = text.out;
	r.serial = 3;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER;
	m.register_peer = &r;
	udp_in(w, node, from, &m);
	if (w->first == w->nout)
		return -1;
	return expect_udp(w, from)->register_peer_response->request_pk;
}

void punch(struct world *w, unsigned node, struct client *a, const char *id)
{
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	union {
		const char *in;
		char *out;
	} text = { .in = id };
	r.id = text.out;
	r.nat_type = HBB__NAT_TYPE__ASYMMETRIC;
	r.licence_key = w->rules.keys.pk_text;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST;
	m.punch_hole_request = &r;
	say(w, node, a, &m);
}
