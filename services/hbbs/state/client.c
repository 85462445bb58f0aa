#include "services/hbbs/state/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How many connections one address has; freed with the last of them. */
struct ip_count {
	struct addr ip;
	size_t n;
};

static const void *id_key(const void *item, size_t *len)
{
	const struct client *c = item;
	*len = sizeof c->id;
	return &c->id;
}

static const void *addr_key(const void *item, size_t *len)
{
	const struct client *c = item;
	*len = sizeof c->key;
	return &c->key;
}

static const void *ip_key(const void *item, size_t *len)
{
	const struct ip_count *n = item;
	*len = sizeof n->ip;
	return &n->ip;
}

static_assert(sizeof(struct addr) == 18, "an address has no padding to hash");

void client_table_init(struct client_table *t, size_t cap, size_t max_per_ip)
{
	*t = (struct client_table){ .max_per_ip = max_per_ip };
	map_init(&t->by_id, id_key, cap);
	map_init(&t->by_key, addr_key, cap);
	map_init(&t->by_ip, ip_key, cap);
}

void client_table_fini(struct client_table *t)
{
	map_fini(&t->by_id);
	map_fini(&t->by_key);
	map_fini(&t->by_ip);
}

void client_table_limit(struct client_table *t, size_t max)
{
	if (max < t->by_id.cap)
		t->by_id.cap = max;
}

static bool count_in(struct client_table *t, const struct addr *source)
{
	struct addr ip = addr_limit_key(source);
	struct ip_count *n = map_find(&t->by_ip, &ip, sizeof ip);

	if (!n) {
		n = calloc(1, sizeof *n);
		if (!n)
			return false;
		n->ip = ip;
		if (map_put(&t->by_ip, n) != 0) {
			free(n);
			return false;
		}
	}
	if (n->n >= t->max_per_ip)
		return false;
	n->n++;
	return true;
}

static void count_out(struct client_table *t, const struct addr *source)
{
	struct addr ip = addr_limit_key(source);
	struct ip_count *n = map_find(&t->by_ip, &ip, sizeof ip);

	if (n && --n->n == 0) {
		map_take(&t->by_ip, &ip, sizeof ip);
		free(n);
	}
}

bool client_needs_room(const struct client_table *t, const struct addr *source)
{
	struct addr ip = addr_limit_key(source);
	const struct ip_count *n = map_find(&t->by_ip, &ip, sizeof ip);

	return t->by_id.len >= t->by_id.cap && (!n || n->n < t->max_per_ip);
}

struct client *client_create(struct client_table *t,
			     const struct client_info *info)
{
	if (!count_in(t, &info->source))
		return NULL;

	struct client *c = calloc(1, sizeof *c);
	if (!c)
		goto err_count;
	c->id = ++t->last_id;
	c->session = info->session;
	c->source = info->source;
	c->key = info->source;
	c->via = info->via;
	c->port = info->port;
	c->proxied = info->proxied;
	c->plain = info->plain;
	TAILQ_INIT(&c->asks);
	if (map_put(&t->by_id, c) != 0)
		goto err_free;
	return c;

err_free:
	free(c);
err_count:
	count_out(t, &info->source);
	return NULL;
}

static void unlist(struct client_table *t, struct client *c)
{
	if (c->listed)
		map_take(&t->by_key, &c->key, sizeof c->key);
	c->listed = false;
}

void client_destroy(struct client_table *t, struct client *c)
{
	unlist(t, c);
	map_take(&t->by_id, &c->id, sizeof c->id);
	count_out(t, &c->source);
	explicit_bzero(&c->secret, sizeof c->secret);
	free(c);
}

struct client *client_find(const struct client_table *t, uint64_t id)
{
	return map_find(&t->by_id, &id, sizeof id);
}

struct client *client_by_key(const struct client_table *t,
			     const struct addr *key)
{
	return map_find(&t->by_key, key, sizeof *key);
}

/* Ports below 1024 are left out: a client would not believe them. */
static bool free_port(const struct client_table *t, struct client *c)
{
	for (unsigned i = 0; i < 65536; i++) {
		if (c->key.port >= 1024 && !client_by_key(t, &c->key))
			return true;
		c->key.port++;
	}
	return false;
}

bool client_list_by_key(struct client_table *t, struct client *c)
{
	if (c->listed)
		return true;

	struct client *other = client_by_key(t, &c->key);
	if (c->proxied) {
		if (!free_port(t, c))
			return false;
	} else if (other) {
		unlist(t, other);
	}
	c->listed = map_put(&t->by_key, c) == 0;
	return c->listed;
}
