#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "services/api/index/index_impl.h"

static_assert(crypto_shorthash_KEYBYTES == sizeof(((struct index *)0)->seed),
	      "the seed of index_hash()");

enum { NAMES_MAX = 2000000 }; /* users, groups; systems, versions */

static const void *guid_of(const void *item, size_t *len)
{
	*len = 16;
	return ((const struct device *)item)->guid;
}

static const void *id_of(const void *item, size_t *len)
{
	const char *id = ((const struct device *)item)->text;

	*len = strlen(id);
	return id;
}

static const void *name_key(const void *item, size_t *len)
{
	const struct index_name *n = item;

	*len = n->key ? strlen(n->key) : 16;
	return n->key ? (const void *)n->key : n->guid;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_guid(const char *s, uint8_t out[static 16])
{
	size_t n = 0;

	for (; s && *s; s++) {
		if (*s == '-')
			continue;
		if (hex(s[0]) < 0 || hex(s[1]) < 0 || n == 16)
			return -EINVAL;
		out[n++] = (uint8_t)(hex(s[0]) << 4 | hex(s[1]));
		s++;
	}
	return n == 16 ? 0 : -EINVAL;
}

struct index *index_new(size_t devices)
{
	struct index *ix = calloc(1, sizeof(*ix));

	if (!ix)
		return NULL;
	pthread_rwlock_init(&ix->lock, NULL);
	sem_init(&ix->queries, 0, INDEX_QUERIES);
	randombytes_buf(ix->seed, sizeof(ix->seed));
	map_init(&ix->by_guid, guid_of, devices);
	map_init(&ix->by_id, id_of, devices);
	for (size_t k = 0; k < INDEX_KINDS; k++)
		map_init(&ix->names[k].by_key, name_key, NAMES_MAX);
	return ix;
}

static void free_device(struct device *d)
{
	free(d->text);
	free(d);
}

static void free_names(struct index_names *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->list[i]->name);
		free(t->list[i]->key);
		free(t->list[i]);
	}
	free(t->list);
	map_fini(&t->by_key);
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	for (size_t i = 0; i < ix->n; i++)
		free_device(ix->list[i]);
	free(ix->list);
	for (size_t k = 0; k < INDEX_KINDS; k++)
		free_names(&ix->names[k]);
	map_fini(&ix->by_guid);
	map_fini(&ix->by_id);
	sem_destroy(&ix->queries);
	pthread_rwlock_destroy(&ix->lock);
	free(ix);
}

/* Makes room for one more pointer. */
static int grow(void **list, size_t n, size_t *size)
{
	size_t want = *size ? *size * 2 : 64;

	if (n < *size)
		return 0;
	void *more = realloc(*list, want * sizeof(void *));
	if (!more)
		return -ENOMEM;
	*list = more;
	*size = want;
	return 0;
}

static struct index_name *add_name(struct index_names *t, const uint8_t *guid,
				   const char *key)
{
	struct index_name *n = calloc(1, sizeof(*n));

	if (!n || grow((void **)&t->list, t->n, &t->size) < 0)
		goto err;
	if (guid)
		memcpy(n->guid, guid, 16);
	n->key = key ? strdup(key) : NULL;
	n->name = key ? strdup(key) : NULL;
	if ((key && (!n->key || !n->name)) || map_put(&t->by_key, n) < 0)
		goto err;
	t->list[t->n++] = n;
	n->at = (uint32_t)t->n;
	return n;
err:
	if (n) {
		free(n->key);
		free(n->name);
	}
	free(n);
	return NULL;
}

/* The entry of a guid or, for systems and versions, of a text. 0 and *OUT NULL
 * for an empty reference. */
static int name_of(struct index *ix, enum index_kind kind, const char *ref,
		   struct index_name **out)
{
	struct index_names *t = &ix->names[kind];
	bool text = kind >= INDEX_OS;
	char key[INDEX_TEXT_MAX];
	uint8_t guid[16];

	*out = NULL;
	if (!ref || !*ref)
		return 0;
	snprintf(key, sizeof(key), "%s", ref);
	if (!text && parse_guid(ref, guid) < 0)
		return 0; /* a reference that nothing can have */
	*out = text ? map_find(&t->by_key, key, strlen(key))
		    : map_find(&t->by_key, guid, 16);
	if (!*out)
		*out = add_name(t, text ? NULL : guid, text ? key : NULL);
	return *out ? 0 : -ENOMEM;
}

