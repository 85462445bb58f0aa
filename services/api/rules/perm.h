/*
 * perm: what an administrator role allows, as pure rules.
 *
 * A role has a scope: global, individual (the holder's own devices and logs)
 * or group (users, devices and device groups of the groups it lists). A
 * user's rights are the union of the roles. An API token has areas instead,
 * each read or read-write, and is always global.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum area {
	AREA_NONE, /* never by API token */
	AREA_DEVICE,
	AREA_AUDIT,
	AREA_USER,
	AREA_GROUP,
	AREA_STRATEGY,
	AREA_BOOK,
	AREAS,
};

/* id, name in roles and in the API, area, writes, scopes: I and G allowed */
#define PERMS(X)                                                               \
	X(USER_VIEW, "users.view", USER, 0, 0, 1)                              \
	X(USER_CREATE, "users.create", USER, 1, 0, 1)                          \
	X(USER_INVITE, "users.invite", USER, 1, 0, 1)                          \
	X(USER_DELETE, "users.delete", USER, 1, 0, 1)                          \
	X(USER_ENABLE, "users.enable", USER, 1, 0, 1)                          \
	X(USER_EMAIL, "users.email", USER, 1, 0, 1)                            \
	X(USER_PASSWORD, "users.password", USER, 1, 0, 1)                      \
	X(USER_NOTE, "users.note", USER, 1, 0, 1)                              \
	X(USER_2FA, "users.2fa", USER, 1, 0, 1)                                \
	X(USER_LOGOUT, "users.logout", USER, 1, 0, 1)                          \
	X(USER_GROUP, "users.group", USER, 1, 0, 0)                            \
	X(USER_STRATEGY, "users.strategy", STRATEGY, 1, 0, 1)                  \
	X(USER_ROLE, "users.role", USER, 1, 0, 1)                              \
	X(DEVICE_VIEW, "devices.view", DEVICE, 0, 1, 1)                        \
	X(DEVICE_ENABLE, "devices.enable", DEVICE, 1, 1, 1)                    \
	X(DEVICE_DELETE, "devices.delete", DEVICE, 1, 1, 1)                    \
	X(DEVICE_INFO, "devices.info", DEVICE, 1, 1, 1)                        \
	X(DEVICE_ASSIGN, "devices.assign", DEVICE, 1, 0, 0)                    \
	X(DEVICE_GROUP, "devices.group", DEVICE, 1, 0, 0)                      \
	X(DEVICE_STRATEGY, "devices.strategy", STRATEGY, 1, 1, 1)              \
	X(UGROUP_VIEW, "user-groups.view", GROUP, 0, 0, 1)                     \
	X(UGROUP_EDIT, "user-groups.edit", GROUP, 1, 0, 1)                     \
	X(DGROUP_VIEW, "device-groups.view", GROUP, 0, 0, 1)                   \
	X(DGROUP_EDIT, "device-groups.edit", GROUP, 1, 0, 1)                   \
	X(DGROUP_STRATEGY, "device-groups.strategy", STRATEGY, 1, 0, 1)        \
	X(AUDIT_VIEW, "audits.view", AUDIT, 0, 1, 0)                           \
	X(AUDIT_EDIT, "audits.edit", AUDIT, 1, 1, 0)                           \
	X(RECORDING_VIEW, "recordings.view", NONE, 0, 1, 1)                    \
	X(RECORDING_DELETE, "recordings.delete", NONE, 1, 1, 1)                \
	X(STRATEGY_VIEW, "strategies.view", STRATEGY, 0, 0, 0)                 \
	X(STRATEGY_EDIT, "strategies.edit", STRATEGY, 1, 0, 0)                 \
	X(ROLE_VIEW, "control-roles.view", NONE, 0, 0, 0)                      \
	X(ROLE_EDIT, "control-roles.edit", NONE, 1, 0, 0)

enum perm {
	PERM_NONE, /* any signed-in user */
#define X(id, name, area, w, i, g) PERM_##id,
	PERMS(X)
#undef X
		PERM_ADMIN, /* full administrators only */
	PERM_COUNT,
};

enum scope { SCOPE_GLOBAL, SCOPE_INDIVIDUAL, SCOPE_GROUP };

enum { GRANT_GROUPS_MAX = 64 };

struct grant {
	enum scope scope;
	uint64_t perms;  /* bit per enum perm */
	bool unassigned; /* group scope: devices without owner and group */
	size_t nug, ndg;
	const char *ug[GRANT_GROUPS_MAX]; /* user group guids */
	const char *dg[GRANT_GROUPS_MAX]; /* device group guids */
};

/* What an action is about; NULL or "" where it does not apply. */
struct target {
	const char *user;   /* the user, or the device's owner */
	const char *ugroup; /* that user's group, or the group itself */
	const char *dgroup; /* the device's group, or the group itself */
	bool device;        /* it is a device (or its audit) */
};

const char *perm_name(enum perm p);
enum perm perm_parse(const char *name); /* PERM_COUNT if unknown */
enum area perm_area(enum perm p);
bool perm_writes(enum perm p);
const char *area_name(enum area a);

/* Adds the view right that each edit right implies, and takes away what the
 * scope cannot have. */
uint64_t perm_effective(enum scope scope, uint64_t perms);

/* Does any grant give P at all? */
bool perm_any(const struct grant *g, size_t n, enum perm p);
/* Does one give P for the whole server? */
bool perm_global(const struct grant *g, size_t n, enum perm p);
/* Does MINE allow everything that HIS allows, wherever HIS allows it? HIS_SELF
 * and HIS_GROUP are that user's guid and user group. */
bool perm_covers(const struct grant *mine, size_t n, const char *self,
		 const struct grant *his, size_t nhis, const char *his_self,
		 const char *his_group);
/* Does one give P for this target? SELF is the acting user's guid. */
bool perm_may(const struct grant *g, size_t n, enum perm p, const char *self,
	      const struct target *t);
