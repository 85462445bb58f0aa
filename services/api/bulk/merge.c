#include "services/api/bulk/merge.h"

#include <string.h>

#include "services/api/book/books.h"
#include "services/api/book/entries.h"
#include "services/api/bulk/merge_books.lua.h"
#include "services/api/device/devices.h"
#include "services/api/device/retire.h"
#include "services/api/journal/journal.h"

struct merge {
	struct call *c;
	struct doc *keep;
	struct doc *gone[MERGE_MAX];
	size_t n;
	struct tx t;
	struct json_object *members; /* names of what KEEP gets */
	size_t entries;              /* of books that change */
};

static const char *id_of(const struct doc *dev)
{
	return doc_text(dev, DEVICE_ID);
}

/* --- the device that is kept ---------------------------------------------- */

/* The first of the others that has it gives it. */
static void take_member(struct merge *m, struct field_text f, const char *name)
{
	if (*doc_text(m->keep, f))
		return;
	for (size_t i = 0; i < m->n; i++) {
		const char *has = doc_text(m->gone[i], f);

		if (!*has)
			continue;
		doc_set_text(m->keep, f, has);
		js_push_str(m->members, name);
		return;
	}
}

static void take_members(struct merge *m)
{
	take_member(m, DEVICE_OWNER, "user_name");
	take_member(m, DEVICE_GROUP, "device_group_name");
	take_member(m, DEVICE_STRATEGY, "strategy_name");
	take_member(m, DEVICE_NAME, "device_name");
	take_member(m, DEVICE_USERNAME, "device_username");
	take_member(m, DEVICE_NOTE, "note");
}

/* --- address books -------------------------------------------------------- */

/* One book, as merge_books.lua tells it. */
struct shelf {
	const char *peers; /* key of its entries */
	const char *bin;
	size_t room; /* of the bin */
	struct entry keep;
};

static struct entry read_entry(struct merge *m, const char *id,
			       const struct redis_reply *r)
{
	const char *raw = db_text(r);
	bool ok = false;
	struct entry e = { .id = id };

	if (raw && *raw)
		e.j = js_parse(&m->c->pool, raw, strlen(raw), &ok);
	if (!ok)
		e.j = NULL;
	e.raw = e.j ? raw : NULL;
	return e;
}

/* A tag of either stays; all else that the kept entry has stays its own. */
static void add_tags(struct entry *keep, const struct entry *from)
{
	struct json_object *mine = field_list(keep->j, ENTRY_TAGS);
	struct json_object *his = field_list(from->j, ENTRY_TAGS);
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < js_len(mine); i++)
		js_push_str(all, js_at(mine, i));
	for (size_t i = 0; i < js_len(his); i++)
		if (!js_arr_has(all, js_at(his, i)))
			js_push_str(all, js_at(his, i));
	field_set_list(keep->j, ENTRY_TAGS, all);
}

/* The entry of a device that goes becomes one of the kept; what it was is in
 * the bin, if that has room. */
static void move_entry(struct merge *m, struct shelf *s, struct entry *e)
{
	if (s->keep.j) {
		add_tags(&s->keep, e);
	} else {
		s->keep.j = pool_json(&m->c->pool, js_clone(e->j));
		field_set_text(s->keep.j, ENTRY_ID, s->keep.id);
	}
	tx_expect(&m->t, s->peers, e->id, e->raw);
	tx_do(&m->t, "HDEL", s->peers, e->id, NULL);
	m->entries++;
	if (s->room == 0)
		return;
	s->room--;
	field_set_int(e->j, ENTRY_DELETED_AT, (int64_t)(m->c->now_ms / 1000));
	tx_do(&m->t, "HSET", s->bin, e->id, js_dump(e->j), NULL);
}

/* ROW: its guid, what is in its bin, then an entry of each id. */
static void take_shelf(struct merge *m, const struct redis_reply *r, size_t row)
{
	struct db *d = &m->c->db;
	const char *guid = db_text(db_item(r, row));
	size_t used = (size_t)db_num(db_item(r, row + 1));
	struct shelf s = {
		.peers = book_peers_key(d, guid),
		.bin = book_bin_key(d, guid),
		.room = used < BOOK_BIN_MAX ? BOOK_BIN_MAX - used : 0,
		.keep = read_entry(m, id_of(m->keep), db_item(r, row + 2)),
	};
	size_t before = m->entries;

	for (size_t i = 0; i < m->n; i++) {
		struct entry e = read_entry(m, id_of(m->gone[i]),
					    db_item(r, row + 3 + i));

		if (e.j)
			move_entry(m, &s, &e);
	}
	if (m->entries > before)
		entry_save(&m->t, s.peers, &s.keep);
}

