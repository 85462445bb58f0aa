/*
 * addr: an IP address with a port, and RustDesk's mangled form of it.
 *
 * Every address in the program has one representation: 16 bytes of IPv6 in
 * network order, IPv4 as ::ffff:a.b.c.d. An address seen on a dual-stack
 * socket and the same address seen on an IPv4 socket are therefore equal
 * (spec: wire-protocol 6.9 W16). The module is pure.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	ADDR_TEXT_MAX = 56,    /* "[v6]:port" with its NUL */
	CIDR_TEXT_MAX = 64,    /* "v6/128" likewise */
	ADDR_MANGLED_MAX = 18, /* the IPv6 form; IPv4 takes at most 11 */
};

struct addr {
	uint8_t ip[16]; /* network order, IPv4 mapped to ::ffff:0:0/96 */
	uint16_t port;  /* host order */
};

/* A network: the first BITS of IP, counted in the 128-bit form. */
struct cidr {
	uint8_t ip[16];
	uint8_t bits;
};

/* Converts any AF_INET or AF_INET6 address; others give [::]:0. Mapped and
 * IPv4-compatible IPv6 addresses become IPv4, ::1 stays (spec 3.1 step 0). */
struct addr addr_from_sockaddr(const struct sockaddr *sa);

/* Fills OUT for use on an AF_INET6 dual-stack socket (IPv4 as mapped). */
void addr_to_sockaddr6(const struct addr *a, struct sockaddr_in6 *out);

/* Fills OUT for a socket of FAMILY (AF_INET where the kernel has no IPv6; A
 * must be IPv4 then). Returns the length to pass with it. */
socklen_t addr_to_sockaddr(const struct addr *a, int family,
			   struct sockaddr_storage *out);

/*
 * Parses "1.2.3.4", "1.2.3.4:5", "2001:db8::1", "[2001:db8::1]",
 * "[2001:db8::1]:5". Numeric only. The address is taken as written ("::1.2.3.4"
 * stays IPv6). Returns 0, or -EINVAL.
 */
MUST_USE int addr_parse(const char *text, uint16_t default_port,
			struct addr *out);

/* Writes "1.2.3.4:5" or "[2001:db8::1]:5"; returns BUF. */
const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_MAX]);

/* Writes the address without port and brackets; returns BUF. */
const char *addr_format_ip(const struct addr *a,
			   char buf[static ADDR_TEXT_MAX]);

bool addr_is_v4(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
bool addr_is_unspecified(const struct addr *a); /* 0.0.0.0 or :: */
bool addr_eq(const struct addr *a, const struct addr *b);
bool addr_same_ip(const struct addr *a, const struct addr *b);

/* The address that limits count by: the IPv4 address itself, or the /64 of an
 * IPv6 address; the port is 0. */
struct addr addr_limit_key(const struct addr *a);

/* Parses "10.0.0.0/8", "2001:db8::/32" or a bare address. 0 or -EINVAL. */
MUST_USE int cidr_parse(const char *text, struct cidr *out);
bool cidr_contains(const struct cidr *c, const struct addr *a);
/* Clears the bits behind the prefix, so that equal networks are equal. */
void cidr_mask(struct cidr *c);
/* By prefix length, then address: as memcmp(). */
int cidr_cmp(const struct cidr *a, const struct cidr *b);
/* Is one of them part of the other? Both are masked. */
bool cidr_overlaps(const struct cidr *a, const struct cidr *b);
/* As cidr_parse() reads it; a single address has no prefix length. */
const char *cidr_text(const struct cidr *c, char out[static CIDR_TEXT_MAX]);

/*
 * Encodes A as spec 3.1 says; TM is the 32-bit salt (any value is valid).
 * Returns the length, 0..ADDR_MANGLED_MAX.
 */
size_t addr_mangle(const struct addr *a, uint32_t tm,
		   uint8_t out[static ADDR_MANGLED_MAX]);

/*
 * Decodes spec 3.2. Never fails: an impossible length gives [::]:0. An empty
 * input gives 0.0.0.0:0.
 */
struct addr addr_unmangle(const uint8_t *data, size_t len);
