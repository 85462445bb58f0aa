#include <errno.h>

#include "common/proto/keys.h"
#include "services/hbbr/pairing/handshake.h"
#include "tests/unit/unit.h"

/* Packs a RequestRelay as a frame; returns its length. */
static size_t request(uint8_t *out, char *uuid, char *key, char *id,
		      Hbb__ConnType type)
{
	Hbb__RequestRelay rr = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	rr.uuid = uuid;
	rr.licence_key = key;
	rr.id = id;
	rr.conn_type = type;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	m.request_relay = &rr;
	size_t head = frame_put_head(out, wire_size(&m));
	return head + wire_pack(&m, out + head);
}

/* Feeds WIRE in pieces of STEP bytes at most, as a socket would. Returns the
 * last answer; *TAKEN counts the bytes that were asked for. */
static int feed(struct handshake *h, const uint8_t *wire, size_t len,
		size_t step, size_t *taken)
{
	int r = 0;

	*taken = 0;
	handshake_init(h);
	while (r == 0 && *taken < len) {
		uint8_t *at;
		size_t n = handshake_want(h, &at);
		ck_assert_uint_gt(n, 0);
		n = n < step ? n : step;
		n = n < len - *taken ? n : len - *taken;
		memcpy(at, wire + *taken, n);
		*taken += n;
		r = handshake_got(h, n);
	}
	return r;
}

START_TEST(exactly_one_frame_is_taken_however_it_arrives)
{
	uint8_t wire[1024];
	char uuid[] = "0a1b2c3d-uuid", key[] = "KEY", id[] = "123456789";
	size_t len = request(wire, uuid, key, id, HBB__CONN_TYPE__DEFAULT_CONN);

	memset(wire + len, 0x5a, 100); /* the stream behind it */
	for (size_t step = 1; step <= len + 100; step++) {
		struct handshake h;
		struct relay_request rq;
		size_t taken, n;
		ck_assert_int_eq(feed(&h, wire, len + 100, step, &taken), 1);
		ck_assert_uint_eq(taken, len);
		const uint8_t *msg = handshake_payload(&h, &n);
		ck_assert_int_eq(handshake_judge("KEY", msg, n, &rq),
				 REASON_NONE);
		ck_assert_str_eq(rq.uuid, uuid);
		ck_assert(rq.controller);
		ck_assert(!rq.tunnel);
		handshake_fini(&h);
	}
}
END_TEST

START_TEST(a_lone_empty_frame_is_refused_without_waiting_for_more)
{
	struct handshake h;
	size_t taken;

	ck_assert_int_eq(feed(&h, (const uint8_t *)"", 1, 1, &taken), -EBADMSG);
	ck_assert_uint_eq(taken, 1);
	handshake_fini(&h);
	ck_assert_int_eq(feed(&h, (const uint8_t *)"\x01", 2, 2, &taken),
			 -EBADMSG);
	handshake_fini(&h);
}
END_TEST

START_TEST(every_head_length_is_understood)
{
	/* A non-minimal head and the first payload byte of each. */
	static const char *const heads[] = { "18", "1900", "1a0000",
					     "1b000000" };
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		uint8_t wire[16];
		struct handshake h;
		size_t taken, n;
		size_t len = unhex(heads[i], wire, sizeof(wire));
		memcpy(wire + len, "payloadXX", 9);
		ck_assert_int_eq(feed(&h, wire, len + 9, 64, &taken), 1);
		ck_assert_uint_eq(taken, len + 6);
		const uint8_t *msg = handshake_payload(&h, &n);
		ck_assert_uint_eq(n, 6);
		ck_assert_mem_eq(msg, "payloa", 6);
		handshake_fini(&h);
	}
}
END_TEST

START_TEST(an_oversized_announcement_is_refused_before_its_body)
{
	uint8_t head[FRAME_HEAD_MAX];
	struct handshake h;
	size_t taken;

	size_t n = frame_put_head(head, HANDSHAKE_MAX + 1);
	ck_assert_int_eq(feed(&h, head, n, 64, &taken), -EMSGSIZE);
	ck_assert_ptr_null(h.frame);
	memset(head, 0xff, sizeof(head));
	ck_assert_int_eq(feed(&h, head, 4, 1, &taken), -EMSGSIZE);
	handshake_fini(&h);
}
END_TEST

