#include "services/api/account/ldap.h"

#include <ldap.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/log.h"
#include "services/api/account/directory.h"
#include "services/api/core/options.h"

struct directory {
	struct call *c;
	struct json_object *cfg;
	LDAP *ld;
	const char *why;
};

static bool ok(struct directory *d, int rc)
{
	if (rc == LDAP_SUCCESS)
		return true;
	d->why = ldap_err2string(rc);
	return false;
}

static int bind_as(struct directory *d, const char *dn, const char *password)
{
	struct berval cred = { strlen(password), (char *)(uintptr_t)password };

	return ldap_sasl_bind_s(d->ld, dn, LDAP_SASL_SIMPLE, &cred, NULL, NULL,
				NULL);
}

static void set_tls(struct directory *d)
{
	int require = js_bool(d->cfg, "tls_verify", true)
			      ? LDAP_OPT_X_TLS_DEMAND
			      : LDAP_OPT_X_TLS_NEVER;
	int client = 0;

	ldap_set_option(d->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &require);
	/* "ca" names a file: libldap takes no PEM from memory. */
	if (*js_text(d->cfg, "ca"))
		ldap_set_option(d->ld, LDAP_OPT_X_TLS_CACERTFILE,
				js_text(d->cfg, "ca"));
	ldap_set_option(d->ld, LDAP_OPT_X_TLS_NEWCTX, &client);
}

