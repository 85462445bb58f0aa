/*
 * ipset: a sorted set of addresses and networks, for the block and throttle
 * lists (spec 6.5) and for bans.
 *
 * Looked up once per connection and once per change of a list, never per
 * byte. Addresses are in the 128-bit form, so an IPv4 entry matches the same
 * client on a dual-stack socket (spec 6.9 W16). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"

enum { IPSET_MAX = 100000 }; /* 1.7 MB; a longer list is a firewall's job */

struct ipset {
	struct cidr *nets; /* sorted by prefix length, then address */
	size_t n;
	size_t size; /* allocated */
};

void ipset_fini(struct ipset *s);

/* Adds one text ("1.2.3.4", "2001:db8::/32"). 0 (also if it was there),
 * -EINVAL, -ENOBUFS beyond IPSET_MAX, or -ENOMEM. */
MUST_USE int ipset_add(struct ipset *s, const char *text);
/* 0, -EINVAL or -ENOENT. */
MUST_USE int ipset_remove(struct ipset *s, const char *text);
void ipset_clear(struct ipset *s);

bool ipset_has(const struct ipset *s, const struct addr *a);

/* A deep copy into the zeroed OUT; 0 or -ENOMEM. */
MUST_USE int ipset_copy(const struct ipset *s, struct ipset *out);

enum {
	IPSET_BAD_SHOWN = 8,
	IPSET_BAD_MAX = 80,
	IPSET_TEXT_MAX = CIDR_TEXT_MAX
};

/* Lines of a list file that are no address. */
struct ipset_bad {
	unsigned n;
	char first[IPSET_BAD_SHOWN][IPSET_BAD_MAX]; /* "12: text", cut */
};

/*
 * Adds the lines of a list file: the first word of each line, empty lines and
 * lines starting with '#' are skipped. Lines that are no address are added to
 * BAD. 0, or -errno of ipset_add().
 */
MUST_USE int ipset_parse(struct ipset *s, const char *text,
			 struct ipset_bad *bad);

/* Entry I as text; OUT has IPSET_TEXT_MAX bytes. */
void ipset_text(const struct ipset *s, size_t i,
		char out[static IPSET_TEXT_MAX]);

/* Appends one entry per line. 0 or a buf error. */
MUST_USE int ipset_list(const struct ipset *s, struct buf *out);
