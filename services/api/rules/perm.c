#include "services/api/rules/perm.h"

#include <assert.h>
#include <string.h>

static_assert(PERM_COUNT <= 64, "a right is a bit of a 64-bit word");

static const struct {
	const char *name;
	enum area area;
	bool writes;
	bool individual;
	bool group;
} perms[PERM_COUNT] = {
	[PERM_NONE] = { "user", AREA_NONE, false, false, false },
#define X(id, name, area, w, i, g) [PERM_##id] = { name, AREA_##area, w, i, g },
	PERMS(X)
#undef X
		[PERM_ADMIN] = { "admin", AREA_NONE, true, false, false },
};

static const char *const areas[AREAS] = {
	[AREA_NONE] = "none",         [AREA_DEVICE] = "device",
	[AREA_AUDIT] = "audit",       [AREA_USER] = "user",
	[AREA_GROUP] = "group",       [AREA_STRATEGY] = "strategy",
	[AREA_BOOK] = "address_book",
};

const char *perm_name(enum perm p)
{
	return perms[p].name;
}

enum perm perm_parse(const char *name)
{
	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++)
		if (strcmp(perms[p].name, name) == 0)
			return p;
	return PERM_COUNT;
}

enum area perm_area(enum perm p)
{
	return perms[p].area;
}

bool perm_writes(enum perm p)
{
	return perms[p].writes;
}

const char *area_name(enum area a)
{
	return areas[a];
}

static uint64_t bit(enum perm p)
{
	return UINT64_C(1) << p;
}

/* The right to see what P edits. */
static enum perm view_of(enum perm p)
{
	if (p >= PERM_USER_VIEW && p <= PERM_USER_ROLE)
		return PERM_USER_VIEW;
	if (p >= PERM_DEVICE_VIEW && p <= PERM_DEVICE_STRATEGY)
		return PERM_DEVICE_VIEW;
	if (p >= PERM_UGROUP_VIEW && p <= PERM_UGROUP_EDIT)
		return PERM_UGROUP_VIEW;
	if (p >= PERM_DGROUP_VIEW && p <= PERM_DGROUP_STRATEGY)
		return PERM_DGROUP_VIEW;
	if (p >= PERM_AUDIT_VIEW && p <= PERM_AUDIT_EDIT)
		return PERM_AUDIT_VIEW;
	if (p >= PERM_RECORDING_VIEW && p <= PERM_RECORDING_DELETE)
		return PERM_RECORDING_VIEW;
	if (p >= PERM_STRATEGY_VIEW && p <= PERM_STRATEGY_EDIT)
		return PERM_STRATEGY_VIEW;
	return PERM_ROLE_VIEW;
}

uint64_t perm_effective(enum scope scope, uint64_t have)
{
	uint64_t out = 0;

	for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++) {
		bool allowed =
			scope == SCOPE_GLOBAL ||
			(scope == SCOPE_INDIVIDUAL && perms[p].individual) ||
			(scope == SCOPE_GROUP && perms[p].group);

		if ((have & bit(p)) && allowed)
			out |= bit(p) | bit(view_of(p));
	}
	return out;
}

bool perm_any(const struct grant *g, size_t n, enum perm p)
{
	for (size_t i = 0; i < n; i++)
		if (g[i].perms & bit(p))
			return true;
	return false;
}

bool perm_global(const struct grant *g, size_t n, enum perm p)
{
	for (size_t i = 0; i < n; i++)
		if (g[i].scope == SCOPE_GLOBAL && (g[i].perms & bit(p)))
			return true;
	return false;
}

static bool listed(const char *const *list, size_t n, const char *guid)
{
	for (size_t i = 0; guid && *guid && i < n; i++)
		if (strcmp(list[i], guid) == 0)
			return true;
	return false;
}

static bool empty(const char *s)
{
	return !s || !*s;
}

static bool covers(const struct grant *g, const char *self,
		   const struct target *t)
{
	switch (g->scope) {
	case SCOPE_GLOBAL:
		return true;
	case SCOPE_INDIVIDUAL:
		return t->device && !empty(t->user) && !empty(self) &&
		       strcmp(t->user, self) == 0;
	case SCOPE_GROUP:
		if (t->device && empty(t->user) && empty(t->dgroup))
			return g->unassigned;
		return listed(g->ug, g->nug, t->ugroup) ||
		       listed(g->dg, g->ndg, t->dgroup);
	}
	return false;
}

bool perm_may(const struct grant *g, size_t n, enum perm p, const char *self,
	      const struct target *t)
{
	for (size_t i = 0; i < n; i++)
		if ((g[i].perms & bit(p)) && covers(&g[i], self, t))
			return true;
	return false;
}

/* P, as far as the grant G reaches. */
static bool covers_one(const struct grant *mine, size_t n, const char *self,
		       enum perm p, const struct grant *g, const char *his_self,
		       const char *his_group)
{
	struct target t = { .device = true };

	if (perm_global(mine, n, p))
		return true;
	if (g->scope == SCOPE_GLOBAL)
		return false;
	if (g->scope == SCOPE_INDIVIDUAL) {
		t.user = his_self;
		t.ugroup = his_group;
		return perm_may(mine, n, p, self, &t);
	}
	for (size_t i = 0; i < g->nug; i++) {
		t = (struct target){ .ugroup = g->ug[i] };
		if (!perm_may(mine, n, p, self, &t))
			return false;
	}
	for (size_t i = 0; i < g->ndg; i++) {
		t = (struct target){ .dgroup = g->dg[i] };
		if (!perm_may(mine, n, p, self, &t))
			return false;
	}
	t = (struct target){ .device = true };
	return !g->unassigned || perm_may(mine, n, p, self, &t);
}

bool perm_covers(const struct grant *mine, size_t n, const char *self,
		 const struct grant *his, size_t nhis, const char *his_self,
		 const char *his_group)
{
	for (size_t i = 0; i < nhis; i++)
		for (enum perm p = PERM_NONE + 1; p < PERM_ADMIN; p++)
			if ((his[i].perms & bit(p)) &&
			    !covers_one(mine, n, self, p, &his[i], his_self,
					his_group))
				return false;
	return true;
}
