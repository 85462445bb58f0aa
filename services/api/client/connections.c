#include "services/api/client/connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/site/keynames.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/journal/budget.h"
#include "services/api/journal/events.h"
#include "services/api/journal/journal.h"
#include "services/api/journal/listing.h"

enum { NONCE_S = 300 };

static const char *open_key(struct db *d, const char *device_guid)
{
	return pool_printf(d->pool, KEY_OPEN, device_guid);
}

/* A device that changes its id goes on under the old one for a moment. */
static bool load_moved(struct call *c, struct peer *p)
{
	const char *id = js_text(c->in, "id");

	if (peer_load(&c->db, id, p))
		return true;
	const char *now = peer_moved(&c->db, id);
	if (!now || !peer_load(&c->db, now, p))
		return false;
	js_set_str(c->in, "id", now);
	return true;
}

bool connection_device(struct call *c, struct peer *p)
{
	return load_moved(c, p) && !p->no_register &&
	       peer_same_machine(p, js_text(c->in, "uuid")) &&
	       !device_deleted(&c->db, p->guid) && !trust_no_room(c, p);
}

static const char *nonce_key(struct call *c)
{
	const char *nonce = js_text(c->in, "nonce");

	return text_is_guid(nonce) ? call_fmt(c, KEY_NONCE, nonce) : NULL;
}

bool connection_repeated(struct call *c)
{
	const char *key = nonce_key(c);

	return key && db_text(db_do(&c->db, "GET", key, NULL));
}

void connection_remember(struct tx *t, struct call *c)
{
	const char *key = nonce_key(c);

	if (!key)
		return;
	tx_expect_key(t, key, NULL);
	tx_do(t, "SET", key, "1", "EX", call_fmt(c, "%d", NONCE_S), NULL);
	metric_add(&c->app->metrics, M_AUDITS, 1);
}

/* The row guid in "guid:misses". */
static const char *row_guid(struct db *d, const char *value)
{
	return value && strlen(value) >= GUID_TEXT - 1
		       ? pool_memdup(d->pool, value, GUID_TEXT - 1)
		       : NULL;
}

struct doc *connection_open_row(struct call *c, const char *device_guid,
				int64_t conn_id)
{
	const char *value =
		db_text(db_do(&c->db, "HGET", open_key(&c->db, device_guid),
			      call_fmt(c, "%" PRId64, conn_id), NULL));

	return doc_get(&c->db, DOC_AUDIT_CONN, row_guid(&c->db, value));
}

static void close_row(struct tx *t, struct doc *row, uint64_t now_ms)
{
	doc_set_int(row, CONN_END_TIME, (int64_t)(now_ms / 1000));
	doc_save(t, row);
	tx_do(t, "ZREM", KEY_OPEN_ALL, row->guid, NULL);
}

/* A reference stands for one connection: whoever shows it again is not
 * believed. The call's own time tells a second run of the handler. */
static bool first_use(struct call *c, const char *ref)
{
	const char *key = call_fmt(c, KEY_CONN_REF, ref);
	const char *own = call_fmt(c, "%" PRIu64 " %" PRId64, c->now_ms,
				   js_int(c->in, "conn_id", 0));

	db_do(call_state(c), "HSETNX", key, REFERENCE_USED, own, NULL);
	const char *used = db_text(
		db_do(call_state(c), "HGET", key, REFERENCE_USED, NULL));
	return used && strcmp(used, own) == 0;
}

/* Was it this device that hbbs let somebody connect to? Its id may have changed
 * since; older nodes of hbbs name nothing else. */
static bool meant(const struct peer *p, const char *pk, const char *target,
		  const char *id)
{
	char own[2 * sizeof(p->pk) + 1];

	if (!pk || !*pk || !p->has_pk)
		return target && strcmp(target, id) == 0;
	keys_hex(own, sizeof(own), p->pk, sizeof(p->pk));
	return strcmp(own, pk) == 0;
}

/* The user is who let the guest in. */
static void take_guest(struct call *c, struct doc *row, const char *link)
{
	if (!link || !*link)
		return;
	doc_set_text(row, CONN_GUEST_LINK, link);
	doc_set_text(
		row, CONN_GUEST_NOTE,
		doc_text(doc_get(&c->db, DOC_GUEST_LINK, link), GUEST_NOTE));
}

