/* KeyExchange: clients of version 0 and 1, and those that are none. */
#include "../unit.h"

#include <sodium.h>

#include "world.h"

#define A_ADDR "198.51.100.20:3000"
#define MSG(x) HBB__RENDEZVOUS_MESSAGE__UNION_##x

/* --- version 0 ------------------------------------------------------------ */

static uint8_t shared[32];

/* Opens a connection and returns the box key that it was offered. */
static struct client *offered(struct world *w, uint8_t box[static 32])
{
	struct client_info info = { .source = at(A_ADDR), .via = VIA_TCP };
	struct client *c = rendezvous_open(&w->nodes[0], &info, w->now);
	struct outbox *o = &w->nodes[0].out;
	struct wire_arena arena;

	ck_assert_uint_eq(o->n, 1);
	Hbb__RendezvousMessage *kx = wire_unpack(
		&arena, outbox_at(o, o->acts[0].body), o->acts[0].body.len);
	ck_assert_uint_eq(kx->key_exchange->n_keys, 1);
	const ProtobufCBinaryData *k = &kx->key_exchange->keys[0];
	ck_assert_uint_eq(k->len, KX_SIGNED_KEY);
	ck_assert(
		keys_verify(w->rules.keys.pk, k->data, k->data + KEYS_SIG, 32));
	memcpy(box, k->data + KEYS_SIG, 32);
	wire_release(&arena);
	outbox_reset(o);
	return c;
}

static void send_keys(struct world *w, struct client *c, uint8_t *one,
		      size_t one_len, uint8_t *two, size_t two_len, size_t n)
{
	Hbb__KeyExchange kx = HBB__KEY_EXCHANGE__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	ProtobufCBinaryData keys[3] = { { one_len, one },
					{ two_len, two },
					{ one_len, one } };

	kx.n_keys = n;
	kx.keys = keys;
	m.union_case = MSG(KEY_EXCHANGE);
	m.key_exchange = &kx;
	say(w, 0, c, &m);
}

static void make_answer(const uint8_t box[static 32], uint8_t pk[static 32],
			uint8_t sealed[static KX_BOXED])
{
	static const uint8_t zero[crypto_box_NONCEBYTES];
	uint8_t sk[32];

	crypto_box_keypair(pk, sk);
	randombytes_buf(shared, sizeof shared);
	ck_assert_int_eq(
		crypto_box_easy(sealed, shared, sizeof shared, zero, box, sk),
		0);
}

START_TEST(a_secured_connection_counts_its_records)
{
	struct world *w = world_create();
	uint8_t box[32], pk[32], sealed[KX_BOXED];
	struct client *c = offered(w, box);

	make_answer(box, pk, sealed);
	send_keys(w, c, pk, 32, sealed, sizeof sealed, 2);
	expect_nothing(w);
	ck_assert_int_eq(c->channel, CHANNEL_SECURE);

	struct keys_channel mine = { 0 };
	memcpy(mine.send_key, shared, 32);
	memcpy(mine.receive_key, shared, 32);
	for (int i = 0; i < 3; i++) {
		uint8_t plain[256], record[256], got[256];
		Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
		Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
		char id[] = "987654321";
		r.id = id;
		r.licence_key = w->rules.keys.pk_text;
		m.union_case = MSG(PUNCH_HOLE_REQUEST);
		m.punch_hole_request = &r;
		size_t len = wire_pack(&m, plain);
		keys_seal(&mine, plain, len, record);
		/* Empty frames in between do not count. */
		rendezvous_message(&w->nodes[0], c, record, 0, w->now);
		rendezvous_message(&w->nodes[0], c, record, len + KEYS_SEAL,
				   w->now);
		/* The look-up is answered by hand: no such peer. */
		struct outbox *o = &w->nodes[0].out;
		struct lookup none = { .state = LOOKUP_MISSING };
		ck_assert_int_eq(o->acts[0].kind, ACT_LOAD);
		rendezvous_loaded(&w->nodes[0], o->acts[0].ticket, &none,
				  w->now);
		ck_assert_uint_eq(o->n, 2);
		memcpy(got, outbox_at(o, o->acts[1].body), o->acts[1].body.len);
		ck_assert_int_eq(
			keys_unseal(&mine, got, o->acts[1].body.len, got), 0);
		ck_assert_str_eq(tohex(got, 2), "5a00");
		outbox_reset(o);
	}
	world_destroy(w);
}
END_TEST

