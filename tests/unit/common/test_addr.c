#include <arpa/inet.h>
#include <errno.h>

#include "common/base/addr.h"
#include "tests/unit/unit.h"

static struct addr parsed(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(text, 0, &a) == 0, "cannot parse %s", text);
	return a;
}

static const char *text_of(struct addr a)
{
	static char buf[ADDR_TEXT_MAX];

	return addr_format(&a, buf);
}

/* As the kernel would hand it over. */
static struct addr from_v6(const char *ip, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };

	ck_assert_int_eq(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
	return addr_from_sockaddr((struct sockaddr *)&in6);
}

/* Spec 3.4. */
static const struct {
	const char *address;
	uint32_t tm;
	const char *bytes;
} vectors[] = {
	{ "192.168.16.32:21116", 0x00000000, "7c520000000080512140" },
	{ "192.168.16.32:21116", 0x12345678, "f4a8f0ac682470fe8964" },
	{ "1.2.3.4:65535", 0xffffffff, "feffffffffff0104060802" },
	{ "255.255.255.255:65535", 0xffffffff, "fefffffffffffdffffff03" },
	{ "0.0.0.0:0", 0x00000000, "" },
	{ "0.0.0.0:0", 0x00000001, "01000200000002" },
	{ "127.0.0.1:8080", 0x00010000, "901f00000200fe000202" },
	{ "[::ffff:127.0.0.1]:8080", 0x00010000, "901f00000200fe000202" },
	{ "[::127.0.0.1]:8080", 0x00010000, "901f00000200fe000202" },
	{ "203.0.113.7:50000", 0xdeadbeef, "3f82df7d5bbd757f3dcc01" },
	{ "203.0.113.7:0", 0xdeadbeef, "efbede7d5bbd757f3dcc01" },
	{ "8.8.8.8:53", 0x0000ffff, "3400ffff01000e101210" },
	{ "10.0.0.1:1", 0x80000000, "0100000000001500000201" },
	{ "[::1]:8080", 0, "00000000000000000000000000000001901f" },
	{ "[2001:db8::1]:8080", 7, "20010db8000000000000000000000001901f" },
	{ "[fe80::1]:443", 0, "fe800000000000000000000000000001bb01" },
};

START_TEST(mangling_gives_the_bytes_of_the_table)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct addr a = parsed(vectors[i].address);
		uint8_t out[ADDR_MANGLED_MAX];
		size_t n = addr_mangle(&a, vectors[i].tm, out);
		ck_assert_str_eq(tohex(out, n), vectors[i].bytes);
	}
}
END_TEST

START_TEST(unmangling_the_table_gives_the_addresses_back)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		uint8_t bytes[ADDR_MANGLED_MAX];
		size_t n = unhex(vectors[i].bytes, bytes, sizeof(bytes));
		struct addr got = addr_unmangle(bytes, n);
		struct addr want = parsed(vectors[i].address);
		if (strstr(vectors[i].address, "::127"))
			want = parsed("127.0.0.1:8080");
		ck_assert_msg(addr_eq(&got, &want), "%s", text_of(got));
	}
}
END_TEST

