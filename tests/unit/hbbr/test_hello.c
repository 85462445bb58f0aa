#include "../unit.h"

#include <errno.h>

#include "common/proto/keys.h"
#include "services/hbbr/pairing/admit.h"
#include "services/hbbr/pairing/hello.h"
#include "state.pb-c.h"

static const uint8_t secret[HELLO_SECRET] = { 1, 2, 3 };
static const uint8_t other_secret[HELLO_SECRET] = { 1, 2, 4 };

static struct hello example(void)
{
	struct hello h = { .epoch = 7,
			   .ws = true,
			   .controller = true,
			   .uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8" };
	ck_assert_int_eq(addr_parse("203.0.113.7:50000", 0, &h.client), 0);
	return h;
}

static int dial(uint8_t challenge[HELLO_CHALLENGE], uint8_t hello[HELLO_SIZE],
		struct hello *out)
{
	struct hello h = example();

	ck_assert_int_eq(keys_setup(), 0);
	hello_challenge(challenge, 0xabcd);
	hello_pack(hello, &h, challenge, secret);
	return hello_unpack(hello, challenge, secret, out);
}

START_TEST(a_hello_says_who_comes_for_which_session)
{
	uint8_t challenge[HELLO_CHALLENGE], hello[HELLO_SIZE];
	struct hello in = example(), out;

	ck_assert_int_eq(dial(challenge, hello, &out), 0);
	ck_assert(hello_expected(challenge, 0xabcd));
	ck_assert(!hello_expected(challenge, 0xabce));
	ck_assert_uint_eq(out.epoch, 7);
	ck_assert(out.ws && out.controller && !out.proxied && !out.tunnel);
	ck_assert(addr_eq(&out.client, &in.client));
	ck_assert_str_eq(out.uuid, in.uuid);
}
END_TEST

START_TEST(a_change_of_any_byte_is_noticed)
{
	uint8_t challenge[HELLO_CHALLENGE], hello[HELLO_SIZE];
	struct hello out;

	dial(challenge, hello, &out);
	for (size_t i = 0; i < sizeof hello; i++) {
		hello[i] ^= 0x10;
		ck_assert_int_eq(hello_unpack(hello, challenge, secret, &out),
				 -EACCES);
		hello[i] ^= 0x10;
	}
	ck_assert_int_eq(hello_unpack(hello, challenge, other_secret, &out),
			 -EACCES);
}
END_TEST

START_TEST(a_recorded_hello_does_not_answer_another_challenge)
{
	uint8_t challenge[HELLO_CHALLENGE], hello[HELLO_SIZE];
	struct hello out;

	dial(challenge, hello, &out);
	hello_challenge(challenge, 0xabcd);
	ck_assert_int_eq(hello_unpack(hello, challenge, secret, &out), -EACCES);
}
END_TEST

/* With a MAC that is right, so that only the shape can be wrong. */
START_TEST(a_hello_out_of_shape_is_refused)
{
	uint8_t challenge[HELLO_CHALLENGE], hello[HELLO_SIZE];
	struct hello h = example(), out;

	ck_assert_int_eq(keys_setup(), 0);
	hello_challenge(challenge, 1);
	h.uuid[0] = '\0';
	hello_pack(hello, &h, challenge, secret);
	ck_assert_int_eq(hello_unpack(hello, challenge, secret, &out), -EPROTO);
}
END_TEST

START_TEST(a_verdict_counts_only_for_its_own_hello)
{
	uint8_t challenge[HELLO_CHALLENGE], hello[HELLO_SIZE];
	uint8_t verdict[HELLO_VERDICT];
	struct hello out;

	dial(challenge, hello, &out);
	for (int taken = 0; taken < 2; taken++) {
		hello_verdict(verdict, taken, hello, challenge, secret);
		ck_assert_int_eq(
			hello_read_verdict(verdict, hello, challenge, secret),
			taken);
	}
	verdict[0] ^= 1;
	ck_assert_int_eq(hello_read_verdict(verdict, hello, challenge, secret),
			 -EACCES);
	verdict[0] ^= 1;
	hello[20] ^= 1;
	ck_assert_int_eq(hello_read_verdict(verdict, hello, challenge, secret),
			 -EACCES);
}
END_TEST

START_TEST(W8_without_a_ticket_a_half_waits_two_seconds_and_is_refused)
{
	struct admit_reply r = { .answered = true };

	ck_assert_int_eq(admit_judge(&r, true, 5, 0), ADMIT_ASK);
	ck_assert_int_eq(admit_judge(&r, true, 5, ADMIT_WAIT_MS - 1),
			 ADMIT_ASK);
	ck_assert_int_eq(admit_judge(&r, true, 5, ADMIT_WAIT_MS), ADMIT_REFUSE);
	r.owner = 5;
	ck_assert_int_eq(admit_judge(&r, false, 5, 0), ADMIT_HERE);
	r.has_ticket = true;
	ck_assert_int_eq(admit_judge(&r, true, 5, 9999), ADMIT_HERE);
	r.owner = 6;
	ck_assert_int_eq(admit_judge(&r, true, 5, 0), ADMIT_LINK);
	r.answered = false;
	ck_assert_int_eq(admit_judge(&r, true, 5, 0), ADMIT_BLIND);
}
END_TEST

START_TEST(the_questions_of_two_seconds_are_few)
{
	uint64_t waited = 0;
	unsigned tries = 0;

	while (waited < ADMIT_WAIT_MS)
		waited += admit_pause_ms(++tries);
	ck_assert_uint_le(tries, 15);
	ck_assert_uint_ge(tries, 8);
}
END_TEST

START_TEST(a_ticket_is_read_and_its_texts_are_cut)
{
	State__RelayTicket m = STATE__RELAY_TICKET__INIT;
	uint8_t packed[512];
	char target[200], user[] = "anna";
	struct ticket t;

	memset(target, 'x', sizeof target - 1);
	target[sizeof target - 1] = '\0';
	m.target = target;
	m.user = user;
	m.max_bits_per_s = 1000000;
	size_t len = state__relay_ticket__pack(&m, packed);
	ck_assert_int_eq(admit_ticket(&t, packed, len), 0);
	ck_assert_uint_eq(t.max_bps, 1000000);
	ck_assert_uint_eq(strlen(t.target), TICKET_TEXT_MAX - 1);
	ck_assert_str_eq(t.user, "anna");
	ck_assert_int_eq(admit_ticket(&t, packed, len - 1), -EPROTO);
}
END_TEST

UNIT_MAIN("hello", a_hello_says_who_comes_for_which_session,
	  a_change_of_any_byte_is_noticed,
	  a_recorded_hello_does_not_answer_another_challenge,
	  a_hello_out_of_shape_is_refused,
	  a_verdict_counts_only_for_its_own_hello,
	  W8_without_a_ticket_a_half_waits_two_seconds_and_is_refused,
	  the_questions_of_two_seconds_are_few,
	  a_ticket_is_read_and_its_texts_are_cut)
