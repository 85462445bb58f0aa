#include <errno.h>

#include "common/proto/wire.h"
#include "state.pb-c.h"
#include "tests/unit/fault.h"
#include "tests/unit/unit.h"

static Hbb__RendezvousMessage *unpack_hex(struct wire_arena *arena,
					  const char *hex)
{
	static uint8_t bytes[4096];
	size_t len = unhex(hex, bytes, sizeof(bytes));

	return wire_unpack(arena, bytes, len);
}

/* Spec 9: every vector is read and written back to the same bytes. */
static const struct {
	Hbb__RendezvousMessage__UnionCase kind;
	const char *hex;
} vectors[] = {
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER,
	  "320d0a093132333435363738391003" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER_RESPONSE, "3a00" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER_RESPONSE, "3a021001" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "820100" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020802" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020803" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020804" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020805" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020806" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020807" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "8201020808" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE, "820102101e" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_REQUEST, "a20100" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_REQUEST, "a201020803" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_RESPONSE, "aa010408b1a803" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST,
	  "42440a0931323334353637383910021a2c4f6556754b6b356e6c486958702b41504e"
	  "6e305933704331497770776e34344a47717251437357716d42773d3205312e342e39"
	  "4001" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE,
	  "4a2a0a0b3f82df7d5bbd757f3dcc01121772656c61792e6578616d706c652e636f6d"
	  "3a323131313718022801" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE, "5a00" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE, "5a021802" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE, "5a021803" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE, "5a021804" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_ONLINE_REQUEST,
	  "ba01210a09313131313131313131120931323334353637383912093938373635343"
	  "33231" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_ONLINE_RESPONSE, "c201030a0180" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_HC, "d201050a03746f6b" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY,
	  "920154122436626137623831302d396461642d313164312d383062342d3030633034"
	  "6664343330633832"
	  "2c4f6556754b6b356e6c486958702b41504e6e305933704331497770776e34344a47"
	  "717251437357716d42773d" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE,
	  "9a015e0a0b3f82df7d5bbd757f3dcc01122436626137623831302d396461642d3131"
	  "64312d383062342d3030633034666434333063381a1772656c61792e6578616d706c"
	  "652e636f6d3a323131313722093132333435363738393a05312e342e39" },
	{ HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE,
	  "9a010d320b6e6f7420616c6c6f776564" },
};

START_TEST(every_vector_is_read_and_written_back)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct wire_arena arena;
		uint8_t out[512];
		Hbb__RendezvousMessage *m = unpack_hex(&arena, vectors[i].hex);

		ck_assert_msg(m, "%s", vectors[i].hex);
		ck_assert_int_eq(m->union_case, vectors[i].kind);
		ck_assert_uint_eq(wire_size(m), strlen(vectors[i].hex) / 2);
		ck_assert_str_eq(tohex(out, wire_pack(m, out)), vectors[i].hex);
		wire_release(&arena);
	}
}
END_TEST

START_TEST(fields_of_the_vectors_have_their_values)
{
	struct wire_arena arena;
	Hbb__RendezvousMessage *m =
		unpack_hex(&arena, "320d0a093132333435363738391003");

	ck_assert_str_eq(m->register_peer->id, "123456789");
	ck_assert_int_eq(m->register_peer->serial, 3);
	m = unpack_hex(&arena, "820102101e");
	ck_assert_int_eq(m->register_pk_response->result, 0);
	ck_assert_int_eq(m->register_pk_response->keep_alive, 30);
	m = unpack_hex(&arena, "c201030a0180");
	ck_assert_uint_eq(m->online_response->states.len, 1);
	ck_assert_uint_eq(m->online_response->states.data[0], 0x80);
	m = unpack_hex(&arena, "aa010408b1a803");
	ck_assert_int_eq(m->test_nat_response->port, 54321);
}
END_TEST

START_TEST(a_message_without_a_member_is_a_message)
{
	struct wire_arena arena;
	Hbb__RendezvousMessage *m = wire_unpack(&arena, NULL, 0);

	ck_assert_ptr_nonnull(m);
	ck_assert_int_eq(m->union_case,
			 HBB__RENDEZVOUS_MESSAGE__UNION__NOT_SET);
}
END_TEST

START_TEST(of_two_members_the_last_one_wins)
{
	struct wire_arena arena;
	Hbb__RendezvousMessage *m =
		unpack_hex(&arena, "320d0a093132333435363738391003a201020803");

	ck_assert_int_eq(m->union_case,
			 HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_REQUEST);
	ck_assert_int_eq(m->test_nat_request->serial, 3);
}
END_TEST