START_TEST(unmangling_never_fails)
{
	static const struct {
		size_t len;
		int byte;
		const char *address;
	} rows[] = {
		{ 0, 0, "0.0.0.0:0" },     { 1, 1, "0.0.0.0:1" },
		{ 16, 0, "0.0.0.0:0" },    { 16, 0xff, "0.0.0.0:0" },
		{ 17, 0xff, "[::]:0" },    { 18, 0, "[::]:0" },
		{ 11, 0xff, "0.0.0.0:0" }, { 19, 0x11, "[::]:0" },
		{ 64, 0x11, "[::]:0" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[64];
		memset(bytes, rows[i].byte, sizeof(bytes));
		struct addr got = addr_unmangle(bytes, rows[i].len);
		ck_assert_str_eq(text_of(got), rows[i].address);
	}
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

START_TEST(a_million_random_addresses_survive_mangling)
{
	uint64_t state = 0x9e3779b97f4a7c15;

	for (int i = 0; i < 1000000; i++) {
		uint8_t out[ADDR_MANGLED_MAX];
		struct addr a = parsed(i % 4 ? "0.0.0.0" : "[2001:db8::]");
		uint64_t r = next_random(&state);
		memcpy(a.ip + 12, &r, 4);
		a.port = (uint16_t)(r >> 32);
		size_t n = addr_mangle(&a, (uint32_t)next_random(&state), out);
		struct addr back = addr_unmangle(out, n);
		ck_assert_uint_le(n, i % 4 ? 11 : 18);
		ck_assert(addr_eq(&a, &back));
	}
}
END_TEST

START_TEST(kernel_addresses_have_one_form)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(5) };
	struct sockaddr unix_sa = { .sa_family = AF_UNIX };

	inet_pton(AF_INET, "1.2.3.4", &in.sin_addr);
	struct addr v4 = addr_from_sockaddr((struct sockaddr *)&in);
	struct addr mapped = from_v6("::ffff:1.2.3.4", 5);
	struct addr compatible = from_v6("::1.2.3.4", 5);

	ck_assert_str_eq(text_of(v4), "1.2.3.4:5");
	ck_assert(addr_eq(&v4, &mapped) && addr_eq(&v4, &compatible));
	ck_assert_str_eq(text_of(from_v6("::1", 5)), "[::1]:5");
	ck_assert_str_eq(text_of(from_v6("::", 5)), "0.0.0.0:5");
	ck_assert_str_eq(text_of(from_v6("fe80::1", 5)), "[fe80::1]:5");
	ck_assert_str_eq(text_of(addr_from_sockaddr(&unix_sa)), "[::]:0");
}
END_TEST

START_TEST(addresses_go_back_to_the_kernel_in_either_family)
{
	struct addr a = parsed("1.2.3.4:5");
	struct sockaddr_storage ss;
	struct sockaddr_in6 in6;
	char text[INET6_ADDRSTRLEN];

	ck_assert_uint_eq(addr_to_sockaddr(&a, AF_INET, &ss),
			  sizeof(struct sockaddr_in));
	struct addr back = addr_from_sockaddr((struct sockaddr *)&ss);
	ck_assert(addr_eq(&a, &back));
	ck_assert_uint_eq(addr_to_sockaddr(&a, AF_INET6, &ss), sizeof(in6));
	back = addr_from_sockaddr((struct sockaddr *)&ss);
	ck_assert(addr_eq(&a, &back));

	addr_to_sockaddr6(&a, &in6);
	inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
	ck_assert_str_eq(text, "::ffff:1.2.3.4");
	ck_assert_uint_eq(ntohs(in6.sin6_port), 5);
}
END_TEST

