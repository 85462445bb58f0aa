#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "common/proto/kx.h"
#include "tests/unit/unit.h"

/* The server key whose seed is 32 times BYTE. */
static struct keys server_of(uint8_t byte)
{
	struct keys k = { .can_sign = true };
	uint8_t seed[32];

	ck_assert_int_eq(keys_setup(), 0);
	memset(seed, byte, sizeof(seed));
	crypto_sign_seed_keypair(k.pk, k.sk, seed);
	return k;
}

static struct kx_box box_of(uint8_t byte)
{
	struct kx_box b;
	uint8_t secret[KX_PK];

	memset(secret, byte, sizeof(secret));
	kx_box_from_secret(&b, secret);
	return b;
}

/* Packed, as they go over the wire. */
static size_t pack(const struct kx_message *kx, uint8_t *out)
{
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	union {
		const Hbb__KeyExchange *in;
		Hbb__KeyExchange *out;
	} x = { .in = &kx->exchange };

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE;
	m.key_exchange = x.out;
	return wire_pack(&m, out);
}

/* --- version 1 ------------------------------------------------------------ */

#define PHASE_1                                                                \
	"ca01d5010a6044647440b3127a31744f169bd862b073559abb23c8282d01a6b0c0"   \
	"8efe61c5082c18d4b77bc32680988489e98b7297c99d6d11b8e7377b377d6113c0"   \
	"44208c0a38ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4"   \
	"884ce710011a6ff9f7d538a322c653b676e6d4afc660f44405b9134c70b6daa89f"   \
	"35897afd89fcc95ea755a331363f12e3e09a49e2fcb7f339f394527042306cf361"   \
	"b03c5e270972646b782d706172616d730a2038ab664bd86f77d7e66bdd9ae07929"   \
	"13a94fd8b33a1260027e4b46c1f4884ce71001"
#define PHASE_2                                                                \
	"ca01560a207b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4"   \
	"cb8a1b140a305eed189190aaa87bdade539dd776226df8ba59707fee57ebfb1085"   \
	"6b99dc36bacd20e402aee5c05a312fe393f08227521001"
#define TO_SERVER                                                              \
	"df813a525180fc1bc972b56e1897cc9e682bf0c39e1e2701012689493742eb07"
#define TO_CLIENT                                                              \
	"0d6cd934a9059792d83688f70911130353a44914dc6066d44ecd16bc74f5bfbd"

/* One exchange: what both said, and what they have. */
struct talk {
	struct keys server;
	struct kx_box box;
	struct kx_offer offer;
	struct kx_message said;
	struct kx_answer answer;
	struct kx_message answered;
	struct keys_channel at_client, at_server;
};

/* The exchange of the vector, up to the answer. */
static struct talk *vector_talk(void)
{
	static struct talk t;
	uint8_t secret[KX_PK], key[KEYS_SECRET];

	memset(&t, 0, sizeof(t));
	t.server = server_of(0x11);
	t.box = box_of(0x55);
	kx_offer_sign(&t.offer, &t.box, &t.server);
	kx_offer_message(&t.said, &t.offer);
	memset(secret, 0x33, sizeof(secret));
	memset(key, 0x44, sizeof(key));
	ck_assert_int_eq(kx_reply_with(&t.at_client, &t.answer,
				       &t.said.exchange, t.server.pk, secret,
				       key),
			 0);
	kx_answer_message(&t.answered, &t.answer);
	return &t;
}

START_TEST(version_1_of_the_specification_is_spoken)
{
	struct talk *t = vector_talk();
	uint8_t out[512];

	ck_assert_str_eq(tohex(out, pack(&t->said, out)), PHASE_1);
	ck_assert_str_eq(tohex(out, pack(&t->answered, out)), PHASE_2);
	ck_assert_int_eq(
		kx_accept(&t->at_server, &t->box, &t->answered.exchange), 0);
	ck_assert_str_eq(tohex(t->at_server.receive_key, 32), TO_SERVER);
	ck_assert_str_eq(tohex(t->at_server.send_key, 32), TO_CLIENT);
	ck_assert_str_eq(tohex(t->at_client.send_key, 32), TO_SERVER);
	ck_assert_str_eq(tohex(t->at_client.receive_key, 32), TO_CLIENT);
}
END_TEST

START_TEST(records_of_version_1_have_a_key_for_each_direction)
{
	struct talk *t = vector_talk();
	uint8_t msg[32], out[64];

	ck_assert_int_eq(
		kx_accept(&t->at_server, &t->box, &t->answered.exchange), 0);
	size_t len = unhex("22ca3738c6c3f7abed1e1c404a492a5926fbe0786e6667a9c8",
			   out, sizeof(out));
	ck_assert_int_eq(keys_unseal(&t->at_server, out, len, out), 0);
	ck_assert_str_eq(tohex(out, len - KEYS_SEAL), "ba01060a0131120132");
	len = unhex("c201030a0100", msg, sizeof(msg));
	keys_seal(&t->at_server, msg, len, out);
	ck_assert_str_eq(tohex(out, len + KEYS_SEAL),
			 "c82d0e6a70601363230bcfa6af393f2369132abd4ada");
	/* What the server said is none of the client's records. */
	t->at_server.received = 0;
	ck_assert_int_eq(keys_unseal(&t->at_server, out, len + KEYS_SEAL, msg),
			 -EPROTO);
}
END_TEST

