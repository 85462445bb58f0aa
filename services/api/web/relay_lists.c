#include "services/api/web/relay_lists.h"

#include <string.h>

#include "common/site/statekey.h"
#include "services/api/web/nodes.h"
#include "services/api/web/overview.h"
#include "state.pb-c.h"

static struct json_object *texts(char *const *list, size_t n)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		js_push_str(out, list[i]);
	return out;
}

static struct json_object *list_view(const State__RelayList *l)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "setting", l->setting);
	js_set_str(o, "path", l->path);
	js_set_bool(o, "missing", l->missing);
	js_set_int(o, "loaded", l->loaded_s);
	js_set_int(o, "entries", l->entries);
	js_set(o, "first", texts(l->first, l->n_first));
	js_set_int(o, "bad", l->bad);
	js_set(o, "bad_first", texts(l->bad_first, l->n_bad_first));
	return o;
}

static struct json_object *relay_view(const struct node *n, const char *raw,
				      size_t len)
{
	State__RelayLists *all = state__relay_lists__unpack(
		NULL, raw ? len : 0, (const uint8_t *)raw);

	if (!all)
		return NULL;
	struct json_object *o = json_object_new_object();
	struct json_object *lists = json_object_new_array();

	js_set_str(o, "name", n->name);
	for (size_t i = 0; i < all->n_lists; i++)
		js_push(lists, list_view(all->lists[i]));
	js_set(o, "lists", lists);
	state__relay_lists__free_unpacked(all, NULL);
	return o;
}

static size_t relays_of(const struct nodes *all,
			const struct node *out[static RELAY_LISTS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < all->n && n < RELAY_LISTS_MAX; i++)
		if (strcmp(all->list[i].service, "hbbr") == 0)
			out[n++] = &all->list[i];
	return n;
}

int web_relay_lists(struct call *c)
{
	const struct node *relays[RELAY_LISTS_MAX];
	const char *argv[RELAY_LISTS_MAX + 1] = { "MGET" };
	size_t lens[RELAY_LISTS_MAX + 1] = { 4 };

	if (!overview_may(c))
		return call_forbidden(c);
	struct db *state = call_state(c);
	size_t n = relays_of(nodes_load(state), relays);
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		char key[STATEKEY_MAX];

		statekey_lists(relays[i]->epoch, key);
		argv[i + 1] = pool_strdup(state->pool, key);
		lens[i + 1] = strlen(key);
	}
	const struct redis_reply *r =
		n ? db_argv(state, (int)n + 1, argv, lens) : NULL;
	for (size_t i = 0; r && i < db_count(r) && i < n; i++) {
		size_t len = 0;
		const char *raw = db_bytes(db_item(r, i), &len);
		struct json_object *o = relay_view(relays[i], raw, len);

		if (o)
			js_push(list, o);
	}
	struct json_object *o = json_object_new_object();
	js_set(o, "data", list);
	return call_json(c, o);
}
