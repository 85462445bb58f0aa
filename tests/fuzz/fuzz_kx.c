/*
 * KeyExchange in both directions: whatever a client answers or a server
 * offers, either it is refused or both ends have the same keys; only an offer
 * that the server signed is answered.
 *
 * The first byte says what the rest is: a KeyExchange, or bytes that take the
 * place of parts of a good one.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/proto/kx.h"

static struct keys server;
static struct kx_box box;
static struct kx_offer offer;

static void setup(void)
{
	static bool done;

	if (done)
		return;
	assert(keys_setup() == 0);
	keys_generate(&server);
	kx_box_init(&box);
	kx_offer_sign(&offer, &box, &server);
	done = true;
}

static void same(struct keys_channel *a, struct keys_channel *b)
{
	uint8_t msg[] = "what is said", out[sizeof msg + KEYS_SEAL];

	keys_seal(a, msg, sizeof msg, out);
	assert(keys_unseal(b, out, sizeof out, out) == 0);
	assert(memcmp(out, msg, sizeof msg) == 0);
}

/* Nobody but who has the keys makes something of these bytes. */
static void any_message(const uint8_t *data, size_t len)
{
	struct wire_arena arena;
	struct keys_channel ch;
	struct kx_answer answer;

	Hbb__KeyExchange *x = (Hbb__KeyExchange *)wire_unpack_as(
		&hbb__key_exchange__descriptor, &arena, data, len);
	if (x) {
		int r = kx_accept(&ch, &box, x);
		assert(r == 0 || r == -EPROTO);
		r = kx_reply(&ch, &answer, x, server.pk);
		assert(r == -EPROTO || r == -EKEYREJECTED);
	}
	wire_release(&arena);
}

/* A good offer with other bytes in it: it is as it was, or refused. */
static void changed_offer(const uint8_t *data, size_t len)
{
	struct kx_offer o = offer;
	struct kx_message m, back;
	struct keys_channel here, there;
	struct kx_answer answer;
	uint8_t *at = (uint8_t *)&o;

	if (len < 2)
		return;
	for (size_t i = 1; i < len && data[0] + i - 1 < sizeof o; i++)
		at[data[0] + i - 1] ^= data[i];
	kx_offer_message(&m, &o);
	if (len % 4 == 0)
		m.exchange.version = data[1];
	if (len % 4 == 1)
		m.exchange.signed_params.len = data[1] % (sizeof o.params + 1);
	bool good = memcmp(&o, &offer, sizeof o) == 0 &&
		    m.exchange.version == KX_VERSION &&
		    m.exchange.signed_params.len == sizeof o.params;
	int r = kx_reply(&here, &answer, &m.exchange, server.pk);
	assert((r == 0) == good);
	if (r != 0)
		return;
	kx_answer_message(&back, &answer);
	assert(kx_accept(&there, &box, &back.exchange) == 0);
	same(&here, &there);
	same(&there, &here);
}

/* A good answer with other bytes in it: never the keys of both. */
static void changed_answer(const uint8_t *data, size_t len)
{
	struct kx_message m, back;
	struct keys_channel here, there;
	struct kx_answer answer;
	uint8_t msg[8] = { 0 }, out[sizeof msg + KEYS_SEAL];

	kx_offer_message(&m, &offer);
	assert(kx_reply(&here, &answer, &m.exchange, server.pk) == 0);
	struct kx_answer was = answer;
	uint8_t *at = answer.pk; /* and what is behind it */
	for (size_t i = 0; i < len && i < KX_PK + KX_BOXED; i++)
		at[i] ^= data[i];
	if (len > 0)
		answer.version ^= data[len - 1] >> 6;
	kx_answer_message(&back, &answer);
	if (kx_accept(&there, &box, &back.exchange) != 0)
		return;
	keys_seal(&here, msg, sizeof msg, out);
	bool opens = keys_unseal(&there, out, sizeof out, out) == 0;
	assert(opens == (memcmp(&was, &answer, sizeof was) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	setup();
	if (size == 0)
		return 0;
	if (data[0] % 3 == 0)
		any_message(data + 1, size - 1);
	else if (data[0] % 3 == 1)
		changed_offer(data + 1, size - 1);
	else
		changed_answer(data + 1, size - 1);
	return 0;
}
