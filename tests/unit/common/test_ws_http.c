#include "common/net/ws.h"

#include "tests/unit/common/ws_site.h"

START_TEST(an_upgrade_is_answered_on_any_path_with_or_without_origin)
{
	static const char *const paths[] = { "/", "/ws/id", "/anything?x=1" };
	struct site s;

	site_open(&s);
	for (int i = 0; i < 3; i++) {
		struct wsc c = site_join(
			&s, paths[i], i ? "Origin: https://x.invalid\r\n" : "");
		ck_assert(addr_is_loopback(&s.client));
		ck_assert_uint_ne(s.client.port, 0);
		ck_assert(!s.proxied);
		wsc_close(&c);
		live_until(&s.l, s.closed == i + 1);
		ck_assert_str_eq(s.reason, "disconnected");
	}
	site_close(&s);
}
END_TEST

static char *with_cookie(size_t len)
{
	char *headers = malloc(len + 32);
	size_t n = (size_t)sprintf(headers, "Cookie: session=");

	memset(headers + n, 'x', len);
	strcpy(headers + n + len, "\r\n");
	return headers;
}

START_TEST(long_cookies_do_not_keep_a_browser_out)
{
	struct site s;
	char *headers = with_cookie(10000);

	site_open(&s);
	struct wsc c = site_join(&s, "/ws/id", headers);
	wsc_close(&c);
	site_close(&s);
	free(headers);
}
END_TEST

START_TEST(headers_without_end_are_refused)
{
	struct site s = { 0 };
	char *headers = with_cookie(40000);

	site_start(&s, "", "", 2000);
	struct wsc c = site_dial(&s);
	live_write(c.fd, "GET / HTTP/1.1\r\nHost: x\r\n", 25);
	live_write(c.fd, headers, strlen(headers));
	live_until(&s.l, (wsc_read(&c), c.ended));
	ck_assert_int_eq(s.opened, 0);
	wsc_close(&c);
	site_close(&s);
	free(headers);
}
END_TEST

