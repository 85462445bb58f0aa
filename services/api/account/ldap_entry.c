#include "services/api/account/ldap_entry.h"

#include <string.h>
#include <strings.h>

#include "common/base/utf8.h"
#include "services/api/account/identity.h"

/* Of these an entry has those of its kind of directory: Active Directory,
 * FreeIPA, 389, eDirectory, OpenLDAP. The first that is there is the id. */
static const char *const stable[] = { "objectGUID", "ipaUniqueID", "nsUniqueId",
				      "GUID", "entryUUID" };

/* member:IN_CHAIN: Active Directory follows groups in groups. */
#define IN_CHAIN "1.2.840.113556.1.4.1941"

enum { GROUPS_MAX = 1000 };

static bool is_text(const struct berval *v)
{
	return v->bv_len > 0 && !memchr(v->bv_val, 0, v->bv_len) &&
	       utf8_valid((const uint8_t *)v->bv_val, v->bv_len);
}

/* The values of an attribute that are text. */
static struct json_object *texts(struct ldap_conn *d, LDAPMessage *e,
				 const char *attr)
{
	struct json_object *out = call_array(d->c);
	struct berval **v = ldap_get_values_len(d->ld, e, attr);

	for (int i = 0; v && v[i]; i++)
		if (is_text(v[i]))
			js_push(out, json_object_new_string_len(
					     v[i]->bv_val, (int)v[i]->bv_len));
	ldap_value_free_len(v);
	return out;
}

static const char *text(struct ldap_conn *d, LDAPMessage *e, const char *attr)
{
	return js_at(texts(d, e, attr), 0);
}

/* NULL: the entry has no such attribute. */
static const char *id_of(struct ldap_conn *d, LDAPMessage *e, const char *attr)
{
	struct berval **v = ldap_get_values_len(d->ld, e, attr);
	const char *id = v && v[0]
				 ? identity_text(&d->c->pool, attr,
						 (const uint8_t *)v[0]->bv_val,
						 v[0]->bv_len)
				 : NULL;

	ldap_value_free_len(v);
	return id && *id ? id : NULL;
}

static void push_dns(struct ldap_conn *d, LDAPMessage *found,
		     struct json_object *out)
{
	LDAPMessage *g = found ? ldap_first_entry(d->ld, found) : NULL;

	for (; g; g = ldap_next_entry(d->ld, g)) {
		char *dn = ldap_get_dn(d->ld, g);

		if (dn)
			js_push_str(out, dn);
		ldap_memfree(dn);
	}
	ldap_msgfree(found);
}

/* Groups from the entry itself, or by searching for who has it as member. */
static struct json_object *groups_of(struct ldap_conn *d,
				     const struct ldap_entry *e)
{
	const char *attr =
		ldap_conn_setting(d, SERVER_GROUP_ATTRIBUTE, "memberOf");
	bool nested = field_bool(d->cfg, SERVER_NESTED_GROUPS, false);
	char none[] = LDAP_NO_ATTRS, *attrs[] = { none, NULL };

	if (strcasecmp(attr, "member") != 0 && !nested)
		return texts(d, e->entry, attr);
	struct json_object *out = call_array(d->c);
	const char *filter =
		call_fmt(d->c, "(member%s=%s)", nested ? ":" IN_CHAIN ":" : "",
			 ldap_conn_escape(&d->c->pool, e->dn));
	push_dns(d, ldap_conn_search(d, filter, attrs, GROUPS_MAX), out);
	return out;
}

static const char *filter_of(struct ldap_conn *d, const char *name)
{
	struct json_object *attrs =
		field_list(d->cfg, SERVER_USERNAME_ATTRIBUTES);
	const char *own = field_text(d->cfg, SERVER_FILTER);
	const char *value = ldap_conn_escape(&d->c->pool, name);
	const char *any =
		js_len(attrs) ? ""
			      : call_fmt(d->c, "(uid=%s)(cn=%s)", value, value);

	for (size_t i = 0; i < js_len(attrs); i++)
		any = call_fmt(d->c, "%s(%s=%s)", any, js_at(attrs, i), value);
	return call_fmt(d->c, "(&%s(|%s))", *own ? own : "(objectClass=*)",
			any);
}

static char *wanted(struct ldap_conn *d, struct field_text f, const char *def)
{
	return pool_strdup(&d->c->pool, ldap_conn_setting(d, f, def));
}

bool ldap_entry_find(struct ldap_conn *d, const char *name,
		     struct ldap_entry *out)
{
	char *attrs[4 + ARRAY_LEN(stable) + 1] = {
		wanted(d, SERVER_ID_ATTRIBUTE, "entryUUID"),
		wanted(d, SERVER_EMAIL_ATTRIBUTE, "mail"),
		wanted(d, SERVER_NAME_ATTRIBUTE, "displayName"),
		wanted(d, SERVER_GROUP_ATTRIBUTE, "memberOf"),
	};