START_TEST(the_largest_first_frame_is_taken)
{
	static uint8_t wire[HANDSHAKE_MAX + FRAME_HEAD_MAX];
	struct handshake h;
	size_t taken, n;

	size_t len = frame_put_head(wire, HANDSHAKE_MAX) + HANDSHAKE_MAX;
	ck_assert_int_eq(feed(&h, wire, len, 4096, &taken), 1);
	handshake_payload(&h, &n);
	ck_assert_uint_eq(n, HANDSHAKE_MAX);
	handshake_fini(&h);
}
END_TEST

START_TEST(an_empty_first_frame_is_refused)
{
	static const uint8_t zeros[2] = { 0, 0 };
	struct handshake h;
	size_t taken;

	ck_assert_int_eq(feed(&h, zeros, 2, 2, &taken), -EBADMSG);
	handshake_fini(&h);
}
END_TEST

static enum reason judge(const char *key, char *uuid, char *licence,
			 struct relay_request *rq)
{
	uint8_t wire[1024];
	char id[] = "";
	size_t len =
		request(wire, uuid, licence, id, HBB__CONN_TYPE__PORT_FORWARD);
	size_t head = frame_head_len(wire[0]);

	return handshake_judge(key, wire + head, len - head, rq);
}

START_TEST(the_key_and_the_uuid_decide)
{
	struct relay_request rq;
	char uuid[] = "u", none[] = "", key[] = "KEY", near[] = "KEYx";

	ck_assert_int_eq(judge("KEY", uuid, key, &rq), REASON_NONE);
	ck_assert(!rq.controller);
	ck_assert(rq.tunnel);
	ck_assert_int_eq(judge("KEY", uuid, near, &rq), REASON_BAD_KEY);
	ck_assert_int_eq(judge("KEY", uuid, none, &rq), REASON_BAD_KEY);
	ck_assert_int_eq(judge("KEY", none, key, &rq), REASON_BAD_UUID);
	ck_assert_int_eq(judge("", uuid, near, &rq), REASON_NONE);
	ck_assert_int_eq(judge("", uuid, none, &rq), REASON_NONE);
}
END_TEST

START_TEST(a_uuid_of_64_bytes_is_the_longest)
{
	struct relay_request rq;
	char uuid[66], key[] = "";

	memset(uuid, 'u', sizeof(uuid));
	uuid[64] = '\0';
	ck_assert_int_eq(judge("", uuid, key, &rq), REASON_NONE);
	ck_assert_uint_eq(strlen(rq.uuid), 64);
	uuid[64] = 'u';
	uuid[65] = '\0';
	ck_assert_int_ne(judge("", uuid, key, &rq), REASON_NONE);
}
END_TEST

START_TEST(other_messages_are_not_a_first_frame)
{
	static const char *const others[] = {
		"",           /* no member */
		"820100",     /* RegisterPkResponse */
		"32050a0131", /* cut short */
		"ffffffff",   "9201020a05",
	};
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		uint8_t msg[16];
		struct relay_request rq;
		size_t len = unhex(others[i], msg, sizeof(msg));
		ck_assert_int_eq(handshake_judge("", msg, len, &rq),
				 REASON_BAD_MESSAGE);
	}
}
END_TEST

UNIT_MAIN("handshake", exactly_one_frame_is_taken_however_it_arrives,
	  a_lone_empty_frame_is_refused_without_waiting_for_more,
	  every_head_length_is_understood,
	  an_oversized_announcement_is_refused_before_its_body,
	  the_largest_first_frame_is_taken, an_empty_first_frame_is_refused,
	  the_key_and_the_uuid_decide, a_uuid_of_64_bytes_is_the_longest,
	  other_messages_are_not_a_first_frame)
