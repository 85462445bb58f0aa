/*
 * devices: the inventory.
 *
 * A device's guid is that of its hbbs record, so it stays when the id
 * changes. A deleted one is remembered in api:device:deleted (guid -> id)
 * and does not come back by itself: deploying, assigning or signing in on it
 * brings it back.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

enum { DEVICES_RELEASE_MAX = 300 }; /* rewritten in one transaction */

struct doc *device_by_id(struct db *d, const char *id);
/* The device of each of N ids, or NULL, in two round trips. */
struct doc **devices_by_id(struct db *d, const char *const *ids, size_t n);
/* A document for PEER that is not in the inventory: a new one, or what it was
 * when it was retired. */
struct doc *device_new(struct call *c, const char *id, const struct peer *p);
/* doc_save() with the index sets and the policy row. */
void device_save(struct tx *t, struct doc *dev);
void device_remove(struct tx *t, struct doc *dev);
/* Its presets wait no longer. */
void device_forget_wish(struct tx *t, const char *guid);
bool device_deleted(struct db *d, const char *guid);

const char *devices_owner_key(struct db *d, const char *user);
const char *devices_group_key(struct db *d, const char *group);

/* The name it was given, or its host's. */
const char *device_title(const struct doc *dev);
/* The client's name of the platform in sysinfo's "os", or "". */
const char *device_platform(const char *os);

/* A log-in on a device without owner makes the user its owner. */
void devices_claim(struct tx *t, struct call *c, const struct doc *user);
/* Takes all devices from an owner. 0, or -E2BIG: too many at once. */
MUST_USE int devices_release(struct tx *t, const char *user);
/* Takes all devices out of a group. 0 or -E2BIG. */
MUST_USE int devices_ungroup(struct tx *t, const char *group);
