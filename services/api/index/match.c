#include "services/api/index/match.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/base/text.h"

static const char *lower(char out[static INDEX_TEXT_MAX], const char *in)
{
	if (!in || !*in)
		return NULL;
	text_lower(out, INDEX_TEXT_MAX, in);
	return out;
}

/* NEEDLE is lower case; "-" means empty, NULL everything. */
static bool holds(const char *low_text, const char *needle)
{
	if (!needle)
		return true;
	if (strcmp(needle, "-") == 0)
		return !*low_text;
	return strstr(low_text, needle);
}

static bool name_holds(const struct index_name *n, const char *needle)
{
	char low[INDEX_TEXT_MAX];

	text_lower(low, sizeof(low), n && n->name ? n->name : "");
	return holds(low, needle);
}

/* A flag per entry of KIND, place 0 being "none". */
static uint8_t *flags(const struct index *ix, enum index_kind kind,
		      const char *needle)
{
	size_t n = ix->names[kind].n;
	uint8_t *out = malloc(n + 1);

	for (size_t i = 0; out && i <= n; i++)
		out[i] = name_holds(index_name_at(ix, kind, (uint32_t)i),
				    needle);
	return out;
}

static int name_tables(struct match *m)
{
	char low[INDEX_TEXT_MAX];

	for (unsigned k = 0; k < INDEX_KINDS; k++) {
		const char *want = lower(low, m->q->names[k]);
		enum index_kind kind = (enum index_kind)k;

		if (want && !(m->passes[k] = flags(m->ix, kind, want)))
			return -ENOMEM;
		/* Free text is looked for in the system, too. */
		if (m->text && kind == INDEX_OS &&
		    !(m->has_text[k] = flags(m->ix, kind, m->text)))
			return -ENOMEM;
	}
	return 0;
}

static const char *guid_of(const struct index_name *n,
			   char out[static GUID_TEXT])
{
	*out = 0;
	if (n)
		text_guid(n->guid, out);
	return out;
}

static bool may(const struct match *m, const struct target *t)
{
	return perm_may(m->q->grants, m->q->ngrants, m->q->perm, m->q->self, t);
}

static void fill_rights(struct match *m)
{
	const struct index *ix = m->ix;
	char user[GUID_TEXT], group[GUID_TEXT];

	for (uint32_t i = 1; i <= ix->names[INDEX_USER].n; i++) {
		const struct index_name *u = index_name_at(ix, INDEX_USER, i);
		struct target t = {
			.user = guid_of(u, user),
			.ugroup = guid_of(
				index_name_at(ix, INDEX_USER_GROUP, u->group),
				group),
			.dgroup = "",
			.device = true,
		};
		m->may_user[i] = may(m, &t);
	}
	for (uint32_t i = 1; i <= ix->names[INDEX_DEVICE_GROUP].n; i++) {
		struct target t = {
			.user = "",
			.ugroup = "",
			.dgroup = guid_of(
				index_name_at(ix, INDEX_DEVICE_GROUP, i),
				group),
			.device = true,
		};
		m->may_group[i] = may(m, &t);
	}
	struct target none = { "", "", "", true };
	m->may_unassigned = may(m, &none);
}

static int rights(struct match *m)
{
	if (perm_global(m->q->grants, m->q->ngrants, m->q->perm))
		return 0;
	m->may_user = calloc(m->ix->names[INDEX_USER].n + 1, 1);
	m->may_group = calloc(m->ix->names[INDEX_DEVICE_GROUP].n + 1, 1);
	if (!m->may_user || !m->may_group)
		return -ENOMEM;
	fill_rights(m);
	return 0;
}

int match_begin(struct match *m, const struct index *ix,
		const struct index_query *q)
{
	*m = (struct match){ .ix = ix, .q = q };
	m->id = lower(m->low[0], q->id);
	m->name = lower(m->low[1], q->name);
	m->username = lower(m->low[2], q->username);
	m->note = lower(m->low[3], q->note);
	m->address = lower(m->low[4], q->address);
	m->text = lower(m->low[5], q->text);
	/* "10.0" and "2001:" are parts of addresses, "123" of ids. */
	m->text_is_address =
		m->text && strpbrk(m->text, ".:") &&
		m->text[strspn(m->text, "0123456789abcdef.:")] == 0;
	int r = name_tables(m);
	return r < 0 ? r : rights(m);
}

static bool may_see(const struct match *m, const struct device *d)
{
	uint32_t user = d->names[INDEX_USER];
	uint32_t group = d->names[INDEX_DEVICE_GROUP];

	if (!m->may_user)
		return true;
	if (!user && !group)
		return m->may_unassigned;
	return m->may_user[user] || m->may_group[group];
}

static bool address_holds(const struct device *d, const char *needle)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t none[16];
	char text[INET6_ADDRSTRLEN];
	bool v4 = memcmp(d->ip, mapped, 12) == 0;

	if (memcmp(d->ip, none, 16) == 0)
		return strcmp(needle, "-") == 0;
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? d->ip + 12 : d->ip, text,
		  sizeof(text));
	return strcmp(needle, "-") != 0 && strstr(text, needle);
}

/* The shown name: what an administrator set, else what the device reported. */
static const char *shown_name(const struct device *d)
{
	const char *name = index_text(d, TEXT_NAME);

	return *name ? name : index_text(d, TEXT_HOST);
}

static bool texts_pass(const struct match *m, const struct device *d)
{
	return (!m->id || holds(index_text(d, TEXT_ID), m->id)) &&
	       (!m->name || holds(shown_name(d), m->name)) &&
	       (!m->username ||
		holds(index_text(d, TEXT_USERNAME), m->username)) &&
	       (!m->note || holds(index_text(d, TEXT_NOTE), m->note)) &&
	       (!m->address || address_holds(d, m->address));
}

static bool free_text(const struct match *m, const struct device *d)
{
	const char *s = d->text;

	if (!m->text || m->has_text[INDEX_OS][d->names[INDEX_OS]])
		return true;
	for (unsigned i = 0; i < TEXTS; i++) {
		if (strstr(s, m->text))
			return true;
		s += strlen(s) + 1;
	}
	return m->text_is_address && address_holds(d, m->text);
}

static bool within(int64_t t, int64_t from, int64_t before)
{
	return t >= from && (!before || t < before);
}

static bool state_passes(const struct match *m, const struct device *d)
{
	const struct index_query *q = m->q;

	if (q->status >= 0 && q->status == d->disabled)
		return false;
	if (q->online >= 0 && q->online != index_is_online(m->ix, d))
		return false;
	if (q->seen_from_s && d->seen_s < q->seen_from_s)
		return false;
	if (!within((int64_t)(d->created_ms / 1000), q->created_from_s,
		    q->created_before_s))
		return false;
	if (q->seen_before_s &&
	    (d->seen_s >= q->seen_before_s || index_is_online(m->ix, d)))
		return false;
	return !q->unassigned ||
	       (!d->names[INDEX_USER] && !d->names[INDEX_DEVICE_GROUP]);
}

bool match_device(const struct match *m, const struct device *d)
{
	if (!may_see(m, d) || !state_passes(m, d))
		return false;
	for (unsigned k = 0; k < INDEX_KINDS; k++)
		if (m->passes[k] &&
		    !m->passes[k][index_handle(m->ix, d, (enum index_kind)k)])
			return false;
	return texts_pass(m, d) && free_text(m, d);
}

void match_end(struct match *m)
{
	for (unsigned k = 0; k < INDEX_KINDS; k++) {
		free(m->passes[k]);
		free(m->has_text[k]);
	}
	free(m->may_user);
	free(m->may_group);
}
