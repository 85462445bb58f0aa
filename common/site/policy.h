/*
 * policy: who may connect to what. Pure: rows of text in, verdict out.
 *
 * The api writes the rows at each change; hbbs reads those of one request with
 * one script call and decides. Both use this file, so the test of a rule and
 * its effect in signalling cannot differ.
 * ARCHITECTURE.md, "Policy", describes the rows; policy_row.h writes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/policy_permission.h"

enum {
	POLICY_GUID = 37,       /* UUID text with its NUL */
	POLICY_NAME_MAX = 256,  /* display name of a user, with its NUL */
	POLICY_RULES_MAX = 256, /* entries in one direction of one group */
	POLICY_ROW_MAX = 40 * 2 * POLICY_RULES_MAX + 64,
};

/* What policy_lookup.lua answers, in order. */
enum policy_row {
	POLICY_ROW_SETTINGS,
	POLICY_ROW_USER, /* of the token; nil: not signed in */
	POLICY_ROW_USER_GROUP,
	POLICY_ROW_ROLE,   /* control role that applies to the asker */
	POLICY_ROW_DEVICE, /* nil: unknown to the inventory */
	POLICY_ROW_OWNER,
	POLICY_ROW_OWNER_GROUP,
	POLICY_ROW_DEVICE_GROUP,
	POLICY_ROW_USER_GUID,  /* of the token, plain */
	POLICY_ROW_GUEST,      /* guest link of the token, plain; "-": it does
				  not lead here; nil: it is nobody's guest */
	POLICY_ROW_GUEST_ROLE, /* control role of that link; nil: none */
	POLICY_ROWS,
};

enum policy_mode {
	POLICY_OFF,      /* only disabled users and devices are refused */
	POLICY_ASSIGNED, /* rules for devices with an owner or a group */
	POLICY_STRICT,   /* and nobody connects without signing in */
};
/* What the controller wants; equal to ConnType of rendezvous.proto. */
enum policy_kind {
	POLICY_REMOTE,
	POLICY_FILE,
	POLICY_FORWARD,
	POLICY_RDP,
	POLICY_CAMERA,
	POLICY_TERMINAL,
};

struct policy_settings {
	enum policy_mode mode;
	bool require_deployment; /* NOT_DEPLOYED for unknown devices */
};

struct policy_user {
	bool known;
	bool disabled;
	char guid[POLICY_GUID];
	char group[POLICY_GUID]; /* "" without one */
	char role[POLICY_GUID];  /* control role; "" = Default */
	char name[POLICY_NAME_MAX];
};

struct policy_device {
	bool disabled;
	bool deleted;            /* by an administrator: stays away */
	char owner[POLICY_GUID]; /* "" without one */
	char group[POLICY_GUID];
};

enum policy_subject {
	POLICY_USER = 'u',
	POLICY_USER_GROUP = 'g',
	POLICY_DEVICE_GROUP = 'd',
};

struct policy_ref {
	char kind; /* enum policy_subject */
	char guid[POLICY_GUID];
};

struct policy_group {
	size_t nin, nout;
	struct policy_ref in[POLICY_RULES_MAX];  /* who may connect to it */
	struct policy_ref out[POLICY_RULES_MAX]; /* what it may connect to */
};

/* Somebody whom the user of the token lets in by a guest link: he may what the
 * user may, narrowed by the link's control role. */
struct policy_guest {
	bool shown;
	char link[POLICY_GUID]; /* "": the link does not lead to this device */
};

/* All that bears on one request. About 60 kB: keep one, not one per call. */
struct policy_facts {
	struct policy_settings settings;
	uint64_t permissions; /* of the control role (a guest's: narrowed), as
				 the protocol has it */
	struct policy_user user;
	struct policy_guest guest;
	struct policy_user owner;
	struct policy_device device;
	struct policy_group user_group;
	struct policy_group owner_group;
	struct policy_group device_group;
};

enum policy_reason {
	POLICY_OK,
	POLICY_USER_DISABLED,
	POLICY_DEVICE_DISABLED,
	POLICY_OWNER_DISABLED,
	POLICY_SIGN_IN,
	POLICY_NO_RULE,
	POLICY_ROLE,
	POLICY_GUEST, /* his link, or who made it, may not */
};

struct policy_verdict {
	enum policy_reason reason;
	const char *text;     /* for the user; "" when allowed */
	const char *label;    /* for logs and metrics */
	uint64_t permissions; /* ControlPermissions.permissions; 0: none */
};

/* Rows of policy_lookup.lua; NULL for nil. 0, or -EINVAL for a row that this
 * version cannot read: refuse then, do not guess. */
MUST_USE int policy_read(struct policy_facts *f,
			 const char *const rows[static POLICY_ROWS]);
/* One row of its kind, or NULL; 0 or -EINVAL. A user's guid is not in it. */
MUST_USE int policy_read_settings(const char *row, struct policy_settings *s);
MUST_USE int policy_read_user(const char *row, struct policy_user *u);
MUST_USE int policy_read_device(const char *row, struct policy_device *d);
MUST_USE int policy_read_group(const char *row, struct policy_group *g);
MUST_USE int policy_read_role(const char *row, uint64_t *permissions);

struct policy_verdict policy_decide(const struct policy_facts *f,
				    enum policy_kind kind);
