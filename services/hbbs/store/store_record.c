#include "services/hbbs/store/store_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "common/site/record_rename.lua.h"
#include "common/site/record_save.lua.h"
#include "services/hbbs/messages/rendezvous.h"

static const char count_key[] = KEY_PEERS_COUNT;

/* --- load ----------------------------------------------------------------- */

static void load_done(struct op *op)
{
	struct store *s = op->s;

	if (--op->replies > 0)
		return;
	if (op->failed)
		op->found.state = LOOKUP_FAILED;
	rendezvous_loaded(s->in.core, op->ticket, &op->found, store_now(s));
	free(op);
	entry_flush(&s->in);
}

static void on_record(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	size_t len;

	op->found.state = LOOKUP_MISSING;
	if (!store_good(r)) {
		op->failed = true;
	} else if (redis_kind(r) == REDIS_STRING) {
		const char *data = redis_str(r, &len);
		op->found.state = LOOKUP_FOUND;
		if (record_decode((const uint8_t *)data, len,
				  &op->found.record) != 0) {
			log_error("bad_record", "a peer record is damaged");
			op->failed = true;
		}
	}
	load_done(op);
}

static void on_presence(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	size_t len;

	if (!store_good(r)) {
		op->failed = true;
	} else if (redis_kind(r) == REDIS_STRING) {
		const char *data = redis_str(r, &len);
		op->found.has_presence =
			presence_decode((const uint8_t *)data, len,
					&op->found.presence) == 0;
	}
	load_done(op);
}

/* Counts the reply as come if the command was not even accepted. */
static void hget(struct op *op, struct redis *r, redis_fn fn, const char *key,
		 const char *id, size_t len)
{
	const char *argv[] = { "HGET", key, id };
	size_t lens[] = { 4, strlen(key), len };

	if (redis_command(r, fn, op, 3, argv, lens) == 0)
		return;
	op->failed = true;
	op->replies--;
}

void store_load(struct store *s, const struct action *a)
{
	struct op *op = store_op(s, a->ticket);
	if (!op) {
		struct lookup none = { .state = LOOKUP_FAILED };
		rendezvous_loaded(s->in.core, a->ticket, &none, store_now(s));
		return;
	}
	char key[STATEKEY_MAX];
	const char *id = store_id(s, a, 0);
	size_t len = a->id[0].len;

	op->replies = 3; /* one for us, so that it cannot end half-way */
	hget(op, s->data, on_record, statekey_peer(id, len, key), id, len);
	hget(op, s->state, on_presence, statekey_seen(id, len, key), id, len);
	load_done(op);
}

/* --- save, rename --------------------------------------------------------- */

static void saved(struct store *s, uint64_t ticket, enum save_result result)
{
	rendezvous_saved(s->in.core, ticket, result, store_now(s));
	entry_flush(&s->in);
}

static void on_saved(const struct redis_reply *r, void *ctx)
{
	struct op *op = ctx;
	enum save_result result = SAVE_FAILED;

	if (store_good(r))
		result = redis_int(r) == 1    ? SAVE_OK
			 : redis_int(r) == 0  ? SAVE_CONFLICT
			 : redis_int(r) == -2 ? SAVE_TAKEN
					      : SAVE_FULL;
	saved(op->s, op->ticket, result);
	free(op);
}

static void run_save(struct store *s, const struct redis_script *script,
		     uint64_t ticket, int nkeys, const struct args *args)
{
	struct op *op = store_op(s, ticket);

	if (op && redis_eval(s->data, script, on_saved, op, nkeys, args->n,
			     args->v, args->len) == 0)
		return;
	free(op);
	saved(s, ticket, SAVE_FAILED);
}

