#include "common/base/addr.h"
#include "common/base/le.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct addr) == 18, "no padding: usable as a map key");

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool has_mapped_prefix(const uint8_t ip[16])
{
	return memcmp(ip, mapped, sizeof(mapped)) == 0;
}

static void set_v4(struct addr *a, const void *four_bytes)
{
	memcpy(a->ip, mapped, sizeof(mapped));
	memcpy(a->ip + 12, four_bytes, 4);
}

/* Spec 3.1 step 0: ::a.b.c.d means a.b.c.d, but ::1 is itself. */
static void normalise(struct addr *a)
{
	static const uint8_t zero[12];
	static const uint8_t one[4] = { [3] = 1 };

	if (memcmp(a->ip, zero, sizeof(zero)) == 0 &&
	    memcmp(a->ip + 12, one, sizeof(one)) != 0)
		memcpy(a->ip, mapped, sizeof(mapped));
}

struct addr addr_from_sockaddr(const struct sockaddr *sa)
{
	struct addr a = { .port = 0 };

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		set_v4(&a, &in.sin_addr);
		a.port = ntohs(in.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		memcpy(a.ip, &in6.sin6_addr, sizeof(a.ip));
		a.port = ntohs(in6.sin6_port);
		normalise(&a);
	}
	return a;
}

void addr_to_sockaddr6(const struct addr *a, struct sockaddr_in6 *out)
{
	*out = (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = htons(a->port),
	};
	memcpy(&out->sin6_addr, a->ip, sizeof(a->ip));
}

socklen_t addr_to_sockaddr(const struct addr *a, int family,
			   struct sockaddr_storage *out)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(a->port),
	};

	if (family == AF_INET) {
		memcpy(&in.sin_addr, a->ip + 12, 4);
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	addr_to_sockaddr6(a, &in6);
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}

/* A bare address: no port, no brackets. */
static int parse_ip(const char *text, struct addr *out)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		set_v4(out, &v4);
	else if (inet_pton(AF_INET6, text, out->ip) != 1)
		return -EINVAL;
	return 0;
}

/* Decimal digits only: strtol would take signs and white space. */
static int parse_number(const char *text, unsigned max, unsigned *out)
{
	unsigned value = 0;
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9' && n < 5; n++)
		value = value * 10 + (unsigned)(text[n] - '0');
	if (n == 0 || text[n] || value > max)
		return -EINVAL;
	*out = value;
	return 0;
}

/*
 * Splits "host", "v4:port", "[v6]" or "[v6]:port" in place. *PORT stays NULL
 * if there is none. A bare IPv6 address has at least two colons.
 */
static int split_port(char *text, char **host, char **port)
{
	char *colon = strchr(text, ':');

	*host = text;
	*port = NULL;
	if (text[0] == '[') {
		char *end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':') || !strchr(text, ':'))
			return -EINVAL;
		*host = text + 1;
		*port = end[1] ? end + 2 : NULL;
		*end = '\0';
	} else if (colon && !strchr(colon + 1, ':')) {
		*colon = '\0';
		*port = colon + 1;
	}
	return 0;
}

int addr_parse(const char *text, uint16_t default_port, struct addr *out)
{
	char copy[ADDR_TEXT_MAX];
	char *host, *port;
	unsigned number = default_port;
	struct addr a;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	if (split_port(copy, &host, &port) < 0 || parse_ip(host, &a) < 0)
		return -EINVAL;
	if (port && parse_number(port, UINT16_MAX, &number) < 0)
		return -EINVAL;
	if (text[0] == '[' && !strchr(host, ':'))
		return -EINVAL; /* [1.2.3.4] */
	a.port = (uint16_t)number;
	*out = a;
	return 0;
}

const char *addr_format_ip(const struct addr *a, char buf[static ADDR_TEXT_MAX])
{
	if (addr_is_v4(a))
		inet_ntop(AF_INET, a->ip + 12, buf, ADDR_TEXT_MAX);
	else
		inet_ntop(AF_INET6, a->ip, buf, ADDR_TEXT_MAX);
	return buf;
}

const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_MAX])
{
	char ip[ADDR_TEXT_MAX];

	addr_format_ip(a, ip);
	snprintf(buf, ADDR_TEXT_MAX, addr_is_v4(a) ? "%.45s:%u" : "[%.45s]:%u",
		 ip, a->port);
	return buf;
}

bool addr_is_v4(const struct addr *a)
{
	return has_mapped_prefix(a->ip);
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (addr_is_v4(a))
		return a->ip[12] == 127;
	return memcmp(a->ip, one, sizeof(one)) == 0;
}

bool addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip + 12, zero, 4) == 0 &&
	       (addr_is_v4(a) || memcmp(a->ip, zero, 12) == 0);
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_same_ip(a, b);
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