START_TEST(unknown_fields_and_enum_numbers_pass)
{
	struct wire_arena arena;
	/* field 99 as varint, fixed64, bytes, fixed32; then TestNatRequest */
	Hbb__RendezvousMessage *m = unpack_hex(&arena, "980605"
						       "99060102030405060708"
						       "9a0603616263"
						       "9d0601020304"
						       "a201020803");
	ck_assert_ptr_nonnull(m);
	ck_assert_int_eq(m->test_nat_request->serial, 3);
	wire_release(&arena);

	m = unpack_hex(&arena, "42021063"); /* nat_type 99 */
	ck_assert_ptr_nonnull(m);
	ck_assert_int_eq(m->punch_hole_request->nat_type, 99);
	wire_release(&arena);
}
END_TEST

START_TEST(groups_of_unknown_fields_are_skipped_at_every_level)
{
	static const char *const rows[] = {
		"9b069c06a201020803",        /* empty, before */
		"a2010208039b069c06",        /* behind */
		"a201069b069c060803",        /* inside the member */
		"a2010208030b0c1314",        /* two of low numbers */
		"9b060a03616263100a0b0c9c06" /* with fields and a group */
		"a201020803",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_arena arena;
		Hbb__RendezvousMessage *m = unpack_hex(&arena, rows[i]);
		ck_assert_msg(m, "%s", rows[i]);
		ck_assert_int_eq(m->test_nat_request->serial, 3);
		wire_release(&arena);
	}
}
END_TEST

START_TEST(a_group_of_any_length_is_skipped)
{
	static uint8_t bytes[20000];
	static const uint8_t tail[] = { 0xa2, 1, 2, 8, 3 };

	/* Lengths around those where one more byte is needed to say them. */
	for (size_t len = 0; len < 17000; len += len < 300 ? 1 : 61) {
		struct wire_arena arena;
		uint8_t *at = bytes;
		*at++ = 0x0b;
		if (len >= 5) { /* one field that fills it */
			*at++ = 0x12;
			*at++ = (uint8_t)((len - 4) | 0x80);
			*at++ = (uint8_t)((len - 4) >> 7 | 0x80);
			*at++ = (uint8_t)((len - 4) >> 14);
			memset(at, 0xff, len - 4);
			at += len - 4;
		}
		*at++ = 0x0c;
		memcpy(at, tail, sizeof tail);
		at += sizeof tail;
		Hbb__RendezvousMessage *m =
			wire_unpack(&arena, bytes, (size_t)(at - bytes));
		ck_assert_msg(m, "%zu", len);
		ck_assert_int_eq(m->test_nat_request->serial, 3);
		wire_release(&arena);
	}
}
END_TEST

START_TEST(broken_groups_and_groups_of_known_fields_are_refused)
{
	static const char *const rows[] = {
		"0b",           /* never ends */
		"0c",           /* never began */
		"0b130c14",     /* crossed */
		"0b100a",       /* cut off inside */
		"0b12050c",     /* a field beyond the end */
		"333400",       /* RegisterPeer as a group */
		"a2010308030b", /* the group leaves its member */
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_arena arena;
		ck_assert_msg(!unpack_hex(&arena, rows[i]), "%s", rows[i]);
	}
}
END_TEST

START_TEST(bytes_that_are_no_message_are_refused)
{
	static const char *const rows[] = {
		"ff",           "ffffff",
		"32",           "320d0a",
		"00",           "0200",
		"320b",         "320c",
		"330034",       "36",
		"37",           "32ffffffffffffffffff01",
		"a20101",       "a2010208ffffffffffffffffffff01",
		"3003",         /* a number where a message belongs */
		"3204100a0b0c", /* a group inside a member */
		"f8ffffff7f00",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_arena arena;
		ck_assert_msg(!unpack_hex(&arena, rows[i]), "%s", rows[i]);
	}
}
END_TEST

START_TEST(strings_must_be_utf8_without_nul)
{
	static const struct {
		const char *hex;
		bool ok;
	} rows[] = {
		{ "32060a04c3a9c3a9", true },
		{ "32030a01ff", false },
		{ "32040a02c328", false },
		{ "32040a02c080", false },     /* overlong */
		{ "32050a03eda080", false },   /* a surrogate */
		{ "32060a04f4908080", false }, /* beyond U+10FFFF */
		{ "32050a03610062", false },   /* a NUL inside */
		{ "7a051203ff00ff", true },    /* bytes, not a string */
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_arena arena;
		bool ok = unpack_hex(&arena, rows[i].hex);
		wire_release(&arena);
		ck_assert_msg(ok == rows[i].ok, "%s", rows[i].hex);
	}
}
END_TEST