START_TEST(who_changes_the_version_on_the_way_has_other_keys)
{
	struct talk *t = vector_talk();
	uint8_t msg[] = "whatever", out[sizeof(msg) + KEYS_SEAL];

	t->answered.exchange.version = 0;
	ck_assert_int_eq(
		kx_accept(&t->at_server, &t->box, &t->answered.exchange), 0);
	keys_seal(&t->at_client, msg, sizeof(msg), out);
	ck_assert_int_eq(keys_unseal(&t->at_server, out, sizeof(out), out),
			 -EPROTO);
}
END_TEST

START_TEST(an_answer_to_another_pair_does_not_open)
{
	struct talk *t = vector_talk();
	struct kx_box other;

	kx_box_init(&other);
	ck_assert_int_eq(
		kx_accept(&t->at_server, &other, &t->answered.exchange),
		-EPROTO);
}
END_TEST

START_TEST(answers_that_are_none_are_refused)
{
	struct talk *t = vector_talk();
	Hbb__KeyExchange *x = &t->answered.exchange;

	x->version = KX_VERSION + 1;
	ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x), -EPROTO);
	x->version = UINT32_MAX;
	ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x), -EPROTO);
	x->version = KX_VERSION;
	for (size_t n = 0; n < 2; n++) {
		x->n_keys = n;
		ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x), -EPROTO);
	}
	x->n_keys = 2;
	for (size_t i = 0; i < 2; i++) {
		size_t right = x->keys[i].len;
		static const size_t wrong[] = { 0, 31, 47, 49 };
		for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
			x->keys[i].len = wrong[k];
			ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x),
					 -EPROTO);
		}
		x->keys[i].len = right;
	}
	x->keys[1].data[30] ^= 1;
	ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x), -EPROTO);
	x->keys[1].data[30] ^= 1;
	ck_assert_int_eq(kx_accept(&t->at_server, &t->box, x), 0);
}
END_TEST

/* A point of small order would make a key that everybody knows. */
START_TEST(a_public_key_of_small_order_is_refused)
{
	struct talk *t = vector_talk();

	memset(t->answer.pk, 0, sizeof(t->answer.pk));
	ck_assert_int_eq(
		kx_accept(&t->at_server, &t->box, &t->answered.exchange),
		-EPROTO);
	t->answer.pk[0] = 1;
	ck_assert_int_eq(
		kx_accept(&t->at_server, &t->box, &t->answered.exchange),
		-EPROTO);
}
END_TEST

START_TEST(every_pair_is_another_one_and_has_the_mark)
{
	struct kx_box a, b;

	ck_assert_int_eq(keys_setup(), 0);
	kx_box_init(&a);
	kx_box_init(&b);
	ck_assert_mem_ne(a.pk, b.pk, KX_PK);
	ck_assert_mem_ne(a.sk, b.sk, KX_PK);
	ck_assert_uint_eq(a.pk[31] & 0x80, 0x80);
	ck_assert_uint_eq(b.pk[31] & 0x80, 0x80);
}
END_TEST

/* --- what a client looks at ----------------------------------------------- */

START_TEST(an_offer_that_was_changed_is_not_answered)
{
	struct talk *t = vector_talk();
	Hbb__KeyExchange *x = &t->said.exchange;
	const struct keys other = server_of(0x12);

	ck_assert_int_eq(kx_check(x, t->server.pk), 0);
	ck_assert_int_eq(kx_check(x, other.pk), -EKEYREJECTED);
	/* Somebody takes version 1 away, in part or all of it. */
	x->version = 0;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EPROTO);
	x->signed_params.len = 0;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EKEYREJECTED);
	x->version = 1;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EKEYREJECTED);
	x->signed_params.len = KX_SIGNED_PARAMS;
	t->offer.params[KX_SIGNED_PARAMS - 1] = 2;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EKEYREJECTED);
	t->offer.params[KX_SIGNED_PARAMS - 1] = 1;
	t->offer.key[KX_SIGNED_KEY - 1] ^= 0x80;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EKEYREJECTED);
	t->offer.key[KX_SIGNED_KEY - 1] ^= 0x80;
	x->n_keys = 2;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EPROTO);
	x->n_keys = 1;
	x->keys[0].len--;
	ck_assert_int_eq(kx_check(x, t->server.pk), -EPROTO);
}
END_TEST

