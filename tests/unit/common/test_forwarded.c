#include <errno.h>

#include "common/proto/forwarded.h"
#include "tests/unit/unit.h"

static struct trusted proxies(const char *list)
{
	struct trusted t;

	ck_assert_int_eq(trusted_parse(list, &t), 0);
	return t;
}

static const char proxy_list[] = "10.0.0.0/8, 2001:db8:ffff::/48";

static struct forwarded read_from(const char *peer, struct forwarded_headers h)
{
	struct trusted t = proxies(proxy_list);
	struct addr a;

	ck_assert_int_eq(addr_parse(peer, 0, &a), 0);
	return forwarded_read(&t, &a, &h);
}

/* Who is the client of a connection from PEER with these headers? */
static const char *client_of(const char *peer, const char *real_ip,
			     const char *forwarded_for, bool *proxied)
{
	static char text[ADDR_TEXT_MAX];
	struct forwarded f = read_from(
		peer,
		(struct forwarded_headers){ .real_ip = real_ip,
					    .forwarded_for = forwarded_for });

	*proxied = f.proxied;
	return addr_format(&f.client, text);
}

START_TEST(headers_of_a_stranger_are_ignored)
{
	bool proxied;

	ck_assert_str_eq(
		client_of("203.0.113.9:5", "1.1.1.1", "2.2.2.2", &proxied),
		"203.0.113.9:5");
	ck_assert(!proxied);
}
END_TEST

