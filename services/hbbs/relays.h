/*
 * relays: the relay servers that are handed out (spec 6.4).
 *
 * One is used as it is; of several, those that answered the last check take
 * turns. If none answers, the last working set stays in use: a wrong check
 * must not take the service away.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/attr.h"
#include "common/wire.h"

enum { RELAYS_MAX = 64 }; /* a list longer than this is a mistake */

struct relay_entry {
	char name[WIRE_RELAY_MAX + 1]; /* "host" or "host:port", as given */
	bool up;                       /* what the running check found */
	bool live;                     /* handed out */
};

struct relay_list {
	struct relay_entry list[RELAYS_MAX];
	size_t n;
	size_t next;         /* whose turn it is */
	unsigned generation; /* changes when the list is replaced */
};

/* Replaces the list by the comma-separated TEXT. 0, -EINVAL (an entry is
 * empty, too long or has a space) or -E2BIG; on failure nothing changes. */
MUST_USE int relays_parse(struct relay_list *l, const char *text);

/* The next relay, "" if none is configured. Valid until the list changes. */
const char *relays_next(struct relay_list *l);

/* True if TEXT is one of the configured relays. */
bool relays_has(const struct relay_list *l, const char *text);

/* The result of a round of checks is in .up of every entry: apply it. */
void relays_apply(struct relay_list *l);