START_TEST(compression_is_never_agreed_on)
{
	struct site s;

	site_open(&s);
	struct wsc c =
		site_join(&s, "/",
			  "Sec-WebSocket-Extensions: permessage-deflate; "
			  "client_max_window_bits\r\n");
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(messages_that_come_with_the_upgrade_are_delivered)
{
	struct site s;
	char text[1024];

	site_open(&s);
	struct wsc c = site_dial(&s);
	int n = snprintf(text, sizeof text,
			 "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			 "Connection: keep-alive, Upgrade\r\n"
			 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			 "Sec-WebSocket-Version: 13\r\n\r\n");
	for (int i = 0; i < 10; i++)
		n += (int)wsc_build((uint8_t *)text + n, WSC_BINARY, true,
				    &"0123456789"[i], 1);
	live_write(c.fd, text, (size_t)n);
	live_until(&s.l, s.messages == 10);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(s.seen[i].data[0], '0' + i);
	ck_assert(wsc_upgraded(&c));
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(a_plain_request_gets_an_http_error)
{
	struct site s;

	site_open(&s);
	struct wsc c = site_dial(&s);
	live_write(c.fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
	live_until(&s.l, (wsc_read(&c), c.ended));
	ck_assert_uint_gt(c.len, 12);
	ck_assert_mem_eq(c.data, "HTTP/1.1 400", 12);
	ck_assert_int_eq(s.opened, 0);
	wsc_close(&c);
	site_close(&s);
}
END_TEST

START_TEST(garbage_and_other_upgrades_are_hung_up_on)
{
	static const char *const requests[] = {
		"\x14\xa2\x01\x02\x08\x03",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n"
		"Connection: Upgrade, HTTP2-Settings\r\n"
		"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
	};
	struct site s;

	*(&s) = (struct site){ 0 };
	site_start(&s, "", "", 1000);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct wsc c = site_dial(&s);
		live_write(c.fd, requests[i], strlen(requests[i]));
		live_until(&s.l, (wsc_read(&c), c.ended));
		ck_assert(c.len == 0 || (memcmp(c.data, "HTTP/1.", 7) == 0 &&
					 memcmp(c.data + 8, " 40", 3) == 0));
		wsc_close(&c);
	}
	ck_assert_int_eq(s.opened, 0);
	site_close(&s);
}
END_TEST

/* The answer to an upgrade that is wrong in one thing. */
static void check_refused(const char *method, const char *headers,
			  const char *status, const char *says)
{
	struct site s;
	char text[1024];

	site_open(&s);
	struct wsc c = site_dial(&s);
	int n = snprintf(text, sizeof text,
			 "%s / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\n%s\r\n",
			 method, headers);
	live_write(c.fd, text, (size_t)n);
	live_until(&s.l, (wsc_read(&c), c.ended));
	ck_assert_uint_gt(c.len, 12);
	ck_assert_msg(memcmp(c.data + 9, status, 3) == 0, "%s: %.12s", headers,
		      c.data);
	ck_assert_ptr_nonnull(memmem(c.data, c.len, says, strlen(says)));
	ck_assert_int_eq(s.opened, 0);
	ck_assert_uint_eq(ws_context_counts(s.cx).bad_request, 1);
	wsc_close(&c);
	live_until(&s.l, ws_context_counts(s.cx).half_open == 0);
	site_close(&s);
}

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"

START_TEST(an_upgrade_by_another_method_is_refused)
{
	check_refused("POST", KEY V13, "405", "Allow: GET");
	check_refused("PUT", KEY V13, "405", "GET");
	check_refused("get", KEY V13, "400", "HTTP");
}
END_TEST

START_TEST(other_versions_than_13_are_refused_and_told_ours)
{
	static const char *const versions[] = {
		"",
		"Sec-WebSocket-Version: 8\r\n",
		"Sec-WebSocket-Version: 0\r\n",
		"Sec-WebSocket-Version: 14\r\n",
		"Sec-WebSocket-Version: 13, 8\r\n",
		"Sec-WebSocket-Version: 013\r\n",
		V13 V13,
	};
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		char headers[256];
		snprintf(headers, sizeof headers, KEY "%s", versions[i]);
		check_refused("GET", headers, "426",
			      "Sec-WebSocket-Version: 13\r\n");
	}
}
END_TEST

START_TEST(a_key_must_be_there_once_and_be_one)
{
	check_refused("GET", V13, "400", "Sec-WebSocket-Key");
	check_refused("GET", KEY KEY V13, "400", "Sec-WebSocket-Key");
	check_refused("GET", "Sec-WebSocket-Key: short\r\n" V13, "400",
		      "Sec-WebSocket-Key");
	check_refused("GET", V13 KEY " folded\r\n", "400", "HTTP");
	check_refused("GET", V13 KEY "no colon\r\n", "400", "HTTP");
}
END_TEST

START_TEST(tls_and_a_proxy_header_are_told_from_a_request)
{
	static const struct {
		const char *data;
		size_t len;
		enum foreign what;
	} rows[] = {
		{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11,
		  FOREIGN_TLS },
		{ "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n", 32, FOREIGN_PROXY },
		{ "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16, FOREIGN_PROXY },
	};
	struct site s;

	site_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum foreign what = rows[i].what;
		uint64_t before = ws_context_counts(s.cx).foreign[what];
		struct wsc c = site_dial(&s);
		live_write(c.fd, rows[i].data, rows[i].len);
		live_until(&s.l, (wsc_read(&c), c.ended));
		ck_assert_uint_eq(c.len, 0);
		ck_assert_uint_eq(ws_context_counts(s.cx).foreign[what],
				  before + 1);
		wsc_close(&c);
	}
	site_close(&s);
}
END_TEST

START_TEST(the_oldest_half_open_one_makes_room_when_all_places_are_taken)
{
	enum { PLACES = 4 };
	struct site s = { .max_half_open = PLACES };
	struct wsc c[PLACES + 1];

	site_start(&s, "", "", 10000);
	for (int i = 0; i < PLACES; i++) {
		c[i] = site_dial(&s);
		live_write(c[i].fd, "GET / HT", 8);
		live_until(&s.l,
			   ws_context_counts(s.cx).half_open == (size_t)i + 1);
	}
	ck_assert_uint_eq(ws_context_counts(s.cx).crowded_out, 0);
	c[PLACES] = site_join(&s, "/", "");
	live_until(&s.l, (wsc_read(&c[0]), c[0].ended));
	ck_assert_uint_eq(ws_context_counts(s.cx).crowded_out, 1);
	ck_assert_uint_eq(ws_context_counts(s.cx).half_open, PLACES - 1);
	live_turn(&s.l, 3);
	for (int i = 1; i < PLACES; i++) {
		wsc_read(&c[i]);
		ck_assert(!c[i].ended);
	}
	for (int i = 0; i <= PLACES; i++)
		wsc_close(&c[i]);
	live_until(&s.l, s.closed == 1);
	site_close(&s);
}
END_TEST

START_TEST(one_address_gets_so_many_half_open_ones_and_not_one_more)
{
	enum { EACH = 3 };
	struct site s = { .max_per_ip = EACH };
	struct wsc c[EACH + 1];

	site_start(&s, "", "", 10000);
	for (int i = 0; i <= EACH; i++) {
		c[i] = site_dial(&s);
		live_write(c[i].fd, "GET / HT", 8);
	}
	live_until(&s.l, (wsc_read(&c[EACH]), c[EACH].ended));
	ck_assert_uint_eq(ws_context_counts(s.cx).per_ip, 1);
	ck_assert_uint_eq(ws_context_counts(s.cx).half_open, EACH);
	wsc_close(&c[0]);
	live_until(&s.l, ws_context_counts(s.cx).half_open == EACH - 1);
	struct wsc good = site_join(&s, "/", ""); /* a place was given back */
	/* And open ones take none. */
	for (int i = 0; i < 2 * EACH; i++) {
		struct wsc more = site_join(&s, "/", "");
		wsc_close(&more);
	}
	wsc_close(&good);
	for (int i = 1; i <= EACH; i++)
		wsc_close(&c[i]);
	live_until(&s.l, s.closed == 2 * EACH + 1);
	site_close(&s);
}
END_TEST

START_TEST(a_trusted_proxy_has_as_many_as_it_has_clients)
{
	struct site s = { .max_per_ip = 1 };
	struct wsc c[3];

	ck_assert_int_eq(trusted_parse("127.0.0.1", &s.trusted), 0);
	site_start(&s, "", "", 10000);
	for (int i = 0; i < 3; i++) {
		c[i] = site_dial(&s);
		live_write(c[i].fd, "GET / HT", 8);
	}
	live_until(&s.l, ws_context_counts(s.cx).half_open == 3);
	ck_assert_uint_eq(ws_context_counts(s.cx).per_ip, 0);
	for (int i = 0; i < 3; i++)
		wsc_close(&c[i]);
	live_until(&s.l, ws_context_counts(s.cx).half_open == 0);
	site_close(&s);
}
END_TEST

START_TEST(a_half_sent_request_is_cut_at_the_deadline)
{
	struct site s = { 0 };

	site_start(&s, "", "", 1000);
	struct wsc good = site_join(&s, "/", "");
	uint64_t start = loop_now(&s.l.loop);
	struct wsc silent = site_dial(&s), slow = site_dial(&s);
	live_write(slow.fd, "GET / HTTP/1.1\r\nHo", 18);
	live_until(&s.l, (wsc_read(&slow), slow.ended));
	live_until(&s.l, (wsc_read(&silent), silent.ended));
	ck_assert_uint_eq(ws_context_counts(s.cx).late, 2);
	ck_assert_uint_ge(loop_now(&s.l.loop), start + 990);
	ck_assert_uint_le(loop_now(&s.l.loop), start + 3000);
	ck_assert_int_eq(s.closed, 0);
	wsc_close(&good);
	wsc_close(&slow);
	wsc_close(&silent);
	site_close(&s);
}
END_TEST

static void check_client(const char *trusted, const char *headers,
			 const char *ip, bool proxied)
{
	struct site s = { 0 };
	char text[ADDR_TEXT_MAX];

	ck_assert_int_eq(trusted_parse(trusted, &s.trusted), 0);
	site_start(&s, "", "", 10000);
	struct wsc c = site_join(&s, "/ws/id", headers);
	ck_assert_str_eq(addr_format_ip(&s.client, text), ip);
	ck_assert_int_eq(s.proxied, proxied);
	ck_assert_uint_ne(s.client.port, 0);
	wsc_close(&c);
	site_close(&s);
}

START_TEST(the_client_behind_a_trusted_proxy_is_named_by_its_headers)
{
	check_client("127.0.0.0/8", "X-Real-IP: 198.51.100.7\r\n",
		     "198.51.100.7", true);
	check_client("127.0.0.0/8 10.0.0.0/8",
		     "X-Forwarded-For: 203.0.113.9, 198.51.100.7, 10.0.0.1\r\n",
		     "198.51.100.7", true);
	check_client("127.0.0.1", "X-Forwarded-For: 2001:db8::5\r\n",
		     "2001:db8::5", true);
	check_client("127.0.0.1", "X-Real-IP: garbage\r\n", "127.0.0.1", false);
	/* A chain in two lines, and what its last hop alone would say. */
	check_client("127.0.0.1 10.0.0.0/8",
		     "X-Forwarded-For: 203.0.113.9\r\n"
		     "X-Real-IP: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\n",
		     "203.0.113.9", true);
	check_client("127.0.0.1", "Forwarded: for=\"[2001:db8::5]:7\"\r\n",
		     "2001:db8::5", true);
}
END_TEST

START_TEST(headers_of_a_stranger_are_ignored)
{
	check_client("10.0.0.0/8", "X-Real-IP: 198.51.100.7\r\n", "127.0.0.1",
		     false);
	check_client("", "X-Forwarded-For: 198.51.100.7\r\n", "127.0.0.1",
		     false);
}
END_TEST

START_TEST(a_header_that_is_too_long_does_not_count)
{
	char headers[1200] = "X-Forwarded-For: ";

	while (strlen(headers) < 1000)
		strcat(headers, "198.51.100.7, ");
	strcat(headers, "198.51.100.7\r\n");
	check_client("127.0.0.1", headers, "127.0.0.1", false);
}
END_TEST

LIVE_MAIN("ws_http", an_upgrade_is_answered_on_any_path_with_or_without_origin,
	  compression_is_never_agreed_on,
	  long_cookies_do_not_keep_a_browser_out,
	  headers_without_end_are_refused,
	  messages_that_come_with_the_upgrade_are_delivered,
	  a_plain_request_gets_an_http_error,
	  garbage_and_other_upgrades_are_hung_up_on,
	  an_upgrade_by_another_method_is_refused,
	  other_versions_than_13_are_refused_and_told_ours,
	  a_key_must_be_there_once_and_be_one,
	  tls_and_a_proxy_header_are_told_from_a_request,
	  the_oldest_half_open_one_makes_room_when_all_places_are_taken,
	  one_address_gets_so_many_half_open_ones_and_not_one_more,
	  a_trusted_proxy_has_as_many_as_it_has_clients,
	  a_half_sent_request_is_cut_at_the_deadline,
	  the_client_behind_a_trusted_proxy_is_named_by_its_headers,
	  headers_of_a_stranger_are_ignored,
	  a_header_that_is_too_long_does_not_count)
