/*
 * peer: what hbbs knows about a device, read from its records in Redis.
 */
#pragma once

#include "services/api/core/call.h"

enum { PEER_UUID_MAX = 256 };

struct peer {
	char guid[GUID_TEXT];
	uint8_t uuid[PEER_UUID_MAX]; /* machine id as registered */
	size_t uuid_len;
	uint8_t pk[32];
	bool has_pk;
	bool no_register; /* keeps out of the inventory */
};

/* False: hbbs has no (readable) record of ID. */
bool peer_load(struct db *d, const char *id, struct peer *out);

/* The id that the device called ID has taken a moment ago, or NULL. */
const char *peer_moved(struct db *d, const char *id);

/* Does the base64 text UUID name the same machine? */
bool peer_same_machine(const struct peer *p, const char *uuid);

/* Online now, and when it was last (0: never), from the leases of hbbs. */
struct peer_seen {
	bool online;
	int64_t last_s;
};
struct peer_seen peer_seen(struct call *c, const char *id);
/* Of each of N ids, in one round trip. */
struct peer_seen *peers_seen(struct call *c, const char *const *ids, size_t n);
