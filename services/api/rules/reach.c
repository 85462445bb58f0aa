#include "services/api/rules/reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/map.h"

enum { NOW, THEN, SIDES };

/* As much of a policy_group as there is. */
struct rules {
	size_t nin, nout;
	struct policy_ref *in, *out;
};

/* What is found by a key: it comes first in all of these. */
struct named {
	const char *key;
};

struct group {
	struct named by;
	struct rules side[SIDES];
	bool touched;
};

struct role {
	struct named by;
	uint64_t side[SIDES];
	bool touched;
};

struct class;

struct user {
	struct named by;
	struct class *class;
	bool touched; /* himself */
	struct user *next;
};

/* Users whom no rule tells apart. */
struct class
{
	struct named by;
	struct policy_user side[SIDES]; /* with a guid if a rule names him */
	const struct group *group[SIDES];
	uint64_t permissions[SIDES];
	bool touched;
	bool nobody; /* who is not signed in */
	size_t n;
	struct user *members;
	struct class *next;
};

/* What changes for each device that these rules do not tell apart. */
struct outcome {
	struct named by;
	uint64_t gains, loses;
	uint64_t kind_gains[REACH_KINDS], kind_loses[REACH_KINDS];
};

struct device {
	const char *id;
	const char *row[SIDES];
	struct policy_device side[SIDES];
	struct user *owner[SIDES];
	bool touched;
	bool tell; /* name who is concerned */
};

struct reach {
	struct pool *pool;
	uint64_t left; /* judgements */
	struct map groups, roles, users, singled, classes, seen, outcomes;
	struct outcome last; /* where one is made */
	struct class *first;
	bool settings_touched;
	struct policy_facts facts[SIDES];
	struct policy_group scratch;
	struct reach_sums sums;
};

static const void *key_of(const void *item, size_t *len)
{
	const struct named *n = item;

	*len = strlen(n->key);
	return n->key;
}

static void *find(const struct map *m, const char *key)
{
	return *key ? map_find(m, key, strlen(key)) : NULL;
}

static bool differs(const char *a, const char *b)
{
	return !a != !b || (a && strcmp(a, b) != 0);
}

static int take_settings(struct reach *r, const char *key,
			 const char *const row[SIDES])
{
	(void)key;
	for (int s = 0; s < SIDES; s++)
		if (policy_read_settings(row[s], &r->facts[s].settings) < 0)
			return -EINVAL;
	r->settings_touched = differs(row[NOW], row[THEN]);
	return 0;
}

static int take_role(struct reach *r, const char *key,
		     const char *const row[SIDES])
{
	struct role *o = pool_alloc(r->pool, sizeof(*o));

	o->by.key = pool_strdup(r->pool, key);
	o->touched = differs(row[NOW], row[THEN]);
	for (int s = 0; s < SIDES; s++)
		if (policy_read_role(row[s], &o->side[s]) < 0)
			return -EINVAL;
	return map_put(&r->roles, o);
}

/* Users that a rule names are judged each for himself. */
static int single_out(struct reach *r, const struct rules *rules)
{
	for (size_t i = 0; i < rules->nin; i++) {
		struct named *n = pool_alloc(r->pool, sizeof(*n));

		n->key = rules->in[i].guid;
		if (rules->in[i].kind != POLICY_USER)
			continue;
		int e = map_put(&r->singled, n);
		if (e < 0 && e != -EEXIST)
			return e;
	}
	return 0;
}

static struct policy_ref *keep(struct reach *r, const struct policy_ref *from,
			       size_t n)
{
	struct policy_ref *to = pool_alloc(r->pool, (n + 1) * sizeof(*to));

	memcpy(to, from, n * sizeof(*to));
	return to;
}

