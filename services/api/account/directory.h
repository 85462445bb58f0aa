/*
 * directory: local accounts for people whom LDAP or an identity provider
 * vouches for. They are found again by the directory's stable id, never by
 * name: a directory user cannot take over a local account.
 */
#pragma once

#include "services/api/core/call.h"

struct person {
	const char *source; /* "ldap" or "oidc" */
	const char *ext;    /* stable id, unique over all directories */
	const char *name;
	const char *email;
	const char *display_name;
	struct json_object *groups;  /* names or DNs he is in */
	struct json_object *mapping; /* directory group -> user group name */
	const char *admin_group;     /* members are administrators; "" none */
	bool create;                 /* may be added */
};

/* The account, made or brought up to date. NULL: *WHY says why not. */
struct doc *directory_user(struct call *c, const struct person *p,
			   const char **why);