/* What the account is called; SHOWN, which its user chooses himself, if there
 * is no account. */
static const char *account_name(struct call *c, const char *guid,
				const char *shown)
{
	const struct doc *u = doc_get(&c->db, DOC_USER, guid);

	return u ? doc_text(u, USER_NAME) : shown ? shown : "";
}

/* Who is behind the connection, as hbbs saw it when it let it through. */
static void take_reference(struct call *c, struct doc *row,
			   const struct peer *p)
{
	const char *ref = js_text(c->in, "conn_audit_ref");

	if (!*ref || !text_is_id(ref))
		return;
	const struct redis_reply *r =
		db_do(call_state(c), "HMGET", call_fmt(c, KEY_CONN_REF, ref),
		      REFERENCE_USER, REFERENCE_NAME, REFERENCE_PK,
		      REFERENCE_TARGET, REFERENCE_GUEST, NULL);
	if (!meant(p, db_text(db_item(r, 2)), db_text(db_item(r, 3)),
		   doc_text(row, AUDIT_DEVICE)) ||
	    !first_use(c, ref))
		return;
	const char *user = db_text(db_item(r, 0));
	doc_set_bool(row, AUDIT_VERIFIED, true);
	doc_set_text(row, CONN_REF, ref);
	doc_set_text(row, AUDIT_USER, user ? user : "");
	doc_set_text(row, AUDIT_USER_NAME,
		     account_name(c, user, db_text(db_item(r, 1))));
	take_guest(c, row, db_text(db_item(r, 4)));
}

static struct doc *new_row(struct call *c, const struct peer *p)
{
	struct doc *row = doc_new(&c->db, DOC_AUDIT_CONN, c->now_ms);

	doc_set_text(row, AUDIT_DEVICE, js_text(c->in, "id"));
	doc_set_text(row, AUDIT_DEVICE_GUID, p->guid);
	doc_take(row, c->in, AUDIT_CONN_ID.of);
	doc_set_text(row, AUDIT_IP, js_text(c->in, "ip"));
	doc_set_bool(row, AUDIT_VERIFIED, false);
	take_reference(c, row, p);
	return row;
}

/* Whether a relay has noted that it carries this connection. By the log-in
 * both ends have reached it. */
static void take_relay(struct call *c, struct doc *row)
{
	const char *ref = doc_text(row, CONN_REF);

	if (!*ref)
		return;
	const char *relay = db_text(db_do(call_state(c), "HGET",
					  call_fmt(c, KEY_CONN_REF, ref),
					  REFERENCE_RELAY, NULL));
	doc_set_bool(row, CONN_RELAYED, relay);
}

static void take_login(struct call *c, struct doc *row)
{
	struct json_object *peer = js_arr(c->in, "peer");

	doc_set_text(row, AUDIT_PEER_ID, js_at(peer, 0));
	doc_set_text(row, CONN_PEER_NAME, js_at(peer, 1));
	if (js_has(c->in, "type"))
		doc_set_int(row, AUDIT_CONN_TYPE, js_int(c->in, "type", 0));
	doc_take(row, c->in, CONN_SESSION_ID.of);
	doc_take(row, c->in, CONN_PRIMARY_AUTH.of);
	doc_take(row, c->in, CONN_TWO_FACTOR.of);
	take_relay(c, row);
}

/* The row this post belongs to; a new one where none is open. Posts of one
 * connection come in order, but the first may have been lost. */
static struct doc *row_for(struct tx *t, struct call *c, const struct peer *p,
			   bool fresh)
{
	int64_t id = js_int(c->in, "conn_id", 0);
	struct doc *row = connection_open_row(c, p->guid, id);
	const char *key = open_key(&c->db, p->guid);

	if (row && fresh)
		close_row(t, row, c->now_ms);
	else if (row)
		return row;
	else if (db_num(db_do(&c->db, "HLEN", key, NULL)) >= CONN_OPEN_MAX)
		return NULL;
	row = new_row(c, p);
	if (!budget_take(t, c, row))
		return NULL;
	tx_do(t, "HSET", key, call_fmt(c, "%" PRId64, id),
	      call_fmt(c, "%s:0", row->guid), NULL);
	tx_do(t, "ZADD", KEY_OPEN_ALL, call_fmt(c, "%" PRIu64, c->now_ms),
	      row->guid, NULL);
	return row;
}