static int put_name(struct index *ix, enum index_kind kind, const char *guid,
		    const char *name, const char *group)
{
	struct index_name *n = NULL, *g = NULL;
	char *copy = strdup(name);
	int r = copy ? name_of(ix, kind, guid, &n) : -ENOMEM;

	if (r == 0)
		r = name_of(ix, INDEX_USER_GROUP, group, &g);
	if (r < 0 || !n) {
		free(copy);
		return r < 0 ? r : -EINVAL;
	}
	free(n->name);
	n->name = copy;
	n->group = g ? g->at : 0;
	return 0;
}

int index_put_name(struct index *ix, enum index_kind kind, const char *guid,
		   const char *name, const char *group)
{
	pthread_rwlock_wrlock(&ix->lock);
	int r = put_name(ix, kind, guid, name, group);
	pthread_rwlock_unlock(&ix->lock);
	return r;
}

uint64_t index_hash(const struct index *ix, const void *data, size_t len)
{
	uint64_t out;

	crypto_shorthash((uint8_t *)&out, data, len, ix->seed);
	return out ? out : 1;
}

/* The searched texts, one behind the other, lower case. */
static char *pack(const struct index_device *d)
{
	const char *parts[TEXTS] = { d->id, d->name, d->hostname, d->username,
				     d->note };
	size_t max[TEXTS] = { INDEX_TEXT_MAX, INDEX_TEXT_MAX, INDEX_TEXT_MAX,
			      INDEX_TEXT_MAX, INDEX_NOTE_MAX };
	char buf[TEXTS * INDEX_TEXT_MAX + TEXTS], *p = buf;

	for (size_t i = 0; i < TEXTS; i++) {
		size_t len = parts[i] ? strnlen(parts[i], max[i]) : 0;

		for (size_t k = 0; k < len; k++)
			*p++ = (char)tolower((unsigned char)parts[i][k]);
		*p++ = 0;
	}
	char *out = malloc((size_t)(p - buf));
	if (out)
		memcpy(out, buf, (size_t)(p - buf));
	return out;
}

static int set_refs(struct index *ix, struct device *dev,
		    const struct index_device *d)
{
	const char *refs[INDEX_KINDS] = { [INDEX_USER] = d->owner,
					  [INDEX_DEVICE_GROUP] = d->group,
					  [INDEX_STRATEGY] = d->strategy,
					  [INDEX_OS] = d->os,
					  [INDEX_VERSION] = d->version };
	struct index_name *n;

	for (unsigned k = 0; k < INDEX_KINDS; k++) {
		int r = name_of(ix, (enum index_kind)k, refs[k], &n);

		if (r < 0)
			return r;
		dev->names[k] = n ? n->at : 0;
	}
	return 0;
}

static void unlink_device(struct index *ix, struct device *dev)
{
	struct device *last = ix->list[--ix->n];

	ix->list[dev->at] = last;
	last->at = dev->at;
	map_take(&ix->by_guid, dev->guid, 16);
	if (map_find(&ix->by_id, dev->text, strlen(dev->text)) == dev)
		map_take(&ix->by_id, dev->text, strlen(dev->text));
	free_device(dev);
}

/* Another device that had this id has a new one by now, or will be told. */
static int link_id(struct index *ix, struct device *dev)
{
	map_take(&ix->by_id, dev->text, strlen(dev->text));
	return map_put(&ix->by_id, dev);
}

static int new_device(struct index *ix, const uint8_t guid[static 16],
		      char *text, struct device **out)
{
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev || grow((void **)&ix->list, ix->n, &ix->size) < 0) {
		free(dev);
		return -ENOMEM;
	}
	memcpy(dev->guid, guid, 16);
	int r = map_put(&ix->by_guid, dev);
	if (r < 0) {
		free(dev);
		return r == -ENOBUFS ? -ENOSPC : r;
	}
	dev->text = text;
	dev->at = (uint32_t)ix->n;
	ix->list[ix->n++] = dev;
	*out = dev;
	return 0;
}

static int change_text(struct index *ix, struct device *dev, char *text)
{
	if (map_find(&ix->by_id, dev->text, strlen(dev->text)) == dev)
		map_take(&ix->by_id, dev->text, strlen(dev->text));
	if (strcmp(dev->text, text) != 0)
		dev->epoch = 0; /* presence goes by the id */
	free(dev->text);
	dev->text = text;
	return link_id(ix, dev);
}