struct addr addr_limit_key(const struct addr *a)
{
	struct addr key = *a;

	key.port = 0;
	if (!addr_is_v4(a))
		memset(key.ip + 8, 0, 8);
	return key;
}

int cidr_parse(const char *text, struct cidr *out)
{
	char copy[ADDR_TEXT_MAX];
	struct addr a;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	char *slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (parse_ip(copy, &a) < 0)
		return -EINVAL;

	/* "1.2.3.4/8" counts in the 32-bit form, "::ffff:1.2.3.4/104" does
	 * not, so the way it was written decides. */
	unsigned base = strchr(copy, ':') ? 0 : 96;
	unsigned bits = 128 - base;
	if (slash && parse_number(slash + 1, 128 - base, &bits) < 0)
		return -EINVAL;
	memcpy(out->ip, a.ip, sizeof(out->ip));
	out->bits = (uint8_t)(base + bits);
	return 0;
}

bool cidr_contains(const struct cidr *c, const struct addr *a)
{
	size_t whole = c->bits / 8;
	unsigned rest = c->bits % 8;

	if (memcmp(c->ip, a->ip, whole) != 0)
		return false;
	return rest == 0 || (c->ip[whole] ^ a->ip[whole]) >> (8 - rest) == 0;
}

void cidr_mask(struct cidr *c)
{
	for (size_t i = 0; i < sizeof(c->ip); i++) {
		size_t left = c->bits > 8 * i ? c->bits - 8 * i : 0;
		if (left < 8)
			c->ip[i] &= (uint8_t)(0xff00u >> left);
	}
}

int cidr_cmp(const struct cidr *a, const struct cidr *b)
{
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->ip, b->ip, sizeof(a->ip));
}

bool cidr_overlaps(const struct cidr *a, const struct cidr *b)
{
	const struct cidr *wide = a->bits < b->bits ? a : b;
	struct addr first = { .port = 0 };

	memcpy(first.ip, wide == a ? b->ip : a->ip, sizeof(first.ip));
	return cidr_contains(wide, &first);
}

const char *cidr_text(const struct cidr *c, char out[static CIDR_TEXT_MAX])
{
	struct addr a = { .port = 0 };
	char ip[ADDR_TEXT_MAX];

	memcpy(a.ip, c->ip, sizeof(a.ip));
	addr_format_ip(&a, ip);
	int bits = addr_is_v4(&a) && c->bits >= 96 ? c->bits - 96 : c->bits;
	int n = c->bits == 128
			? snprintf(out, CIDR_TEXT_MAX, "%s", ip)
			: snprintf(out, CIDR_TEXT_MAX, "%s/%d", ip, bits);
	assert(n > 0 && n < CIDR_TEXT_MAX);
	return out;
}

size_t addr_mangle(const struct addr *a, uint32_t tm,
		   uint8_t out[static ADDR_MANGLED_MAX])
{
	struct addr n = *a;

	normalise(&n);
	if (!addr_is_v4(&n)) {
		memcpy(out, n.ip, 16);
		le16_put(out + 16, n.port);
		return 18;
	}

	/* A 128-bit little-endian number: bits 0..16 port + low16(tm), bits
	 * 17..48 tm, bits 49..81 ip + tm. */
	uint64_t ip = le32_get(n.ip + 12);
	uint64_t sum = ip + tm;
	uint64_t lo =
		(n.port + (tm & 0xffffu)) | (uint64_t)tm << 17 | sum << 49;
	uint64_t hi = sum >> 15;
	le64_put(out, lo);
	le64_put(out + 8, hi);
	size_t len = 16;
	while (len > 0 && out[len - 1] == 0)
		len--;
	return len;
}

struct addr addr_unmangle(const uint8_t *data, size_t len)
{
	struct addr a = { .port = 0 };

	if (len == 18) {
		memcpy(a.ip, data, 16);
		a.port = (uint16_t)(data[16] | data[17] << 8);
		return a;
	}
	if (len > 16)
		return a;

	uint64_t half[2] = { 0, 0 };
	for (size_t i = 0; i < len; i++)
		half[i / 8] |= (uint64_t)data[i] << (8 * (i % 8));
	uint32_t tm = (uint32_t)(half[0] >> 17);
	uint32_t ip = (uint32_t)(half[0] >> 49 | half[1] << 15) - tm;
	uint8_t octets[4] = { (uint8_t)ip, (uint8_t)(ip >> 8),
			      (uint8_t)(ip >> 16), (uint8_t)(ip >> 24) };
	set_v4(&a, octets);
	a.port = (uint16_t)(half[0] - tm);
	return a;
}
