/*
 * guest_link: how somebody without an account reaches devices that a user
 * reaches himself.
 *
 *   api:guestlink          the documents, found by the secret's SHA-256
 *   api:guest:owned:{user} set of the links that a user made
 *   policy:guest           hash guid -> what hbbs goes by (policy_row.h)
 *   policy:guest:used, policy:guest:last
 *                          hash guid -> sessions that hbbs let begin, and when
 *                          the last one did
 *
 * Whether the maker still reaches the devices himself is decided when somebody
 * connects, as for the maker.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

enum {
	GUEST_LINK_MAX = 10000,    /* a page of a list, a scan once an hour */
	GUEST_LINK_USER_MAX = 100, /* of one maker */
	GUEST_LINK_DEVICES = 20,
	GUEST_LINK_USES = 1000,
	GUEST_LINK_S = 90 * 86400,     /* longest life */
	GUEST_LINK_KEPT_S = 7 * 86400, /* in the list after that */
	GUEST_LINK_PIN_MIN = 4,
	GUEST_LINK_PIN_MAX = 64,
	GUEST_LINK_PIN_TRIES = 10, /* wrong ones, then it is revoked */
};

enum guest_state {
	GUEST_ACTIVE,
	GUEST_EXPIRED,
	GUEST_USED_UP,
	GUEST_REVOKED,
};

/* What hbbs has counted. */
struct guest_count {
	int64_t used, last_s;
};

/* Of N links, in one round trip each. */
struct guest_count *guest_link_counts(struct db *d, struct doc *const *links,
				      size_t n);
enum guest_state guest_link_state(const struct doc *link,
				  const struct guest_count *n, int64_t now_s);
/* {"id", "name", "online"} */
struct json_object *guest_link_device(const struct doc *dev,
				      struct peer_seen seen);
/* The devices of LINK that exist; *N is their number. */
struct doc **guest_link_devices(struct db *d, const struct doc *link,
				size_t *n);

/* doc_save() with the policy row and the maker's set. */
void guest_link_save(struct tx *t, struct doc *link);
/* Ends it and the sessions that run by it. */
void guest_link_revoke(struct tx *t, struct call *c, struct doc *link);
/* Takes it out of the list; the sessions end too. */
void guest_link_remove(struct tx *t, struct call *c, struct doc *link);
/* After the commit of either: ends sessions that devices told of meanwhile.
 * Whatever they tell from now on, connections_post() sees to. */
void guest_link_ended(struct call *c, const struct doc *link);
/* For the audit. */
const char *guest_link_name(struct call *c, const struct doc *link);

/* Removes what ended long ago and whose maker is gone, once an hour. */
void guest_link_tick(struct db *d);