static int take_group(struct reach *r, const char *key,
		      const char *const row[SIDES])
{
	struct group *g = pool_alloc(r->pool, sizeof(*g));

	g->by.key = pool_strdup(r->pool, key);
	g->touched = differs(row[NOW], row[THEN]);
	for (int s = 0; s < SIDES; s++) {
		struct policy_group *p = &r->scratch;

		if (policy_read_group(row[s], p) < 0)
			return -EINVAL;
		g->side[s] =
			(struct rules){ p->nin, p->nout, keep(r, p->in, p->nin),
					keep(r, p->out, p->nout) };
		int e = single_out(r, &g->side[s]);
		if (e < 0)
			return e;
	}
	return map_put(&r->groups, g);
}

static void class_side(struct reach *r, struct class *c, int s)
{
	const struct policy_user *u = &c->side[s];
	/* As policy_lookup.lua looks it up. */
	const char *name = !u->known  ? "not_logged"
			   : *u->role ? u->role
				      : "default";
	const struct role *role = find(&r->roles, name);

	c->group[s] = find(&r->groups, u->group);
	c->permissions[s] = role ? role->side[s] : 0;
	c->touched |= (c->group[s] && c->group[s]->touched) ||
		      (role && role->touched);
}

/* The class of users like U: made, if it is the first of them. */
static struct class *class_of(struct reach *r, const struct policy_user *u,
			      const char *guid)
{
	const char *who = find(&r->singled, guid) ? guid : "";
	char *key =
		pool_printf(r->pool, "%d%d %s %s|%d%d %s %s|%s%s", u[NOW].known,
			    u[NOW].disabled, u[NOW].group, u[NOW].role,
			    u[THEN].known, u[THEN].disabled, u[THEN].group,
			    u[THEN].role, who, *guid ? "" : "nobody");
	struct class *c = find(&r->classes, key);

	if (c)
		return c;
	c = pool_alloc(r->pool, sizeof(*c));
	c->by.key = key;
	c->nobody = !*guid;
	for (int s = 0; s < SIDES; s++) {
		c->side[s] = u[s];
		strcpy(c->side[s].guid, who);
		class_side(r, c, s);
	}
	if (map_put(&r->classes, c) < 0)
		return NULL;
	c->next = r->first;
	r->first = c;
	return c;
}

static int take_user(struct reach *r, const char *guid,
		     const char *const row[SIDES])
{
	struct user *u = pool_alloc(r->pool, sizeof(*u));
	struct policy_user side[SIDES];

	if (strlen(guid) >= POLICY_GUID)
		return -EINVAL;
	for (int s = 0; s < SIDES; s++)
		if (policy_read_user(row[s], &side[s]) < 0)
			return -EINVAL;
	u->by.key = pool_strdup(r->pool, guid);
	u->touched = differs(row[NOW], row[THEN]);
	int e = map_put(&r->users, u);
	if (e < 0)
		return e;
	u->class = class_of(r, side, guid);
	if (!u->class)
		return -ENOBUFS;
	u->next = u->class->members;
	u->class->members = u;
	u->class->n++;
	u->class->touched |= u->touched;
	return 0;
}

static void set_group(struct policy_group *to, const struct group *g, int s)
{
	to->nin = to->nout = 0;
	if (!g)
		return;
	to->nin = g->side[s].nin;
	to->nout = g->side[s].nout;
	memcpy(to->in, g->side[s].in, to->nin * sizeof(*to->in));
	memcpy(to->out, g->side[s].out, to->nout * sizeof(*to->out));
}

/* The device's half of the facts. */
static void set_device(struct reach *r, struct device *d)
{
	d->touched = r->settings_touched || differs(d->row[NOW], d->row[THEN]);
	for (int s = 0; s < SIDES; s++) {
		struct policy_facts *f = &r->facts[s];
		const struct user *o = d->owner[s];
		const struct group *g = find(&r->groups, d->side[s].group);
		const struct group *og = o ? o->class->group[s] : NULL;

		f->device = d->side[s];
		memset(&f->owner, 0, sizeof(f->owner));
		if (o)
			f->owner = o->class->side[s];
		set_group(&f->owner_group, og, s);
		set_group(&f->device_group, g, s);
		d->touched |= (o && o->touched) || (g && g->touched) ||
			      (og && og->touched);
	}
}