void store_save(struct store *s, const struct action *a)
{
	char key[STATEKEY_MAX], revision[16], max[24];
	struct args args;

	args.n = 0;

	snprintf(revision, sizeof revision, "%u", a->revision[0]);
	snprintf(max, sizeof max, "%lld", (long long)s->set->max_peers);
	args_text(&args, statekey_peer(store_id(s, a, 0), a->id[0].len, key));
	args_text(&args, count_key);
	args_slice(&args, s, a->id[0]);
	args_text(&args, revision);
	args_slice(&args, s, a->body);
	args_text(&args, max);
	run_save(s, &record_save_lua, a->ticket, 2, &args);
}

/* As the api writes it. */
static const char *format_guid(const uint8_t *guid, char out[static 40])
{
	char hex[2 * RECORD_GUID_LEN + 1];

	keys_hex(hex, sizeof hex, guid, RECORD_GUID_LEN);
	snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		 hex + 16, hex + 20);
	return out;
}

void store_rename(struct store *s, const struct action *a)
{
	char old[STATEKEY_MAX], new[STATEKEY_MAX], rev[2][16], guid[40];
	struct slice record = { a->body.off + RECORD_GUID_LEN,
				a->body.len - RECORD_GUID_LEN };
	struct args args;

	args.n = 0;

	for (unsigned i = 0; i < 2; i++)
		snprintf(rev[i], sizeof rev[i], "%u", a->revision[i]);
	args_text(&args, statekey_peer(store_id(s, a, 0), a->id[0].len, old));
	args_text(&args, statekey_peer(store_id(s, a, 1), a->id[1].len, new));
	args_text(&args, count_key);
	args_slice(&args, s, a->id[0]);
	args_slice(&args, s, a->id[1]);
	args_text(&args, rev[0]);
	args_text(&args, rev[1]);
	args_slice(&args, s, record);
	args_text(&args,
		  format_guid(outbox_at(&s->in.core->out, a->body), guid));
	run_save(s, &record_rename_lua, a->ticket, 3, &args);
}

/* --- restore -------------------------------------------------------------- */

struct restore {
	struct store *s;
	size_t len;
	char id[WIRE_ID_MAX];
};

static void on_restored(const struct redis_reply *r, void *ctx)
{
	struct restore *w = ctx;
	struct peer_table *t = &w->s->in.core->peers;
	struct peer *p = peer_find(t, w->id, w->len);

	bool written = store_good(r);

	w->s->restores--;
	if (!written && p && (p->flags & PEER_HELD) != 0) {
		p->flags |= PEER_UNSAVED;
		peer_mark_dirty(t, p, true);
	}
	if (written)
		store_presence(w->s);
	free(w);
}

static int send_restore(struct store *s, struct restore *w,
			const struct peer *p)
{
	struct record r;
	uint8_t body[RECORD_ENCODED_MAX];
	char key[STATEKEY_MAX], max[24];
	struct args args;

	peer_record(p, &r);
	r.created_s = (int64_t)s->in.core->unix_s;
	keys_random(r.guid, sizeof r.guid);
	snprintf(max, sizeof max, "%lld", (long long)s->set->max_peers);
	args.n = 0;
	args_text(&args, statekey_peer(w->id, w->len, key));
	args_text(&args, count_key);
	args_add(&args, w->id, w->len);
	args_text(&args, "0"); /* the revision of what is not there */
	args_add(&args, body, record_encode(&r, body));
	args_text(&args, max);
	return redis_eval(s->data, &record_save_lua, on_restored, w, 2, args.n,
			  args.v, args.len);
}

void store_restore(struct store *s, const char *id, size_t len)
{
	struct peer *p = peer_find(&s->in.core->peers, id, len);
	struct restore *w = !p ? NULL : malloc(sizeof *w);

	if (!w)
		return; /* what is unsaved comes with the next presence */
	w->s = s;
	w->len = len;
	memcpy(w->id, id, len);
	if (send_restore(s, w, p) != 0) {
		free(w);
		return;
	}
	s->restores++;
	p->flags &= (uint8_t)~PEER_UNSAVED;
}
