/*
 * ldap: log-in against directories (libldap; the file pairs ldap* name it).
 */
#pragma once

#include "services/api/core/call.h"

/* Is there a directory to ask? */
bool ldap_enabled(struct call *c);

/*
 * The account of NAME if any configured directory accepts PASSWORD. NULL with
 * *WHY NULL: name or password are wrong. NULL with *WHY: neither can be said,
 * because a directory that may know him does not answer or because he has no
 * account here; *WHY is for the user, and nothing was guessed.
 */
struct doc *ldap_login(struct call *c, const char *name, const char *password,
		       const char **why);

/* POST /api/settings/ldap/test: name, username. */
int ldap_test(struct call *c);