static char long_text[20000];

/* Packs M and reads it again. */
static bool passes(const Hbb__RendezvousMessage *m)
{
	struct wire_arena arena;
	uint8_t *bytes = malloc(wire_size(m));
	size_t len = wire_pack(m, bytes);
	bool ok = wire_unpack(&arena, bytes, len);

	wire_release(&arena);
	free(bytes);
	return ok;
}

static char *text_of_length(size_t len)
{
	memset(long_text, 'x', len);
	long_text[len] = '\0';
	return long_text;
}

START_TEST(texts_have_the_limits_of_the_specification)
{
	Hbb__RegisterPeer peer = HBB__REGISTER_PEER__INIT;
	Hbb__PunchHoleRequest punch = HBB__PUNCH_HOLE_REQUEST__INIT;
	Hbb__RequestRelay relay = HBB__REQUEST_RELAY__INIT;
	const struct {
		Hbb__RendezvousMessage__UnionCase kind;
		void *member;
		char **field;
		size_t max;
	} rows[] = {
		{ HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER, &peer, &peer.id,
		  WIRE_ID_FIELD_MAX },
		{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST, &punch,
		  &punch.licence_key, WIRE_KEY_MAX },
		{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST, &punch,
		  &punch.token, WIRE_TOKEN_MAX },
		{ HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST, &punch,
		  &punch.version, WIRE_VERSION_MAX },
		{ HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY, &relay,
		  &relay.uuid, WIRE_UUID_TEXT_MAX },
		{ HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY, &relay,
		  &relay.relay_server, WIRE_RELAY_MAX },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
		char *before = *rows[i].field;
		m.union_case = rows[i].kind;
		m.register_peer = rows[i].member;
		*rows[i].field = text_of_length(rows[i].max);
		ck_assert_msg(passes(&m), "row %zu at its limit", i);
		*rows[i].field = text_of_length(rows[i].max + 1);
		ck_assert_msg(!passes(&m), "row %zu over its limit", i);
		*rows[i].field = before;
	}
}
END_TEST

START_TEST(a_machine_id_may_have_256_bytes)
{
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__RegisterPk pk = HBB__REGISTER_PK__INIT;

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK;
	m.register_pk = &pk;
	pk.uuid.data = (uint8_t *)text_of_length(257);
	pk.uuid.len = WIRE_MACHINE_ID_MAX;
	ck_assert(passes(&m));
	pk.uuid.len = WIRE_MACHINE_ID_MAX + 1;
	ck_assert(!passes(&m));
}
END_TEST

START_TEST(an_online_request_may_name_a_thousand_peers)
{
	static char *peers[WIRE_PEERS_MAX + 1];
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__OnlineRequest online = HBB__ONLINE_REQUEST__INIT;
	static char one[] = "1", long_id[] = "1234567890123456";

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_ONLINE_REQUEST;
	m.online_request = &online;
	online.peers = peers;
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		peers[i] = one;
	online.n_peers = WIRE_PEERS_MAX;
	ck_assert(passes(&m));
	online.n_peers = WIRE_PEERS_MAX + 1;
	ck_assert(!passes(&m));

	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		peers[i] = long_id;
	online.n_peers = WIRE_PEERS_MAX;
	ck_assert(passes(&m));
}
END_TEST

START_TEST(a_proxied_request_carries_a_body_and_a_hundred_headers)
{
	static Hbb__HeaderEntry entries[WIRE_HEADERS_MAX + 1];
	static Hbb__HeaderEntry *headers[WIRE_HEADERS_MAX + 1];
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__HttpProxyRequest http = HBB__HTTP_PROXY_REQUEST__INIT;
	size_t body = 2 << 20;

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_HTTP_PROXY_REQUEST;
	m.http_proxy_request = &http;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		hbb__header_entry__init(&entries[i]);
		headers[i] = &entries[i];
	}
	http.headers = headers;
	http.body.data = calloc(1, body);
	http.body.len = body;
	http.n_headers = WIRE_HEADERS_MAX;
	ck_assert(passes(&m));
	http.n_headers = WIRE_HEADERS_MAX + 1;
	ck_assert(!passes(&m));
	free(http.body.data);
}
END_TEST