START_TEST(a_trusted_proxy_is_believed_and_the_port_stays)
{
	static const struct {
		const char *real_ip, *list, *client;
		bool proxied;
	} rows[] = {
		{ "1.1.1.1", NULL, "1.1.1.1:5", true },
		{ "1.1.1.1:99", NULL, "1.1.1.1:5", true },
		{ " 1.1.1.1 ", NULL, "1.1.1.1:5", true },
		{ "::ffff:1.1.1.1", NULL, "1.1.1.1:5", true },
		{ "2001:db8::1", NULL, "[2001:db8::1]:5", true },
		{ "[2001:db8::1]:99", NULL, "[2001:db8::1]:5", true },
		{ NULL, "1.1.1.1", "1.1.1.1:5", true },
		{ NULL, "2001:db8::1", "[2001:db8::1]:5", true },
		{ "", "1.1.1.1", "1.1.1.1:5", true },
		{ "junk", "1.1.1.1", "1.1.1.1:5", true },
		{ NULL, NULL, "10.0.0.1:5", false },
		{ NULL, "", "10.0.0.1:5", false },
		{ NULL, "unknown", "10.0.0.1:5", false },
		{ "1.1.1.1, 2.2.2.2", NULL, "10.0.0.1:5", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool proxied;
		ck_assert_str_eq(client_of("10.0.0.1:5", rows[i].real_ip,
					   rows[i].list, &proxied),
				 rows[i].client);
		ck_assert_int_eq(proxied, rows[i].proxied);
	}
}
END_TEST

START_TEST(a_list_is_read_from_the_right_past_trusted_hops)
{
	static const struct {
		const char *list, *client;
	} rows[] = {
		{ "6.6.6.6, 1.1.1.1", "1.1.1.1:5" },
		{ "6.6.6.6, 1.1.1.1, 10.9.9.9", "1.1.1.1:5" },
		{ "6.6.6.6,1.1.1.1:77,10.9.9.9,2001:db8:ffff::7", "1.1.1.1:5" },
		{ "10.1.1.1, 10.2.2.2", "10.1.1.1:5" },
		{ "1.1.1.1, junk, 10.2.2.2", "10.2.2.2:5" },
		{ "1.1.1.1, ", "10.0.0.1:5" },
		{ ",,,", "10.0.0.1:5" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool proxied;
		ck_assert_str_eq(
			client_of("10.0.0.1:5", NULL, rows[i].list, &proxied),
			rows[i].client);
	}
}
END_TEST

/* A client, the edge of a content network, the site's own proxy, ours. */
START_TEST(the_last_proxys_view_does_not_beat_the_chain)
{
	bool proxied;

	ck_assert_str_eq(client_of("10.0.0.1:5", "10.7.0.1",
				   "203.0.113.9, 10.7.0.1", &proxied),
			 "203.0.113.9:5");
	ck_assert_str_eq(
		client_of("10.0.0.1:5", "6.6.6.6", "203.0.113.9", &proxied),
		"203.0.113.9:5");
}
END_TEST

START_TEST(forwarded_is_read_from_the_right)
{
	static const struct {
		const char *forwarded, *client;
		enum forwarded_proto proto;
	} rows[] = {
		{ "for=1.1.1.1", "1.1.1.1:5", FORWARDED_UNSAID },
		{ "For=\"1.1.1.1:47011\";Proto=https;by=10.0.0.1", "1.1.1.1:5",
		  FORWARDED_HTTPS },
		{ "proto=http; for=\"[2001:db8::17]:47011\"",
		  "[2001:db8::17]:5", FORWARDED_HTTP },
		{ "for=6.6.6.6;proto=http, for=1.1.1.1;proto=https, "
		  "for=10.2.2.2;proto=http",
		  "1.1.1.1:5", FORWARDED_HTTPS },
		{ "for=\"6.6.6.6, for=1.1.1.1", "1.1.1.1:5",
		  FORWARDED_UNSAID }, /* a quote that does not end */
		{ "for=1.1.1.1, for=unknown", "10.0.0.1:5", FORWARDED_UNSAID },
		{ "for=_hidden", "10.0.0.1:5", FORWARDED_UNSAID },
		{ "by=1.1.1.1", "10.0.0.1:5", FORWARDED_UNSAID },
		{ ";=;,", "10.0.0.1:5", FORWARDED_UNSAID },
		{ "", "10.0.0.1:5", FORWARDED_UNSAID },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[ADDR_TEXT_MAX];
		struct forwarded f = read_from(
			"10.0.0.1:5", (struct forwarded_headers){
					      .forwarded = rows[i].forwarded });
		ck_assert_str_eq(addr_format(&f.client, text), rows[i].client);
		ck_assert_int_eq(f.proto, rows[i].proto);
	}
}
END_TEST

START_TEST(the_first_word_of_the_protocol_is_the_clients)
{
	static const struct {
		const char *peer, *proto;
		enum forwarded_proto want;
	} rows[] = {
		{ "10.0.0.1:5", "https", FORWARDED_HTTPS },
		{ "10.0.0.1:5", "https, http", FORWARDED_HTTPS },
		{ "10.0.0.1:5", "http,https", FORWARDED_HTTP },
		{ "10.0.0.1:5", " HTTP ", FORWARDED_HTTP },
		{ "10.0.0.1:5", "wss", FORWARDED_HTTPS },
		{ "10.0.0.1:5", "ws", FORWARDED_HTTP },
		{ "10.0.0.1:5", "gopher", FORWARDED_UNSAID },
		{ "10.0.0.1:5", "", FORWARDED_UNSAID },
		{ "10.0.0.1:5", NULL, FORWARDED_UNSAID },
		{ "203.0.113.9:5", "https", FORWARDED_UNSAID },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forwarded f = read_from(
			rows[i].peer,
			(struct forwarded_headers){ .proto = rows[i].proto });
		ck_assert_int_eq(f.proto, rows[i].want);
	}
}
END_TEST

START_TEST(lists_of_networks_are_parsed)
{
	struct trusted t = proxies(" 10.0.0.0/8,, 127.0.0.1\t::1 ");
	struct addr a;

	ck_assert_uint_eq(t.n, 3);
	ck_assert_int_eq(addr_parse("::1", 0, &a), 0);
	ck_assert(trusted_has(&t, &a));
	ck_assert_int_eq(addr_parse("127.0.0.2", 0, &a), 0);
	ck_assert(!trusted_has(&t, &a));
	t = proxies("");
	ck_assert(!trusted_has(&t, &a));
}
END_TEST

START_TEST(bad_lists_of_networks_are_refused)
{
	char many[TRUSTED_MAX * 12 + 64] = "";
	char entry[ADDR_TEXT_MAX];
	struct trusted t;

	ck_assert_int_eq(trusted_parse("10.0.0.0/8, nginx", &t), -EINVAL);
	trusted_fault("10.0.0.0/8, nginx, x", entry);
	ck_assert_str_eq(entry, "nginx");
	ck_assert_int_eq(trusted_parse("10.0.0.0/99", &t), -EINVAL);
	memset(many, '1', sizeof(many) - 1);
	ck_assert_int_eq(trusted_parse(many, &t), -EINVAL);

	many[0] = '\0';
	for (int i = 0; i < TRUSTED_MAX; i++)
		strcat(many, "10.0.0.0/8,");
	ck_assert_int_eq(trusted_parse(many, &t), 0);
	strcat(many, "10.0.0.0/8");
	ck_assert_int_eq(trusted_parse(many, &t), -E2BIG);
	trusted_fault(many, entry);
	ck_assert_str_eq(entry, "");
}
END_TEST

UNIT_MAIN("forwarded", headers_of_a_stranger_are_ignored,
	  a_trusted_proxy_is_believed_and_the_port_stays,
	  a_list_is_read_from_the_right_past_trusted_hops,
	  the_last_proxys_view_does_not_beat_the_chain,
	  forwarded_is_read_from_the_right,
	  the_first_word_of_the_protocol_is_the_clients,
	  lists_of_networks_are_parsed, bad_lists_of_networks_are_refused)
