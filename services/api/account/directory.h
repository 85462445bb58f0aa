/*
 * directory: local accounts for people whom LDAP or an identity provider
 * vouches for. They are found again by the directory's stable id, never by
 * name: a directory user cannot take over a local account.
 *
 * An account keeps its link as "ext" ("ldap:{directory}:{id}"), and
 * api:user:ext leads back from there. A link that an earlier version, setting
 * or place of the entry left behind is renewed when exactly one account, of
 * the same name or e-mail address, fits; otherwise an administrator allows it
 * ("relink").
 */
#pragma once

#include "services/api/core/call.h"

struct person {
	const char *source;         /* "ldap" or "oidc" */
	const char *directory;      /* who gave the ids */
	const char *title;          /* its name in the settings */
	struct json_object *before; /* what it was called earlier */
	bool same_before;           /* it gave the same ids then */
	struct json_object *ids;    /* the one to keep comes first */
	const char *cut;            /* the id as version 1 stored it, or NULL */
	/* Does the id OLD of an account with the same name or address mean
	 * this person? */
	bool (*meant)(struct pool *p, const struct person *who,
		      const char *old);
	bool (*same_group)(struct pool *p, const char *a, const char *b);
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

/* POST /api/users/{guid}/relink: the next log-in as that person takes over the
 * account, whoever it belonged to. */
int directory_relink(struct call *c);