static bool nested_groups_pass(size_t depth)
{
	struct wire_arena arena;
	uint8_t *bytes = malloc(2 * depth);

	memset(bytes, 0x0b, depth);
	memset(bytes + depth, 0x0c, depth);
	bool ok = wire_unpack(&arena, bytes, 2 * depth);
	wire_release(&arena);
	free(bytes);
	return ok;
}

START_TEST(groups_nest_to_a_limit_without_recursion)
{
	ck_assert(nested_groups_pass(WIRE_GROUPS_MAX));
	ck_assert(!nested_groups_pass(WIRE_GROUPS_MAX + 1));
	ck_assert(!nested_groups_pass(300000));
}
END_TEST

START_TEST(a_flood_of_tiny_fields_is_refused)
{
	enum { N = 30000 };
	struct wire_arena arena;
	uint8_t *bytes = malloc(2 * N);

	for (size_t i = 0; i < N; i++) {
		bytes[2 * i] = 0x28; /* unknown field 5, a number */
		bytes[2 * i + 1] = 0;
	}
	ck_assert_ptr_null(wire_unpack(&arena, bytes, 2 * N));
	ck_assert_ptr_nonnull(wire_unpack(&arena, bytes, 2 * 2000));
	ck_assert_uint_le(arena.spilled, arena.spill_cap);
	wire_release(&arena);
	free(bytes);
}
END_TEST

START_TEST(ordinary_messages_do_not_touch_the_heap)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct wire_arena arena;
		uint8_t bytes[512];
		size_t len = unhex(vectors[i].hex, bytes, sizeof(bytes));

		fault_countdown = 1;
		Hbb__RendezvousMessage *m = wire_unpack(&arena, bytes, len);
		int left = fault_countdown;
		fault_countdown = 0;
		ck_assert_ptr_nonnull(m);
		ck_assert_int_eq(left, 1);
	}
}
END_TEST

START_TEST(a_large_message_fails_cleanly_without_memory)
{
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	Hbb__PunchHoleRequest punch = HBB__PUNCH_HOLE_REQUEST__INIT;
	struct wire_arena arena;
	uint8_t bytes[WIRE_TOKEN_MAX + 64];

	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST;
	m.punch_hole_request = &punch;
	punch.token = text_of_length(WIRE_TOKEN_MAX);
	size_t len = wire_pack(&m, bytes);

	fault_countdown = 1;
	ck_assert_ptr_null(wire_unpack(&arena, bytes, len));
	ck_assert_ptr_nonnull(wire_unpack(&arena, bytes, len));
	ck_assert_ptr_nonnull(arena.spill);
	wire_release(&arena);
	ck_assert_ptr_null(arena.spill);
}
END_TEST

START_TEST(other_message_types_are_read_the_same_way)
{
	State__Bus bus = STATE__BUS__INIT;
	State__Push push = STATE__PUSH__INIT;
	struct wire_arena arena;
	uint8_t bytes[256];

	bus.from = 7;
	bus.what_case = STATE__BUS__WHAT_PUSH;
	bus.push = &push;
	push.id = text_of_length(9);
	size_t len = state__bus__pack(&bus, bytes);
	State__Bus *got = (State__Bus *)wire_unpack_as(&state__bus__descriptor,
						       &arena, bytes, len);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got->push->id, "xxxxxxxxx");
	ck_assert_ptr_null(wire_unpack_as(&state__bus__descriptor, &arena,
					  bytes, len - 1));
}
END_TEST

UNIT_MAIN("wire", every_vector_is_read_and_written_back,
	  fields_of_the_vectors_have_their_values,
	  a_message_without_a_member_is_a_message,
	  of_two_members_the_last_one_wins,
	  unknown_fields_and_enum_numbers_pass,
	  groups_of_unknown_fields_are_skipped_at_every_level,
	  a_group_of_any_length_is_skipped,
	  broken_groups_and_groups_of_known_fields_are_refused,
	  bytes_that_are_no_message_are_refused,
	  strings_must_be_utf8_without_nul,
	  texts_have_the_limits_of_the_specification,
	  a_machine_id_may_have_256_bytes,
	  an_online_request_may_name_a_thousand_peers,
	  a_proxied_request_carries_a_body_and_a_hundred_headers,
	  groups_nest_to_a_limit_without_recursion,
	  a_flood_of_tiny_fields_is_refused,
	  ordinary_messages_do_not_touch_the_heap,
	  a_large_message_fails_cleanly_without_memory,
	  other_message_types_are_read_the_same_way)