/* The heartbeat tells the device. */
static void kick(struct tx *t, const struct doc *row)
{
	const char *key = pool_printf(t->db->pool, KEY_KICK,
				      doc_text(row, AUDIT_DEVICE_GUID));

	tx_do(t, "SADD", key,
	      pool_printf(t->db->pool, "%" PRId64,
			  doc_int(row, AUDIT_CONN_ID, 0)),
	      NULL);
	tx_do(t, "EXPIRE", key, pool_printf(t->db->pool, "%d", CONN_KICK_S),
	      NULL);
}

/* hbbs let the guest in a moment before the link was revoked. */
static void end_if_revoked(struct tx *t, const struct doc *row)
{
	const char *guid = doc_text(row, CONN_GUEST_LINK);

	if (!*guid)
		return;
	struct doc *link = doc_get(t->db, DOC_GUEST_LINK, guid);
	tx_expect(t, doc_key(DOC_GUEST_LINK), guid, link ? link->raw : NULL);
	if (!link || doc_int(link, GUEST_REVOKED_AT, 0))
		kick(t, row);
}

static int post(struct call *c, const struct peer *p)
{
	const char *action = js_text(c->in, "action");
	bool closing = strcmp(action, "close") == 0;
	struct tx t;

	tx_init(&t, &c->db);
	connection_remember(&t, c);
	struct doc *row = row_for(&t, c, p, strcmp(action, "new") == 0);
	if (!row)
		return call_empty(c);
	if (closing) {
		const char *id =
			call_fmt(c, "%" PRId64, js_int(c->in, "conn_id", 0));

		tx_do(&t, "HDEL", open_key(&c->db, p->guid), id, NULL);
		tx_do(&t, "SREM", call_fmt(c, KEY_KICK, p->guid), id, NULL);
		close_row(&t, row, c->now_ms);
	} else {
		if (!*action)
			take_login(c, row);
		doc_save(&t, row);
		end_if_revoked(&t, row);
	}
	events_add(&t, "conn", row->j);
	return call_result(c, tx_commit(&t));
}

/* What is open at the device; *N is their number. */
static struct doc **open_rows(struct call *c, const char *device_guid,
			      size_t *n)
{
	const struct redis_reply *r =
		db_do(&c->db, "HVALS", open_key(&c->db, device_guid), NULL);

	*n = db_count(r);
	const char **guids = pool_alloc(&c->pool, (*n + 1) * sizeof(char *));
	for (size_t i = 0; i < *n; i++) {
		guids[i] = row_guid(&c->db, db_text(db_item(r, i)));
		if (!guids[i])
			guids[i] = "";
	}
	return doc_many(&c->db, DOC_AUDIT_CONN, guids, *n, n);
}

void connections_end_guests(struct tx *t, struct call *c,
			    const char *device_guid, const char *link)
{
	size_t n;
	struct doc **rows = open_rows(c, device_guid, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(doc_text(rows[i], CONN_GUEST_LINK), link) == 0)
			kick(t, rows[i]);
}

static bool same_session(const struct doc *row, struct json_object *in)
{
	struct json_object *a = doc_any(row, CONN_SESSION_ID.of);
	struct json_object *b = js_get(in, "session_id");

	return a && b &&
	       json_object_get_uint64(a) == json_object_get_uint64(b) &&
	       json_object_get_uint64(a) != 0;
}

/* The open row of the device with the session of IN. The session id is 64
 * random bits that only the two ends know. */
static struct doc *row_by_session(struct call *c, const char *device_id,
				  struct json_object *in)
{
	struct doc *dev = device_by_id(&c->db, device_id);
	struct peer p;

	if (!dev && !peer_load(&c->db, device_id, &p))
		return NULL;
	size_t n;
	struct doc **rows = open_rows(c, dev ? dev->guid : p.guid, &n);
	for (size_t i = 0; i < n; i++)
		if (same_session(rows[i], in))
			return rows[i];
	return NULL;
}

static int set_note(struct call *c, struct doc *row)
{
	const char *note = js_text(c->in, "note");
	struct tx t;

	if (strlen(note) > CONN_NOTE_MAX)
		return call_error(c, 400, "Invalid format: note");
	doc_set_text(row, CONN_NOTE, note);
	tx_init(&t, &c->db);
	doc_save(&t, row);
	return call_result(c, tx_commit(&t));
}