static int put(struct index *ix, const struct index_device *d)
{
	uint8_t guid[16];
	int r = parse_guid(d->guid, guid);
	char *text = r == 0 && d->id ? pack(d) : NULL;
	struct device *dev;

	if (r < 0 || !d->id)
		return -EINVAL;
	if (!text)
		return -ENOMEM;
	dev = map_find(&ix->by_guid, guid, 16);
	if (dev) {
		r = change_text(ix, dev, text);
	} else {
		r = new_device(ix, guid, text, &dev);
		if (r < 0) {
			free(text);
			return r;
		}
		r = link_id(ix, dev);
	}
	if (r == 0)
		r = set_refs(ix, dev, d);
	dev->created_ms = (uint64_t)d->created_ms;
	dev->machine = d->machine && *d->machine
			       ? index_hash(ix, d->machine, strlen(d->machine))
			       : 0;
	dev->disabled = d->disabled;
	return r;
}

int index_put(struct index *ix, const struct index_device *d)
{
	pthread_rwlock_wrlock(&ix->lock);
	int r = put(ix, d);
	pthread_rwlock_unlock(&ix->lock);
	return r;
}

void index_drop(struct index *ix, const char *guid)
{
	uint8_t raw[16];

	if (parse_guid(guid, raw) < 0)
		return;
	pthread_rwlock_wrlock(&ix->lock);
	struct device *dev = map_find(&ix->by_guid, raw, 16);
	if (dev)
		unlink_device(ix, dev);
	pthread_rwlock_unlock(&ix->lock);
}

void index_seen(struct index *ix, const char *id, size_t len,
		const struct index_presence *p)
{
	char low[INDEX_TEXT_MAX];

	if (len >= sizeof(low))
		return;
	for (size_t i = 0; i < len; i++)
		low[i] = (char)tolower((unsigned char)id[i]);
	pthread_rwlock_wrlock(&ix->lock);
	struct device *dev = map_find(&ix->by_id, low, len);
	if (dev) {
		dev->epoch = p->epoch;
		dev->via = (uint8_t)p->via;
		dev->seen_s = (uint32_t)p->seen_s;
		memcpy(dev->ip, p->ip, 16);
	}
	pthread_rwlock_unlock(&ix->lock);
}

void index_nodes(struct index *ix, const struct node_sight *nodes, size_t n)
{
	pthread_rwlock_wrlock(&ix->lock);
	ix->nnodes = 0;
	for (size_t i = 0; i < n && ix->nnodes < INDEX_NODES_MAX; i++) {
		enum node_state s =
			node_state(nodes[i].age_s, nodes[i].listens);

		if (s != NODE_UNKNOWN)
			ix->nodes[ix->nnodes++] =
				(struct index_node){ nodes[i].epoch, s };
	}
	pthread_rwlock_unlock(&ix->lock);
}

size_t index_count(struct index *ix)
{
	pthread_rwlock_rdlock(&ix->lock);
	size_t n = ix->n;
	pthread_rwlock_unlock(&ix->lock);
	return n;
}

bool index_is_online(const struct index *ix, const struct device *d)
{
	for (size_t i = 0; d->epoch && i < ix->nnodes; i++)
		if (ix->nodes[i].epoch == d->epoch)
			return online_by(ix->nodes[i].state,
					 (enum transport)d->via);
	return false;
}

const char *index_text(const struct device *d, unsigned which)
{
	const char *s = d->text;

	while (which--)
		s += strlen(s) + 1;
	return s;
}

const struct index_name *index_name_at(const struct index *ix,
				       enum index_kind kind, uint32_t at)
{
	return at ? ix->names[kind].list[at - 1] : NULL;
}

uint32_t index_handle(const struct index *ix, const struct device *d,
		      enum index_kind kind)
{
	if (kind != INDEX_USER_GROUP)
		return d->names[kind];
	const struct index_name *user =
		index_name_at(ix, INDEX_USER, d->names[INDEX_USER]);
	return user ? user->group : 0;
}

struct index_sums index_sums(struct index *ix)
{
	struct index_sums s = { 0 };

	pthread_rwlock_rdlock(&ix->lock);
	s.devices = ix->n;
	for (size_t i = 0; i < ix->n; i++)
		s.online += index_is_online(ix, ix->list[i]);
	pthread_rwlock_unlock(&ix->lock);
	return s;
}