/* The kinds that side S allows the user in its facts. */
static unsigned kinds(const struct policy_facts *f, bool nobody)
{
	unsigned bits = 0;

	if (!f->user.known && !nobody)
		return 0;
	for (unsigned k = 0; k < REACH_KINDS; k++)
		if (policy_decide(f, (enum policy_kind)k).reason == POLICY_OK)
			bits |= 1U << k;
	return bits;
}

static void name(struct reach *r, const struct device *d, const char *user,
		 unsigned gains, unsigned loses)
{
	struct reach_sums *s = &r->sums;

	if (s->named < REACH_NAMED)
		s->names[s->named++] =
			(struct reach_change){ user, d->id, gains, loses };
}

/* N users like those in the facts. */
static void add(struct outcome *o, unsigned gains, unsigned loses, size_t n)
{
	o->gains += gains ? n : 0;
	o->loses += loses ? n : 0;
	for (unsigned k = 0; k < REACH_KINDS; k++) {
		o->kind_gains[k] += gains >> k & 1 ? n : 0;
		o->kind_loses[k] += loses >> k & 1 ? n : 0;
	}
}

static void set_class(struct reach *r, const struct class *c)
{
	for (int s = 0; s < SIDES; s++) {
		struct policy_facts *f = &r->facts[s];

		f->user = c->side[s];
		f->permissions = c->permissions[s];
		set_group(&f->user_group, c->group[s], s);
	}
}

static bool owns(const struct device *d, const struct user *u)
{
	return u == d->owner[NOW] || u == d->owner[THEN];
}

/* An owner is judged for himself, whatever his class. */
static void judge_owner(struct reach *r, const struct device *d,
			const struct user *u, struct outcome *o)
{
	for (int s = 0; s < SIDES; s++)
		strcpy(r->facts[s].user.guid, u->by.key);
	unsigned now = kinds(&r->facts[NOW], false);
	unsigned then = kinds(&r->facts[THEN], false);
	add(o, then & ~now, now & ~then, 1);
	if (d->tell && now != then)
		name(r, d, u->by.key, then & ~now, now & ~then);
}

static void judge_class(struct reach *r, const struct device *d,
			const struct class *c, struct outcome *o)
{
	size_t n = c->n;

	r->left -= r->left > 0;
	set_class(r, c);
	unsigned now = kinds(&r->facts[NOW], c->nobody);
	unsigned then = kinds(&r->facts[THEN], c->nobody);
	for (int s = 0; s < SIDES; s++) {
		const struct user *u = d->owner[s];

		if (!u || u->class != c || (s == THEN && u == d->owner[NOW]))
			continue;
		n--;
		judge_owner(r, d, u, o);
	}
	add(o, then & ~now, now & ~then, n);
	if (!d->tell || now == then)
		return;
	for (const struct user *u = c->members;
	     u && r->sums.named < REACH_NAMED; u = u->next)
		if (!owns(d, u))
			name(r, d, u->by.key, then & ~now, now & ~then);
}

static void judge(struct reach *r, struct device *d, struct outcome *o)
{
	set_device(r, d);
	for (const struct class *c = r->first; c; c = c->next)
		if (d->touched || c->touched)
			judge_class(r, d, c, o);
}

static void sum(struct reach *r, const struct outcome *o)
{
	r->sums.gains += o->gains;
	r->sums.loses += o->loses;
	r->sums.devices += o->gains || o->loses;
	for (unsigned k = 0; k < REACH_KINDS; k++) {
		r->sums.kind_gains[k] += o->kind_gains[k];
		r->sums.kind_loses[k] += o->kind_loses[k];
	}
}

/* Whoever is not signed in is a user as well. */
static int take_nobody(struct reach *r)
{
	static const char *const none[SIDES] = { NULL, NULL };

	if (map_find(&r->users, "", 0))
		return 0;
	return take_user(r, "", none);
}

