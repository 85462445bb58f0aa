/*
 * policy_row: the rows that policy.h reads, as the api writes them. Pure.
 */
#pragma once

#include "common/site/policy.h"

#define POLICY_REV_KEY  "policy:rev"
#define POLICY_CHANNEL  "policy:changed"
#define POLICY_SETTINGS "policy:settings"
#define POLICY_USERS    "policy:user"
#define POLICY_DEVICES  "policy:device"
#define POLICY_GROUPS   "policy:group"
#define POLICY_ROLES    "policy:role"
#define POLICY_DEPLOYED "policy:deployed"
#define POLICY_BANS     "policy:ban"
#define POLICY_BANS_REV "policy:ban:rev" /* another text at each change */
#define POLICY_GUESTS   "policy:guest"
#define POLICY_LEAVE    "policy:leave" /* copies that take another id */
/* Of each link: sessions that were let begin, and when the last one was. */
#define POLICY_GUEST_USED "policy:guest:used"
#define POLICY_GUEST_LAST "policy:guest:last"

/* A guest link: hbbs counts by it (guest.lua). */
struct policy_link {
	bool revoked;
	int64_t expires_s;      /* Unix time */
	int64_t uses;           /* 0: as many as wished */
	char role[POLICY_GUID]; /* control role; "": its maker's alone */
};

/* Each returns OUT; SIZE is POLICY_ROW_MAX for groups and POLICY_NAME_MAX + 128
 * for the others. */
const char *policy_write_settings(const struct policy_settings *s, char *out,
				  size_t size);
const char *policy_write_user(const struct policy_user *u, char *out,
			      size_t size);
const char *policy_write_device(const struct policy_device *d, char *out,
				size_t size);
const char *policy_write_group(const struct policy_group *g, char *out,
			       size_t size);
const char *policy_write_role(uint64_t permissions, char *out, size_t size);
const char *policy_write_guest(const struct policy_link *l, char *out,
			       size_t size);

const char *policy_kind_name(enum policy_kind kind);