START_TEST(what_the_server_signed_for_something_else_is_no_offer)
{
	struct talk *t = vector_talk();
	uint8_t text[KX_SIGNED_PARAMS - KEYS_SIG];

	/* Of another pair of the same server. */
	struct kx_box box = box_of(0x56);
	struct kx_offer o;
	kx_offer_sign(&o, &box, &t->server);
	t->said.exchange.signed_params.data = o.params;
	ck_assert_int_eq(kx_check(&t->said.exchange, t->server.pk), -EPROTO);
	/* Without the prefix it may be anything. */
	memcpy(text, t->offer.params + KEYS_SIG, sizeof(text));
	text[0] = 'R';
	keys_sign(&t->server, text, sizeof(text), o.params);
	ck_assert_int_eq(kx_check(&t->said.exchange, t->server.pk), -EPROTO);
	t->said.exchange.signed_params =
		(ProtobufCBinaryData){ sizeof(t->offer.key), t->offer.key };
	ck_assert_int_eq(kx_check(&t->said.exchange, t->server.pk), -EPROTO);
}
END_TEST

/* --- version 0 ------------------------------------------------------------ */

/* Spec 4.17: server box secret 11..., client 22..., key 33... The answer of a
 * client that knows nothing of the mark. */
START_TEST(clients_of_version_0_go_on_as_before)
{
	uint8_t pk[32], boxed[KX_BOXED], want[32];
	struct keys_channel ch;
	struct kx_box box;
	ProtobufCBinaryData keys[] = { { sizeof(pk), pk },
				       { sizeof(boxed), boxed } };
	Hbb__KeyExchange x = HBB__KEY_EXCHANGE__INIT;

	ck_assert_int_eq(keys_setup(), 0);
	box = box_of(0x11);
	ck_assert_str_eq(
		tohex(box.pk, 32),
		"7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f7"
		"3f93");
	unhex("0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f2"
	      "0",
	      pk, sizeof(pk));
	unhex("7e23d90f0c455a0e3e633d6e800f8e6b4717555154619a58b13291dcb98cafaa"
	      "18a9cc1a883aab54386e39de02b2a5b7",
	      boxed, sizeof(boxed));
	x.n_keys = 2;
	x.keys = keys;
	ck_assert_int_eq(kx_accept(&ch, &box, &x), 0);
	memset(want, 0x33, sizeof(want));
	ck_assert_mem_eq(ch.send_key, want, sizeof(want));
	ck_assert_mem_eq(ch.receive_key, want, sizeof(want));

	/* What the client boxes for the marked key is the same as without. */
	uint8_t secret[32], again[KX_BOXED];
	static const uint8_t nonce[24];
	memset(secret, 0x22, sizeof(secret));
	ck_assert_int_eq(
		crypto_box_easy(again, want, 32, nonce, box.pk, secret), 0);
	ck_assert_mem_eq(again, boxed, sizeof(boxed));
}
END_TEST

/* The doctor may meet a server of before. */
START_TEST(a_server_of_version_0_is_answered_with_it)
{
	struct keys server = server_of(0x11);
	struct kx_box box = box_of(0x55);
	struct kx_answer answer;
	struct kx_message m;
	struct keys_channel at_client, at_server;
	uint8_t key[KX_SIGNED_KEY];
	ProtobufCBinaryData one = { sizeof(key), key };
	Hbb__KeyExchange offer = HBB__KEY_EXCHANGE__INIT;

	box.pk[31] &= 0x7f;
	keys_sign(&server, box.pk, sizeof(box.pk), key);
	offer.n_keys = 1;
	offer.keys = &one;
	ck_assert_int_eq(kx_reply(&at_client, &answer, &offer, server.pk), 0);
	ck_assert_uint_eq(answer.version, 0);
	kx_answer_message(&m, &answer);
	ck_assert_int_eq(kx_accept(&at_server, &box, &m.exchange), 0);
	ck_assert_mem_eq(at_server.send_key, at_client.send_key, 32);
	ck_assert_mem_eq(at_server.send_key, at_server.receive_key, 32);
	offer.version = 1; /* which nobody signed */
	ck_assert_int_eq(kx_check(&offer, server.pk), -EPROTO);
}
END_TEST

UNIT_MAIN("kx", version_1_of_the_specification_is_spoken,
	  records_of_version_1_have_a_key_for_each_direction,
	  who_changes_the_version_on_the_way_has_other_keys,
	  an_answer_to_another_pair_does_not_open,
	  answers_that_are_none_are_refused,
	  a_public_key_of_small_order_is_refused,
	  every_pair_is_another_one_and_has_the_mark,
	  an_offer_that_was_changed_is_not_answered,
	  what_the_server_signed_for_something_else_is_no_offer,
	  clients_of_version_0_go_on_as_before,
	  a_server_of_version_0_is_answered_with_it)