/* The outcome of devices like D: D's, if it is the first. */
static const struct outcome *outcome(struct reach *r, struct device *d,
				     const char *key)
{
	struct outcome *o = find(&r->outcomes, key);

	if (o && (!d->tell || (!o->gains && !o->loses)))
		return o;
	o = &r->last;
	memset(o, 0, sizeof(*o));
	judge(r, d, o);
	if (find(&r->outcomes, key) || r->outcomes.len == REACH_CLASSES)
		return o;
	o = (struct outcome *)pool_memdup(r->pool, o, sizeof(*o));
	o->by.key = pool_strdup(r->pool, key);
	return map_put(&r->outcomes, o) < 0 ? NULL : o;
}

/* What the outcome hangs on: an owner counts as any other of his class. */
static void key_of_outcome(const struct device *d, char *key, size_t size)
{
	size_t n = 0;

	for (int s = 0; s < SIDES; s++) {
		const struct policy_device *p = &d->side[s];
		const struct user *o = d->owner[s];

		n += (size_t)snprintf(key + n, size - n, "%d%d%d%d%s %p|",
				      !!d->row[s], p->disabled, p->deleted,
				      !!*p->owner, p->group,
				      o ? (const void *)o->class : NULL);
	}
	snprintf(key + n, size - n, "%d", d->owner[NOW] == d->owner[THEN]);
}

static int take_device(struct reach *r, const char *id,
		       const char *const row[SIDES])
{
	struct device d = { .row = { row[NOW], row[THEN] } };
	struct named *seen = pool_alloc(r->pool, sizeof(*seen));
	char key[2 * (POLICY_GUID + 40)];

	seen->key = d.id = pool_strdup(r->pool, id);
	int e = map_put(&r->seen, seen);
	if (e == 0)
		e = take_nobody(r);
	if (e < 0)
		return e;
	for (int s = 0; s < SIDES; s++) {
		if (policy_read_device(row[s], &d.side[s]) < 0)
			return -EINVAL;
		d.owner[s] = find(&r->users, d.side[s].owner);
	}
	key_of_outcome(&d, key, sizeof(key));
	d.tell = r->sums.named < REACH_NAMED;
	const struct outcome *o = r->left ? outcome(r, &d, key) : NULL;
	if (!o)
		return r->left ? -ENOMEM : -ENOBUFS;
	sum(r, o);
	return 0;
}

static void end(void *arg)
{
	struct reach *r = arg;
	struct map *maps[] = { &r->groups,  &r->roles, &r->users,   &r->singled,
			       &r->classes, &r->seen,  &r->outcomes };

	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		map_fini(maps[i]);
}

struct reach *reach_new(struct pool *p, uint64_t judgements)
{
	struct reach *r = pool_alloc(p, sizeof(*r));

	r->pool = p;
	r->left = judgements;
	map_init(&r->groups, key_of, REACH_USERS);
	map_init(&r->roles, key_of, REACH_USERS);
	map_init(&r->users, key_of, REACH_USERS);
	map_init(&r->singled, key_of, REACH_USERS);
	map_init(&r->classes, key_of, REACH_USERS);
	map_init(&r->seen, key_of, REACH_DEVICES);
	map_init(&r->outcomes, key_of, REACH_CLASSES);
	for (int s = 0; s < SIDES; s++)
		r->facts[s].settings.mode = POLICY_ASSIGNED; /* without a row */
	pool_defer(p, end, r);
	return r;
}

const struct reach_sums *reach_sums(const struct reach *r)
{
	return &r->sums;
}

int reach_row(struct reach *r, enum reach_table t, const char *key,
	      const char *now, const char *then)
{
	static int (*const take[])(struct reach *, const char *,
				   const char *const row[SIDES]) = {
		take_settings, take_role, take_group, take_user, take_device,
	};
	const char *const row[SIDES] = { now, then };

	return t < REACH_TABLES ? take[t](r, key, row) : -EINVAL;
}
