#include <errno.h>

#include "common/proto/wsframe.h"
#include "tests/unit/unit.h"

/* What a stream gave, joined per message. */
struct got {
	uint8_t data[200000];
	size_t len;
	int messages, controls;
	uint8_t kind;
	char control[WSFRAME_CONTROL_MAX + 1];
};

/* Reads all of WIRE in pieces of STEP bytes; 0 or what went wrong. */
static int read_all(const uint8_t *wire, size_t len, size_t step, struct got *g)
{
	struct wsframe_reader r = { 0 };

	memset(g, 0, sizeof *g);
	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step, used = 0;
		uint8_t *piece = malloc(n);
		struct wsframe_part p;
		int got = 1;
		memcpy(piece, wire + at, n);
		while (used < n &&
		       (got = wsframe_read(&r, piece, n, &used, &p)) == 1) {
			if (p.kind >= WSFRAME_CLOSE) {
				if (p.len > 0)
					strncat(g->control, (char *)p.data,
						p.len);
				g->controls += p.last;
				continue;
			}
			if (p.first)
				g->len = 0;
			if (p.len > 0)
				memcpy(g->data + g->len, p.data, p.len);
			g->len += p.len;
			g->kind = p.kind;
			g->messages += p.last;
		}
		free(piece);
		if (got < 0)
			return got;
		ck_assert_uint_eq(used, n);
	}
	return 0;
}

static size_t frame(uint8_t *out, unsigned first, const void *data, size_t len)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	size_t n = 0;

	out[n++] = (uint8_t)first;
	if (len < 126) {
		out[n++] = (uint8_t)(128u | len);
	} else if (len < 65536) {
		out[n++] = 128 | 126;
		out[n++] = (uint8_t)(len >> 8);
		out[n++] = (uint8_t)len;
	} else {
		out[n++] = 128 | 127;
		for (int i = 7; i >= 0; i--)
			out[n++] = (uint8_t)((uint64_t)len >> (8 * i));
	}
	memcpy(out + n, mask, 4);
	n += 4;
	for (size_t i = 0; i < len; i++)
		out[n++] = ((const uint8_t *)data)[i] ^ mask[i & 3];
	return n;
}

START_TEST(messages_are_read_whole_however_they_arrive)
{
	static const size_t lens[] = { 0,   1,     7,     8,     125,
				       126, 65535, 65536, 100003 };
	static const size_t steps[] = { 1, 2, 3, 5, 13, 4096, 1 << 20 };
	static uint8_t data[100003], wire[100017];
	static struct got g;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i % 253);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		size_t n = frame(wire, 0x82, data, lens[i]);
		for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
			ck_assert_int_eq(read_all(wire, n, steps[k], &g), 0);
			ck_assert_int_eq(g.messages, 1);
			ck_assert_int_eq(g.kind, WSFRAME_BINARY);
			ck_assert_uint_eq(g.len, lens[i]);
			ck_assert_int_eq(memcmp(g.data, data, lens[i]), 0);
		}
	}
}
END_TEST

START_TEST(fragments_with_a_ping_between_them_are_one_message)
{
	static struct got g;
	uint8_t wire[256];
	size_t n = 0;

	n += frame(wire + n, 0x01, "one ", 4);
	n += frame(wire + n, 0x89, "ping", 4);
	n += frame(wire + n, 0x00, "", 0);
	n += frame(wire + n, 0x80, "two", 3);
	for (size_t step = 1; step <= n; step++) {
		ck_assert_int_eq(read_all(wire, n, step, &g), 0);
		ck_assert_int_eq(g.messages, 1);
		ck_assert_int_eq(g.controls, 1);
		ck_assert_int_eq(g.kind, WSFRAME_TEXT);
		ck_assert_uint_eq(g.len, 7);
		ck_assert_mem_eq(g.data, "one two", 7);
		ck_assert_str_eq(g.control, "ping");
	}
}
END_TEST

START_TEST(what_a_client_must_not_send_is_refused)
{
	static const struct {
		const char *what, *hex;
	} rows[] = {
		{ "no mask", "820100" },
		{ "no mask on an empty frame", "8200" },
		{ "no mask on a ping", "8900" },
		{ "a reserved bit", "c280" },
		{ "a reserved opcode", "8380" },
		{ "a reserved control opcode", "8b80" },
		{ "a fragmented ping", "0980" },
		{ "a long ping", "89fe" },
		{ "a fragment that continues nothing", "8080" },
		{ "a message within a message", "02800000000082"
						"80" },
		{ "a length in a longer form", "82fe007d00000000" },
		{ "and in the longest", "82ff000000000000ffff"
					"00000000" },
		{ "a length of 64 bits, before its mask",
		  "82ff8000000000000000" },
	};
	static struct got g;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t wire[64];
		size_t n = unhex(rows[i].hex, wire, sizeof wire);
		ck_assert_msg(read_all(wire, n, 1, &g) == -EPROTO, "%s",
			      rows[i].what);
		ck_assert_msg(read_all(wire, n, n, &g) == -EPROTO, "%s",
			      rows[i].what);
	}
}
END_TEST

START_TEST(what_a_frame_announces_is_known_with_its_head)
{
	struct wsframe_reader r = { 0 };
	struct wsframe_part p;
	uint8_t wire[14];
	size_t used = 0;

	ck_assert_uint_eq(unhex("82ff0000000040000000"
				"01020304",
				wire, sizeof wire),
			  14);
	ck_assert_int_eq(wsframe_read(&r, wire, 14, &used, &p), 1);
	ck_assert_uint_eq(used, 14);
	ck_assert_uint_eq(p.len, 0);
	ck_assert_uint_eq(p.left, 0x40000000);
	ck_assert(p.first && !p.last);
	ck_assert_int_eq(wsframe_read(&r, wire, 14, &used, &p), 0);
}
END_TEST

UNIT_MAIN("wsframe_read", messages_are_read_whole_however_they_arrive,
	  fragments_with_a_ping_between_them_are_one_message,
	  what_a_client_must_not_send_is_refused,
	  what_a_frame_announces_is_known_with_its_head)