static void take_books(struct merge *m)
{
	const char *argv[MERGE_MAX + 2];
	size_t lens[MERGE_MAX + 2];
	size_t each = m->n + 3;
	int argc = 0;

	argv[argc++] = call_fmt(m->c, "%d", MERGE_BOOKS);
	argv[argc++] = id_of(m->keep);
	for (size_t i = 0; i < m->n; i++)
		argv[argc++] = id_of(m->gone[i]);
	for (int i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	const struct redis_reply *r =
		db_eval_argv(&m->c->db, &merge_books_lua, 0, argc, argv, lens);
	for (size_t at = 0; at + each <= db_count(r); at += each)
		take_shelf(m, r, at);
}

/* --- the call ------------------------------------------------------------- */

static struct doc *find(struct merge *m, const char *guid)
{
	return doc_get(&m->c->db, DOC_DEVICE, guid);
}

static const char *no_such(struct merge *m, const char *guid)
{
	return call_fmt(m->c, "Does not exist: %s", guid);
}

static bool named_before(const struct merge *m, const struct doc *dev)
{
	bool twice = strcmp(m->keep->guid, dev->guid) == 0;

	for (size_t i = 0; i < m->n; i++)
		twice |= strcmp(m->gone[i]->guid, dev->guid) == 0;
	return twice;
}

/* NULL, or what is wrong. */
static const char *read_devices(struct merge *m)
{
	struct json_object *list = js_arr(m->c->in, "remove");
	const char *guid = js_text(m->c->in, "keep");

	m->keep = find(m, guid);
	if (!m->keep)
		return no_such(m, guid);
	if (js_len(list) == 0)
		return "Invalid format: remove";
	for (size_t i = 0; i < js_len(list); i++) {
		struct doc *dev = find(m, js_at(list, i));

		if (!dev)
			return no_such(m, js_at(list, i));
		if (named_before(m, dev))
			return "A device is named twice";
		m->gone[m->n++] = dev;
	}
	return NULL;
}

/* One that is online comes back at once. */
static const char *online(struct merge *m)
{
	const char *ids[MERGE_MAX];

	for (size_t i = 0; i < m->n; i++)
		ids[i] = id_of(m->gone[i]);
	struct peer_seen *seen = peers_seen(m->c, ids, m->n);
	for (size_t i = 0; i < m->n; i++)
		if (seen[i].online)
			return call_fmt(m->c, "Still online: %s", ids[i]);
	return NULL;
}

static int answer(struct merge *m)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "members", json_object_get(m->members));
	js_set_int(o, "entries", (int64_t)m->entries);
	return call_json(m->c, o);
}

static int commit(struct merge *m)
{
	struct call *c = m->c;

	device_save(&m->t, m->keep);
	for (size_t i = 0; i < m->n; i++)
		retire_now(&m->t, c, m->gone[i]);
	journal_write(&m->t, c, CONSOLE_DEVICE, CONSOLE_UPDATE_DEVICE,
		      call_fmt(c, "%s (merged)", id_of(m->keep)));
	int r = tx_commit(&m->t);
	return r < 0 ? r : answer(m);
}

int merge_devices(struct call *c)
{
	struct merge *m = pool_alloc(&c->pool, sizeof(*m));

	*m = (struct merge){ .c = c, .members = call_array(c) };
	const char *bad = read_devices(m);
	if (!bad)
		bad = online(m);
	if (bad)
		return call_error(c, 400, bad);
	tx_init(&m->t, &c->db);
	take_members(m);
	take_books(m);
	if (m->entries > MERGE_ENTRIES)
		return call_error(c, 400,
				  call_fmt(c,
					   "More than %d entries of address "
					   "books would change",
					   MERGE_ENTRIES));
	return js_bool(c->in, "preview", false) ? answer(m) : commit(m);
}
