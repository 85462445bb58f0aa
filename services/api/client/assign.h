/*
 * assign: giving a device an owner, a group, a strategy, a place in an
 * address book, and its editable texts.
 *
 * The same fields come from the console, from `--assign`, and as presets
 * from the device; one table names them all.
 */
#pragma once

#include "services/api/core/call.h"

struct assign_field {
	const char *name;    /* in POST /api/devices/cli */
	const char *preset;  /* in sysinfo */
	const char *console; /* type in POST /api/devices/{guid}/assign */
	enum perm perm;
	/* NULL: belongs to another field. Returns NULL or what is wrong. */
	const char *(*apply)(struct tx *t, struct call *c, struct doc *dev,
			     struct json_object *in);
};

extern const struct assign_field assign_fields[];
extern const size_t assign_nfields;

int assign_device(struct call *c);   /* console and scripts */
int assign_by_cli(struct call *c);   /* rustdesk --assign */
int assign_deployed(struct call *c); /* rustdesk --deploy */
