/*
 * device_admin: the console's view of the inventory.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

/* Names of what a device refers to, "" for none. */
struct device_names {
	const char *user;
	const char *user_group;
	const char *device_group;
	const char *strategy;
};

/* A device as all lists show it; a new reference. */
struct json_object *device_view(const struct doc *dev,
				const struct device_names *n,
				struct peer_seen p);

/* The device of the path if the caller has P over it; else answered, NULL. */
struct doc *device_open(struct call *c, enum perm p);

/* Deletes DEV, which stays away; with its row in the audit. */
void device_bury(struct tx *t, struct call *c, struct doc *dev);

int devices_list(struct call *c);
int devices_show(struct call *c);
int devices_enable(struct call *c);
int devices_disable(struct call *c);
int devices_delete(struct call *c);
int devices_deleted(struct call *c);
int devices_restore(struct call *c);