START_TEST(bad_key_exchanges_and_records_close_the_connection)
{
	struct world *w = world_create();
	uint8_t box[32], pk[32], sealed[KX_BOXED];
	const struct {
		size_t one, two, n;
	} rows[] = {
		{ 32, 48, 1 }, { 32, 48, 3 }, { 31, 48, 2 }, { 32, 47, 2 }
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client *c = offered(w, box);
		make_answer(box, pk, sealed);
		send_keys(w, c, pk, rows[i].one, sealed, rows[i].two,
			  rows[i].n);
		expect_close(w, c);
	}
	struct client *c = offered(w, box);
	make_answer(box, pk, sealed);
	sealed[5] ^= 1;
	send_keys(w, c, pk, 32, sealed, sizeof sealed, 2);
	expect_close(w, c);

	for (size_t len = 1; len < 40; len++) {
		c = offered(w, box);
		make_answer(box, pk, sealed);
		send_keys(w, c, pk, 32, sealed, sizeof sealed, 2);
		rendezvous_message(&w->nodes[0], c, pk, len < 32 ? len : 32,
				   w->now);
		ck_assert_uint_eq(w->nodes[0].out.n, 1);
		ck_assert_int_eq(w->nodes[0].out.acts[0].kind, ACT_CLOSE);
		outbox_reset(&w->nodes[0].out);
	}
	world_destroy(w);
}
END_TEST

START_TEST(a_plain_first_message_settles_it_and_keys_come_too_late)
{
	struct world *w = world_create();
	uint8_t box[32], pk[32], sealed[KX_BOXED];
	struct client *c = offered(w, box);

	make_answer(box, pk, sealed);
	punch(w, 0, c, "987654321");
	expect_send(w, c);
	send_keys(w, c, pk, 32, sealed, sizeof sealed, 2);
	expect_close(w, c);
	world_destroy(w);
}
END_TEST

START_TEST(websockets_and_servers_without_signing_key_offer_nothing)
{
	struct world *w = world_create();
	struct client_info info = { .source = at(A_ADDR), .via = VIA_WS };

	rendezvous_open(&w->nodes[0], &info, w->now);
	w->rules.keys.can_sign = false;
	info.via = VIA_TCP;
	rendezvous_open(&w->nodes[0], &info, w->now);
	ck_assert_uint_eq(w->nodes[0].out.n, 0);
	world_destroy(w);
}
END_TEST

/* --- version 1 ------------------------------------------------------------ */

/* A client of version 1, from its first look at the offer. */
struct caller {
	struct client *client;
	struct keys_channel channel;
	struct kx_answer answer;
};

/* What the core sent to a new connection, unpacked in ARENA. */
static Hbb__RendezvousMessage *first_said(struct world *w,
					  struct wire_arena *arena)
{
	struct outbox *o = &w->nodes[0].out;

	ck_assert_uint_eq(o->n, 1);
	Hbb__RendezvousMessage *m = wire_unpack(
		arena, outbox_at(o, o->acts[0].body), o->acts[0].body.len);
	ck_assert_ptr_nonnull(m);
	ck_assert_int_eq(m->union_case, MSG(KEY_EXCHANGE));
	return m;
}

static struct caller call(struct world *w)
{
	struct client_info info = { .source = at(A_ADDR), .via = VIA_TCP };
	struct caller k = { .client = rendezvous_open(&w->nodes[0], &info,
						      w->now) };
	struct wire_arena arena;
	Hbb__RendezvousMessage *m = first_said(w, &arena);

	ck_assert_uint_eq(m->key_exchange->version, 1);
	ck_assert_int_eq(kx_reply(&k.channel, &k.answer, m->key_exchange,
				  w->rules.keys.pk),
			 0);
	wire_release(&arena);
	outbox_reset(&w->nodes[0].out);
	return k;
}

static void send_answer(struct world *w, struct client *to,
			struct kx_answer *answer)
{
	struct kx_message kx;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	kx_answer_message(&kx, answer);
	m.union_case = MSG(KEY_EXCHANGE);
	m.key_exchange = &kx.exchange;
	say(w, 0, to, &m);
}

