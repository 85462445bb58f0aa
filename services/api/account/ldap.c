#include "services/api/account/ldap.h"

#include <string.h>

#include "common/base/log.h"
#include "services/api/account/directory.h"
#include "services/api/account/ldap_entry.h"
#include "services/api/core/options.h"

static const char silent[] = "The directory does not answer";

enum { DIRECTORIES_MS = 10000 }; /* all of them, for one log-in */

struct attempt {
	struct doc *user;
	bool refused;    /* a directory knows him, and not this password */
	const char *why; /* why there is no account, for the user */
	bool unanswered; /* a directory could not say anything */
};

static struct json_object *servers_of(struct call *c)
{
	return field_list(options_get(&c->db, "ldap"), LDAP_SERVERS);
}

bool ldap_enabled(struct call *c)
{
	struct json_object *servers = servers_of(c);

	for (size_t i = 0; i < js_len(servers); i++)
		if (field_bool(js_item(servers, i), SERVER_ENABLED, true))
			return true;
	return false;
}

static void try_entry(struct ldap_conn *d, struct attempt *a, const char *name,
		      const char *password, const struct ldap_entry *e)
{
	/* Read while the connection is not yet the user's: he may see less. */
	struct person p = ldap_entry_person(d, name, e);

	if (d->silent)
		return;
	if (ldap_conn_bind(d, e->dn, password))
		a->user = directory_user(d->c, &p, &a->why);
	else
		a->refused = !d->silent;
}

static void try_one(struct ldap_conn *d, struct attempt *a, const char *name,
		    const char *password)
{
	struct ldap_entry e = { 0 };
	bool open = ldap_conn_open(d);

	if (open && ldap_entry_find(d, name, &e))
		try_entry(d, a, name, password, &e);
	/* Refused by the directory's own account is a fault of the settings,
	 * not of the user. */
	a->unanswered |= d->silent || !open;
	if (!a->user)
		log_info("ldap", "server=%s: %s",
			 field_text(d->cfg, SERVER_NAME),
			 a->why   ? a->why
			 : d->why ? d->why
				  : "refused");
	ldap_entry_free(&e);
	ldap_conn_close(d);
}

struct doc *ldap_login(struct call *c, const char *name, const char *password,
		       const char **why)
{
	struct json_object *servers = servers_of(c);
	uint64_t until = app_tick_ms() + DIRECTORIES_MS;
	struct attempt a = { 0 };

	*why = NULL;
	if (!*password) /* an empty one would be an anonymous bind */
		return NULL;
	for (size_t i = 0; !a.user && !a.why && i < js_len(servers); i++) {
		struct ldap_conn d = { .c = c, .cfg = js_item(servers, i) };

		if (!field_bool(d.cfg, SERVER_ENABLED, true))
			continue;
		if (app_tick_ms() < until)
			try_one(&d, &a, name, password);
		else
			a.unanswered = true;
	}
	if (!a.user && !a.refused)
		*why = a.why ? a.why : a.unanswered ? silent : NULL;
	return a.user;
}

static int test_one(struct call *c, struct ldap_conn *d)
{
	const char *user = js_text(c->in, "username");
	struct ldap_entry e = { 0 };
	bool good = ldap_conn_open(d);

	if (good && *user)
		good = ldap_entry_find(d, user, &e);
	ldap_entry_free(&e);
	ldap_conn_close(d);
	return good ? call_empty(c)
		    : call_error(c, 400, d->why ? d->why : "failed");
}

int ldap_test(struct call *c)
{
	struct json_object *servers = servers_of(c);

	if (!call_lane(c, LANE_WORLD, "ldap"))
		return CALL_LATER;
	for (size_t i = 0; i < js_len(servers); i++) {
		struct ldap_conn d = { .c = c, .cfg = js_item(servers, i) };

		if (strcmp(field_text(d.cfg, SERVER_NAME),
			   js_text(c->in, "name")) == 0)
			return test_one(c, &d);
	}
	return call_missing(c);
}