static bool open_directory(struct directory *d)
{
	struct timeval wait = { LDAP_WAIT_S, 0 };
	int version = LDAP_VERSION3;
	struct call *c = d->c;

	if (!ok(d, ldap_initialize(&d->ld, js_text(d->cfg, "url"))))
		return false;
	ldap_set_option(d->ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(d->ld, LDAP_OPT_NETWORK_TIMEOUT, &wait);
	ldap_set_option(d->ld, LDAP_OPT_TIMEOUT, &wait);
	ldap_set_option(d->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	set_tls(d);
	if (js_bool(d->cfg, "starttls", false) &&
	    !ok(d, ldap_start_tls_s(d->ld, NULL, NULL)))
		return false;
	const char *dn = js_text(d->cfg, "bind_dn");
	const char *password = seal_open(&c->app->seal, &c->pool,
					 js_text(d->cfg, "bind_password"));
	/* Also anonymously: it is the first word that reaches the server. */
	return ok(d, bind_as(d, dn, password && *dn ? password : ""));
}

/* RFC 4515: nothing that a user types can change the filter. */
static const char *escape(struct pool *p, const char *s)
{
	char *out = pool_alloc(p, strlen(s) * 3 + 1), *o = out;

	for (; *s; s++) {
		if (strchr("*()\\", *s) || (unsigned char)*s >= 0x80)
			o += sprintf(o, "\\%02x", (unsigned char)*s);
		else
			*o++ = *s;
	}
	return out;
}

static const char *filter_of(struct directory *d, const char *name)
{
	struct json_object *attrs = js_arr(d->cfg, "username_attributes");
	const char *own = js_text(d->cfg, "filter");
	const char *value = escape(&d->c->pool, name);
	const char *any =
		js_len(attrs) ? ""
			      : call_fmt(d->c, "(uid=%s)(cn=%s)", value, value);

	for (size_t i = 0; i < js_len(attrs); i++)
		any = call_fmt(d->c, "%s(%s=%s)", any, js_at(attrs, i), value);
	return call_fmt(d->c, "(&%s(|%s))", *own ? own : "(objectClass=*)",
			any);
}

static LDAPMessage *search(struct directory *d, const char *filter,
			   char **attrs, int limit)
{
	struct timeval wait = { LDAP_WAIT_S, 0 };
	bool one = strcmp(js_text(d->cfg, "scope"), "one") == 0;
	LDAPMessage *found = NULL;
	int rc = ldap_search_ext_s(
		d->ld, js_text(d->cfg, "base_dn"),
		one ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE, filter, attrs,
		0, NULL, NULL, &wait, limit, &found);

	if (ok(d, rc))
		return found;
	ldap_msgfree(found);
	return NULL;
}

static const char *setting(struct directory *d, const char *name,
			   const char *def)
{
	const char *v = js_text(d->cfg, name);

	return *v ? v : def;
}

/* All values of an attribute as an array. */
static struct json_object *values(struct directory *d, LDAPMessage *e,
				  const char *attr)
{
	struct json_object *out = call_array(d->c);
	struct berval **v = ldap_get_values_len(d->ld, e, attr);

	for (int i = 0; v && v[i]; i++)
		js_push(out, json_object_new_string_len(v[i]->bv_val,
							(int)v[i]->bv_len));
	ldap_value_free_len(v);
	return out;
}

static const char *value(struct directory *d, LDAPMessage *e, const char *attr)
{
	return js_at(values(d, e, attr), 0);
}

/* Groups from the entry itself, or, for "member", by searching for it. */
static struct json_object *groups_of(struct directory *d, LDAPMessage *e,
				     const char *dn)
{
	const char *attr = setting(d, "group_attribute", "memberOf");
	char none[] = LDAP_NO_ATTRS, *attrs[] = { none, NULL };

	if (strcasecmp(attr, "member") != 0)
		return values(d, e, attr);
	struct json_object *out = call_array(d->c);
	LDAPMessage *found = search(
		d, call_fmt(d->c, "(member=%s)", escape(&d->c->pool, dn)),
		attrs, 1000);
	for (LDAPMessage *g = found ? ldap_first_entry(d->ld, found) : NULL; g;
	     g = ldap_next_entry(d->ld, g)) {
		char *text = ldap_get_dn(d->ld, g);

		js_push_str(out, text ? text : "");
		ldap_memfree(text);
	}
	ldap_msgfree(found);
	return out;
}

static const char *dup_attr(struct directory *d, const char *name,
			    const char *def)
{
	return pool_strdup(&d->c->pool, setting(d, name, def));
}

/* The one entry of NAME; more than one is as good as none. */
static LDAPMessage *find_entry(struct directory *d, const char *name,
			       LDAPMessage **result)
{
	char *attrs[] = {
		(char *)(uintptr_t)dup_attr(d, "id_attribute", "entryUUID"),
		(char *)(uintptr_t)dup_attr(d, "email_attribute", "mail"),
		(char *)(uintptr_t)dup_attr(d, "name_attribute", "displayName"),
		(char *)(uintptr_t)dup_attr(d, "group_attribute", "memberOf"),
		NULL
	};

	*result = search(d, filter_of(d, name), attrs, 2);
	if (!*result)
		return NULL;
	if (ldap_count_entries(d->ld, *result) == 1)
		return ldap_first_entry(d->ld, *result);
	d->why = "no such user";
	return NULL;
}

static struct person read_person(struct directory *d, const char *name,
				 LDAPMessage *e, const char *dn)
{
	struct call *c = d->c;
	const char *id = value(d, e, setting(d, "id_attribute", "entryUUID"));

	return (struct person){
		.source = "ldap",
		.ext = call_fmt(c, "ldap:%s:%s", js_text(d->cfg, "name"),
				*id ? id : dn),
		.name = name,
		.email = value(d, e, setting(d, "email_attribute", "mail")),
		.display_name = value(
			d, e, setting(d, "name_attribute", "displayName")),
		.groups = groups_of(d, e, dn),
		.mapping = js_obj(d->cfg, "groups"),
		.admin_group = js_text(d->cfg, "admin_group"),
		.create = true,
	};
}

static struct doc *try_one(struct directory *d, const char *name,
			   const char *password)
{
	LDAPMessage *found = NULL;
	struct doc *u = NULL;
	char *dn = NULL;

	if (!open_directory(d))
		return NULL;
	LDAPMessage *e = find_entry(d, name, &found);
	if (e)
		dn = ldap_get_dn(d->ld, e);
	if (dn) {
		/* Read while the connection is not yet the user's: he may see
		 * less. */
		struct person p = read_person(d, name, e, dn);

		if (ok(d, bind_as(d, dn, password)))
			u = directory_user(d->c, &p, &d->why);
	}
	ldap_memfree(dn);
	ldap_msgfree(found);
	return u;
}

static struct doc *try_and_close(struct directory *d, const char *name,
				 const char *password)
{
	struct doc *u = try_one(d, name, password);

	if (d->ld)
		ldap_unbind_ext_s(d->ld, NULL, NULL);
	if (!u)
		log_info("ldap", "server=%s: %s", js_text(d->cfg, "name"),
			 d->why ? d->why : "refused");
	return u;
}

struct doc *ldap_login(struct call *c, const char *name, const char *password)
{
	struct json_object *servers =
		js_arr(options_get(&c->db, "ldap"), "servers");
	struct doc *u = NULL;

	if (!*password) /* an empty one would be an anonymous bind */
		return NULL;
	for (size_t i = 0; !u && i < js_len(servers); i++) {
		struct directory d = {
			.c = c,
			.cfg = js_item(servers, i),
		};

		if (js_bool(d.cfg, "enabled", true))
			u = try_and_close(&d, name, password);
	}
	return u;
}

int ldap_test(struct call *c)
{
	struct json_object *servers =
		js_arr(options_get(&c->db, "ldap"), "servers");

	for (size_t i = 0; i < js_len(servers); i++) {
		struct directory d = {
			.c = c,
			.cfg = js_item(servers, i),
		};
		LDAPMessage *found = NULL;

		if (strcmp(js_text(d.cfg, "name"), js_text(c->in, "name")))
			continue;
		bool good = open_directory(&d);
		const char *user = js_text(c->in, "username");
		if (good && *user)
			good = find_entry(&d, user, &found) != NULL;
		ldap_msgfree(found);
		if (d.ld)
			ldap_unbind_ext_s(d.ld, NULL, NULL);
		return good ? call_empty(c)
			    : call_error(c, 400, d.why ? d.why : "failed");
	}
	return call_missing(c);
}