int connections_post(struct call *c)
{
	struct peer p;

	if (js_has(c->in, "note")) {
		struct doc *row =
			row_by_session(c, js_text(c->in, "id"), c->in);

		return row ? set_note(c, row) : call_empty(c);
	}
	if (!connection_device(c, &p) || connection_repeated(c))
		return call_empty(c);
	return post(c, &p);
}

int connections_active(struct call *c)
{
	const char *session = call_query(c, "session_id");
	const char *id = call_query(c, "id");
	struct json_object *in = call_object(c);
	const char *guid = NULL;

	if (id && text_is_id(id) && session) {
		js_set(in, "session_id",
		       json_object_new_uint64(strtoull(session, NULL, 10)));
		struct doc *row = row_by_session(c, id, in);
		const char *user = row ? doc_text(row, AUDIT_USER) : "";

		if (row &&
		    doc_int(row, AUDIT_CONN_TYPE, -1) ==
			    call_query_int(c, "conn_type", 0) &&
		    (!*user || strcmp(user, call_self(c)) == 0))
			guid = row->guid;
	}
	return call_json(c, guid ? json_object_new_string(guid) : NULL);
}

int connections_note(struct call *c)
{
	struct doc *row =
		doc_get(&c->db, DOC_AUDIT_CONN, js_text(c->in, "guid"));
	const char *user = row ? doc_text(row, AUDIT_USER) : "";

	if (!row)
		return call_missing(c);
	/* Without a user the guid itself, which only active gives out, is the
	 * proof. */
	if (*user && strcmp(user, call_self(c)) != 0 &&
	    !listing_may(c, PERM_AUDIT_EDIT, row))
		return call_forbidden(c);
	return set_note(c, row);
}

int connections_disconnect(struct call *c)
{
	struct doc *row = doc_get(&c->db, DOC_AUDIT_CONN, c->param[0]);
	struct tx t;

	if (!row)
		return call_missing(c);
	if (!listing_may(c, PERM_AUDIT_EDIT, row))
		return call_forbidden(c);
	if (doc_has(row, CONN_END_TIME.of))
		return call_error(c, 400, "The connection has ended");
	tx_init(&t, &c->db);
	kick(&t, row);
	journal_write(&t, c, CONSOLE_DEVICE, CONSOLE_DISCONNECT,
		      doc_text(row, AUDIT_DEVICE));
	return call_result(c, tx_commit(&t));
}

static bool listed(struct json_object *conns, const char *id)
{
	int64_t want = strtoll(id, NULL, 10);

	for (size_t i = 0; i < js_len(conns); i++)
		if (json_object_get_int64(js_item(conns, i)) == want)
			return true;
	return false;
}

static void missed(struct tx *t, struct call *c, const char *key,
		   const char *id, const char *value)
{
	const char *guid = row_guid(&c->db, value);
	const char *colon = strchr(value, ':');
	long misses = colon ? strtol(colon + 1, NULL, 10) + 1 : CONN_MISSES;
	struct doc *row = doc_get(&c->db, DOC_AUDIT_CONN, guid);

	tx_expect(t, key, id, value);
	if (row && misses < CONN_MISSES) {
		tx_do(t, "HSET", key, id, call_fmt(c, "%s:%ld", guid, misses),
		      NULL);
		return;
	}
	tx_do(t, "HDEL", key, id, NULL);
	if (row)
		close_row(t, row, c->now_ms);
}

void connections_sweep(struct call *c, const char *device_guid,
		       struct json_object *conns)
{
	const char *key = open_key(&c->db, device_guid);
	const struct redis_reply *r = db_do(&c->db, "HGETALL", key, NULL);
	bool any = false;
	struct tx t;

	tx_init(&t, &c->db);
	for (size_t i = 0; i + 1 < db_count(r); i += 2) {
		const char *id = db_text(db_item(r, i));

		if (listed(conns, id))
			continue;
		missed(&t, c, key, id, db_text(db_item(r, i + 1)));
		any = true;
	}
	/* A conflict means a post came meanwhile: the next heartbeat looks
	 * again. */
	if (any)
		(void)!tx_commit(&t);
}
