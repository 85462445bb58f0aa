/* The head of a request for a WebSocket. */
#include "../unit.h"

#include "common/proto/wsupgrade.h"

static const char first[] = "GET / HTTP/1.1\r\n"
			    "Host: x\r\n"
			    "Connection: Upgrade\r\n"
			    "Upgrade: websocket\r\n"
			    "Sec-WebSocket-Version: 13\r\n"
			    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			    "Cookie: a=";
static const char last[] = "\r\n\r\n";

/* What becomes of a whole head of LEN bytes, and of all but its last one. */
static enum wsupgrade_result parse(size_t len, bool whole)
{
	static uint8_t head[2 * WSUPGRADE_MAX];
	struct wsupgrade u;
	size_t n = sizeof first - 1, end = len - (sizeof last - 1);

	memset(head, 'b', sizeof head);
	memcpy(head, first, n);
	memcpy(head + end, last, sizeof last - 1);
	/* Frames may follow at once. */
	enum wsupgrade_result r =
		wsupgrade_parse(head, whole ? len + 100 : len - 1, &u);
	if (r == WSUPGRADE_OK)
		ck_assert_uint_eq(u.head_len, len);
	return r;
}

START_TEST(a_head_has_so_many_bytes_and_not_one_more)
{
	ck_assert_int_eq(parse(1000, true), WSUPGRADE_OK);
	ck_assert_int_eq(parse(WSUPGRADE_MAX, false), WSUPGRADE_MORE);
	ck_assert_int_eq(parse(WSUPGRADE_MAX, true), WSUPGRADE_OK);
	ck_assert_int_eq(parse(WSUPGRADE_MAX + 1, true), WSUPGRADE_TOO_LONG);
	ck_assert_int_eq(parse(WSUPGRADE_MAX + 1, false), WSUPGRADE_TOO_LONG);
}
END_TEST

UNIT_MAIN("wsupgrade", a_head_has_so_many_bytes_and_not_one_more)