	*out = (struct ldap_entry){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(stable); i++)
		attrs[4 + i] = pool_strdup(&d->c->pool, stable[i]);
	out->result = ldap_conn_search(d, filter_of(d, name), attrs, 2);
	if (!out->result)
		return false;
	if (ldap_count_entries(d->ld, out->result) == 1) {
		out->entry = ldap_first_entry(d->ld, out->result);
		out->dn = ldap_get_dn(d->ld, out->entry);
	}
	if (!out->dn)
		d->why = "no such user";
	return out->dn;
}

void ldap_entry_free(struct ldap_entry *e)
{
	ldap_memfree(e->dn);
	ldap_msgfree(e->result);
	*e = (struct ldap_entry){ 0 };
}

/* Ids that the entry has, the one to keep first; then its DN. */
static struct json_object *ids_of(struct ldap_conn *d,
				  const struct ldap_entry *e)
{
	const char *own = field_text(d->cfg, SERVER_ID_ATTRIBUTE);
	const char *first = *own ? id_of(d, e->entry, own) : NULL;
	struct json_object *out = call_array(d->c);

	if (first)
		js_push_str(out, first);
	for (size_t i = 0; i < ARRAY_LEN(stable); i++) {
		const char *id = id_of(d, e->entry, stable[i]);

		if (id && !js_arr_has(out, id))
			js_push_str(out, id);
	}
	js_push_str(out, e->dn);
	return out;
}

/* Attribute types and values of names are compared regardless of case, and of
 * how their parts are written. */
static const char *normal(struct pool *p, const char *dn)
{
	char *out = NULL;

	if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAP, &out,
			      LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		return dn;
	const char *copy = pool_strdup(p, out);
	ldap_memfree(out);
	return copy;
}

static bool same_dn(struct pool *p, const char *a, const char *b)
{
	return strcasecmp(normal(p, a), normal(p, b)) == 0;
}

/* The same person if the entry only moved: the first part is the same. */
static bool same_rdn(struct pool *p, const char *a, const char *b)
{
	LDAPDN x = NULL, y = NULL;
	bool same = false;

	if (ldap_str2dn(a, &x, LDAP_DN_FORMAT_LDAP) == LDAP_SUCCESS &&
	    ldap_str2dn(b, &y, LDAP_DN_FORMAT_LDAP) == LDAP_SUCCESS && x && y) {
		char *r = NULL, *s = NULL;

		ldap_rdn2str(x[0], &r, LDAP_DN_FORMAT_LDAPV3);
		ldap_rdn2str(y[0], &s, LDAP_DN_FORMAT_LDAPV3);
		same = r && s && same_dn(p, r, s);
		ldap_memfree(r);
		ldap_memfree(s);
	}
	ldap_dnfree(x);
	ldap_dnfree(y);
	return same;
}

/* Could OLD, an id that an earlier version or setting stored, mean this entry?
 * A DN before a move; an id that was cut at its first NUL byte. */
static bool meant(struct pool *p, const struct person *who, const char *old)
{
	const char *dn = js_at(who->ids, js_len(who->ids) - 1);

	if (js_arr_has(who->ids, old) || same_dn(p, old, dn))
		return true;
	if (strchr(old, '='))
		return same_rdn(p, old, dn);
	return who->cut && strcmp(who->cut, old) == 0;
}

/* What version 1 kept of a binary id: what stands before its first NUL. */
static const char *cut_of(struct ldap_conn *d, LDAPMessage *e)
{
	const char *attr =
		ldap_conn_setting(d, SERVER_ID_ATTRIBUTE, "entryUUID");
	struct berval **v = ldap_get_values_len(d->ld, e, attr);
	const char *cut = NULL;

	if (v && v[0] && !is_text(v[0]))
		cut = pool_strdup(
			&d->c->pool,
			pool_memdup(&d->c->pool, v[0]->bv_val, v[0]->bv_len));
	ldap_value_free_len(v);
	return cut;
}

struct person ldap_entry_person(struct ldap_conn *d, const char *name,
				const struct ldap_entry *e)
{
	return (struct person){
		.source = "ldap",
		.directory = field_text(d->cfg, SERVER_NAME),
		.title = field_text(d->cfg, SERVER_NAME),
		.before = field_list(d->cfg, SERVER_NAMES),
		.same_before = true,
		.ids = ids_of(d, e),
		.cut = cut_of(d, e->entry),
		.meant = meant,
		.same_group = same_dn,
		.name = name,
		.email = text(
			d, e->entry,
			ldap_conn_setting(d, SERVER_EMAIL_ATTRIBUTE, "mail")),
		.display_name = text(d, e->entry,
				     ldap_conn_setting(d, SERVER_NAME_ATTRIBUTE,
						       "displayName")),
		.groups = groups_of(d, e),
		.mapping = field_obj(d->cfg, SERVER_GROUPS),
		.admin_group = field_text(d->cfg, SERVER_ADMIN_GROUP),
		.create = true,
	};
}
