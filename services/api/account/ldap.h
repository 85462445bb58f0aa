/*
 * ldap: log-in against directories (libldap). The only file pair that names
 * it.
 */
#pragma once

#include "services/api/core/call.h"

enum { LDAP_WAIT_S = 5 }; /* for each step; a thread waits meanwhile */

/* The account of NAME if any configured directory accepts PASSWORD. */
struct doc *ldap_login(struct call *c, const char *name, const char *password);

/* POST /api/settings/ldap/test: name, username, password. */
int ldap_test(struct call *c);
