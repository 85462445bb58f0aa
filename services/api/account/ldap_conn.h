/*
 * ldap_conn: one conversation with a directory, bounded in time.
 *
 * All steps together have LDAP_WAIT_S; a directory that does not answer is
 * remembered (core/outside.h) and spared for a while.
 */
#pragma once

#include <ldap.h>

#include "services/api/core/call.h"

enum {
	LDAP_WAIT_S = 5,            /* one conversation */
	LDAP_MESSAGE_MAX = 4 << 20, /* an entry in 20 000 groups */
};

struct ldap_conn {
	struct call *c;
	struct json_object *cfg; /* of the server, from the settings */
	LDAP *ld;
	struct ldap_conncb bound; /* bounds reads of what is half there */
	uint64_t began_ms;        /* 0: nobody was asked */
	bool silent;              /* it did not answer, or not in time */
	const char *why;          /* in words, after any failure */
};

/* Bounds what is read from SB, in time and in bytes: libldap makes room for
 * whatever length a message claims to have. */
void ldap_conn_bound(Sockbuf *sb);

/* Connects and binds as the server's own account. */
MUST_USE bool ldap_conn_open(struct ldap_conn *d);
/* Remembers whether it answered. */
void ldap_conn_close(struct ldap_conn *d);

/* PASSWORD is not empty. False also when the directory is silent. */
MUST_USE bool ldap_conn_bind(struct ldap_conn *d, const char *dn,
			     const char *password);
/* To be freed with ldap_msgfree(); NULL after a failure. */
MUST_USE LDAPMessage *ldap_conn_search(struct ldap_conn *d, const char *filter,
				       char **attrs, int limit);

/* RFC 4515: nothing that a user types can change a filter. */
const char *ldap_conn_escape(struct pool *p, const char *s);
/* The setting NAME, or DEF if it is empty. */
const char *ldap_conn_setting(const struct ldap_conn *d, struct field_text f,
			      const char *def);