START_TEST(texts_that_are_addresses_are_parsed)
{
	static const struct {
		const char *text, *result;
	} rows[] = {
		{ "1.2.3.4", "1.2.3.4:99" },
		{ "1.2.3.4:5", "1.2.3.4:5" },
		{ "1.2.3.4:0", "1.2.3.4:0" },
		{ "1.2.3.4:65535", "1.2.3.4:65535" },
		{ "::1", "[::1]:99" },
		{ "2001:db8::1", "[2001:db8::1]:99" },
		{ "[2001:db8::1]", "[2001:db8::1]:99" },
		{ "[2001:db8::1]:5", "[2001:db8::1]:5" },
		{ "::ffff:1.2.3.4", "1.2.3.4:99" },
		{ "[::ffff:1.2.3.4]:5", "1.2.3.4:5" },
		{ "::", "[::]:99" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a;
		ck_assert_int_eq(addr_parse(rows[i].text, 99, &a), 0);
		ck_assert_str_eq(text_of(a), rows[i].result);
	}
}
END_TEST

START_TEST(texts_that_are_no_addresses_are_refused)
{
	static const char *const rows[] = {
		"",
		" ",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.4:",
		"1.2.3.4:65536",
		"1.2.3.4:-1",
		"1.2.3.4:+1",
		"1.2.3.4: 5",
		"1.2.3.4:5x",
		"1.2.3.4:000001",
		"[1.2.3.4]",
		"[1.2.3.4]:5",
		"[::1",
		"::1]",
		"[::1]5",
		"[::1]:",
		"[]:5",
		"host:5",
		"1.2.3.4 ",
		"2001:db8::1::2",
		"11111111111111111111111111111111111111111111111111111111111",
	};
	struct addr a = parsed("9.9.9.9:9");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(addr_parse(rows[i], 1, &a) == -EINVAL, "%s",
			      rows[i]);
	ck_assert_str_eq(text_of(a), "9.9.9.9:9");
}
END_TEST

START_TEST(properties_of_addresses_are_told)
{
	static const struct {
		const char *text;
		bool v4, loopback, unspecified;
	} rows[] = {
		{ "127.0.0.1", true, true, false },
		{ "127.255.0.9", true, true, false },
		{ "128.0.0.1", true, false, false },
		{ "0.0.0.0", true, false, true },
		{ "0.0.0.1", true, false, false },
		{ "::", false, false, true },
		{ "::1", false, true, false },
		{ "2001:db8::", false, false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = parsed(rows[i].text);
		ck_assert_int_eq(addr_is_v4(&a), rows[i].v4);
		ck_assert_int_eq(addr_is_loopback(&a), rows[i].loopback);
		ck_assert_int_eq(addr_is_unspecified(&a), rows[i].unspecified);
	}
	struct addr a = parsed("1.2.3.4:5"), b = parsed("1.2.3.4:6");
	ck_assert(addr_same_ip(&a, &b) && !addr_eq(&a, &b));
}
END_TEST

START_TEST(limits_count_an_ipv4_address_or_an_ipv6_network)
{
	struct addr v4 = parsed("1.2.3.4:5");
	struct addr v6 = parsed("[2001:db8:1:2:3:4:5:6]:7");

	ck_assert_str_eq(text_of(addr_limit_key(&v4)), "1.2.3.4:0");
	ck_assert_str_eq(text_of(addr_limit_key(&v6)), "[2001:db8:1:2::]:0");
}
END_TEST

START_TEST(networks_contain_what_their_bits_say)
{
	static const struct {
		const char *net, *address;
		bool inside;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.1.2.3/8", "10.9.9.9", true },
		{ "192.168.16.0/20", "192.168.31.255", true },
		{ "192.168.16.0/20", "192.168.32.0", false },
		{ "1.2.3.4", "1.2.3.4", true },
		{ "1.2.3.4", "1.2.3.5", false },
		{ "1.2.3.4/32", "1.2.3.5", false },
		{ "0.0.0.0/0", "9.8.7.6", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "9.8.7.6", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::ffff:10.0.0.0/104", "10.1.1.1", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = parsed(rows[i].address);
		struct cidr c;
		ck_assert_int_eq(cidr_parse(rows[i].net, &c), 0);
		ck_assert_msg(cidr_contains(&c, &a) == rows[i].inside,
			      "%s in %s", rows[i].address, rows[i].net);
	}
}
END_TEST

START_TEST(bad_networks_are_refused)
{
	static const char *const rows[] = {
		"",
		"/8",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/-1",
		"::/129",
		"10.0.0.0/8/8",
		"10.0.0.0/08x",
		"10.0.0.0:5/8",
		"[::1]/64",
		"private",
	};
	struct cidr c;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(cidr_parse(rows[i], &c) == -EINVAL, "%s",
			      rows[i]);
}
END_TEST

UNIT_MAIN("addr", mangling_gives_the_bytes_of_the_table,
	  unmangling_the_table_gives_the_addresses_back, unmangling_never_fails,
	  a_million_random_addresses_survive_mangling,
	  kernel_addresses_have_one_form,
	  addresses_go_back_to_the_kernel_in_either_family,
	  texts_that_are_addresses_are_parsed,
	  texts_that_are_no_addresses_are_refused,
	  properties_of_addresses_are_told,
	  limits_count_an_ipv4_address_or_an_ipv6_network,
	  networks_contain_what_their_bits_say, bad_networks_are_refused)