/* A question whose answer needs nobody else; returns its record's length. */
static size_t seal_question(struct caller *k, uint8_t record[static 64])
{
	Hbb__OnlineRequest o = HBB__ONLINE_REQUEST__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	uint8_t plain[48];

	m.union_case = MSG(ONLINE_REQUEST);
	m.online_request = &o;
	size_t len = wire_pack(&m, plain);
	keys_seal(&k->channel, plain, len, record);
	return len + KEYS_SEAL;
}

START_TEST(version_1_is_spoken_with_a_key_for_each_direction)
{
	struct world *w = world_create();
	struct caller k = call(w);
	struct outbox *o = &w->nodes[0].out;
	uint8_t record[64];

	send_answer(w, k.client, &k.answer);
	expect_nothing(w);
	ck_assert_int_eq(k.client->channel, CHANNEL_SECURE);
	ck_assert_mem_ne(k.channel.send_key, k.channel.receive_key, 32);
	size_t len = seal_question(&k, record);
	rendezvous_message(&w->nodes[0], k.client, record, len, w->now);
	ck_assert_int_eq(o->acts[0].kind, ACT_SEND);
	memcpy(record, outbox_at(o, o->acts[0].body), o->acts[0].body.len);
	ck_assert_int_eq(
		keys_unseal(&k.channel, record, o->acts[0].body.len, record),
		0);
	outbox_reset(o);
	world_destroy(w);
}
END_TEST

START_TEST(a_version_that_was_changed_on_the_way_ends_with_the_first_record)
{
	struct world *w = world_create();
	uint8_t record[64];

	struct caller k = call(w);
	k.answer.version = 0;
	send_answer(w, k.client, &k.answer);
	size_t len = seal_question(&k, record);
	rendezvous_message(&w->nodes[0], k.client, record, len, w->now);
	ck_assert_int_eq(w->nodes[0].out.acts[0].kind, ACT_CLOSE);
	outbox_reset(&w->nodes[0].out);

	k = call(w);
	k.answer.version = 2;
	send_answer(w, k.client, &k.answer);
	expect_close(w, k.client);
	world_destroy(w);
}
END_TEST

/* Whoever recorded a connection says it all again on one of his own. */
START_TEST(what_was_said_on_one_connection_means_nothing_on_another)
{
	struct world *w = world_create();
	struct caller k = call(w);
	struct caller thief = call(w);

	send_answer(w, k.client, &k.answer);
	ck_assert_int_eq(k.client->channel, CHANNEL_SECURE);
	send_answer(w, thief.client, &k.answer);
	expect_close(w, thief.client);
	world_destroy(w);
}
END_TEST

START_TEST(clients_of_version_0_cannot_be_repeated_either)
{
	struct world *w = world_create();
	uint8_t box[32], other[32], pk[32], sealed[KX_BOXED];
	struct client *c = offered(w, box);
	struct client *thief = offered(w, other);

	ck_assert_mem_ne(box, other, 32);
	make_answer(box, pk, sealed);
	send_keys(w, c, pk, 32, sealed, sizeof sealed, 2);
	ck_assert_int_eq(c->channel, CHANNEL_SECURE);
	send_keys(w, thief, pk, 32, sealed, sizeof sealed, 2);
	expect_close(w, thief);
	world_destroy(w);
}
END_TEST

/* At the cap a connection has a pair of its own, one beyond shares the last
 * one, and a second later there are pairs again. */
START_TEST(a_flood_of_connections_makes_so_many_pairs_a_second)
{
	struct world *w = world_create();
	uint8_t last[32], next[32] = { 0 };

	for (int i = 0; i < FRESH_BOXES; i++) {
		memcpy(last, next, 32);
		hang_up(w, 0, offered(w, next));
		ck_assert_mem_ne(last, next, 32);
	}
	hang_up(w, 0, offered(w, last));
	ck_assert_mem_eq(last, next, 32);
	w->now += 1000;
	hang_up(w, 0, offered(w, next));
	ck_assert_mem_ne(last, next, 32);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("secure", a_secured_connection_counts_its_records,
	  bad_key_exchanges_and_records_close_the_connection,
	  a_plain_first_message_settles_it_and_keys_come_too_late,
	  websockets_and_servers_without_signing_key_offer_nothing,
	  version_1_is_spoken_with_a_key_for_each_direction,
	  a_version_that_was_changed_on_the_way_ends_with_the_first_record,
	  what_was_said_on_one_connection_means_nothing_on_another,
	  clients_of_version_0_cannot_be_repeated_either,
	  a_flood_of_connections_makes_so_many_pairs_a_second)
