/*
 * ldap_entry: what a directory says of one person. Values are bytes with a
 * length; only those that are text become strings.
 */
#pragma once

#include "services/api/account/directory.h"
#include "services/api/account/ldap_conn.h"

struct ldap_entry {
	LDAPMessage *result; /* free it with ldap_msgfree() */
	LDAPMessage *entry;
	char *dn; /* free it with ldap_memfree() */
};

/* The one entry of NAME; more than one is as good as none. */
MUST_USE bool ldap_entry_find(struct ldap_conn *d, const char *name,
			      struct ldap_entry *out);
void ldap_entry_free(struct ldap_entry *e);

struct person ldap_entry_person(struct ldap_conn *d, const char *name,
				const struct ldap_entry *e);
