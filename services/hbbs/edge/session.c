#include "services/hbbs/edge/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/listen.h"
#include "common/net/sock.h"
#include "common/net/stream.h"
#include "common/net/ws.h"
#include "services/hbbs/edge/places.h"
#include "services/hbbs/messages/account.h"
#include "services/hbbs/messages/rendezvous.h"
#include "services/hbbs/state/metrics.h"

enum {
	WS_QUEUE_LOW = 16 * 1024,
	WS_HANDSHAKE_MS = 10000,
	/* Descriptors that are no clients': our own, and a part for those
	 * who come and go. */
	OWN_FILES = 32,
	COMING_PART = 16,
};

struct session {
	struct place place;
	struct sessions *all;
	struct stream *stream;
	struct client *client; /* NULL once the core has forgotten it */
	struct addr source;
	size_t held; /* of an unfinished one */
};

struct sessions {
	struct entry in;
	struct sessions_opts opts;
	struct listener *main;
	struct listener *nat;
	struct listener *ws_port;
	struct ws_context *ws;
	struct places places;
	size_t nbound;                   /* registered and not yet forgotten */
	uint64_t foreign[FOREIGN_KINDS]; /* protocols spoken on TCP */
};

static struct session *at(struct place *p)
{
	return container_of(p, struct session, place);
}

/* --- one session ---------------------------------------------------------- */

static uint64_t now_of(const struct session *s)
{
	return loop_now(s->all->in.loop);
}

/* Requests to the API come on encrypted connections alone, and the large ones
 * from where a token has come before. */
static void admit_large(struct session *s)
{
	if (s->client)
		stream_set_max_body(
			s->stream,
			account_message_max(s->all->in.core, s->client));
}

static bool on_held(void *ctx, size_t bytes)
{
	struct session *s = ctx;

	if (!inflight_change(&s->all->in.core->inflight, &s->source, s->held,
			     bytes)) {
		metric_add(&hbbs_metrics, M_DROP_MEMORY, 1);
		return false;
	}
	s->held = bytes;
	return true;
}

static void on_message(void *ctx, const uint8_t *data, size_t len)
{
	struct session *s = ctx;

	if (!s->client)
		return;
	/* An empty message keeps a peer alive, nobody else (spec 4.3). */
	if (len > 0 || s->place.registered)
		place_heard(&s->all->places, &s->place, now_of(s));
	rendezvous_message(s->all->in.core, s->client, data, len, now_of(s));
	entry_flush(&s->all->in);
	admit_large(s);
}

static void forget_client(struct session *s)
{
	const struct entry *in = &s->all->in;

	if (!s->client)
		return;
	rendezvous_close(in->core, s->client, now_of(s));
	s->client = NULL;
	if (s->place.registered)
		s->all->nbound--;
	entry_flush(in);
}

static void note_foreign(struct session *s, const char *reason)
{
	enum foreign what = foreign_of(reason);

	if (what == FOREIGN_NONE || !s->client)
		return;
	s->all->foreign[what]++;
	foreign_log(what, s->client->port == PORT_NAT ? "nat" : "main",
		    &s->client->source);
}

static void on_close(void *ctx, const char *reason)
{
	struct session *s = ctx;

	note_foreign(s, reason);
	if (s->client && log_enabled(LOG_DEBUG)) {
		struct log_line l;
		log_begin(&l, LOG_DEBUG, "connection_closed");
		log_addr(&l, "from", &s->client->source);
		log_str(&l, "reason", reason);
		log_end(&l);
	}
	place_leave(&s->all->places, &s->place);
	(void)on_held(s, 0);
	forget_client(s);
	free(s);
}

static const struct stream_events stream_events = {
	.on_message = on_message,
	.on_held = on_held,
	.on_close = on_close,
};

static struct session *session_create(struct sessions *all)
{
	struct session *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->all = all;
	place_enter(&all->places, &s->place, now_of(s));
	return s;
}

static void session_destroy(struct session *s)
{
	place_leave(&s->all->places, &s->place);
	free(s);
}

/* S makes room, or has to go for another reason. It is offline from now on,
 * however long the closing takes. */
static void dismiss(struct session *s, const char *reason)
{
	place_leave(&s->all->places, &s->place);
	stream_close(s->stream, reason);
	forget_client(s);
}

/* Introduces the session to the core; what the core sends first goes out. */
static bool introduce(struct session *s, struct client_info *info)
{
	const struct entry *in = &s->all->in;

	info->session = s;
	s->source = info->source;
	struct place *oldest = places_oldest(&s->all->places, &s->place);
	if (oldest && client_needs_room(&in->core->clients, &s->source))
		dismiss(at(oldest), "crowded");
	s->client = rendezvous_open(in->core, info, now_of(s));
	entry_flush(in);
	return s->client;
}

void sessions_send(struct client *to, const uint8_t *data, size_t len)
{
	struct session *s = to->session;

	/* An answer of the API is the one message that may be large. */
	if (len > SESSION_QUEUE_MAX / 2)
		stream_set_max_queue(s->stream, len + SESSION_QUEUE_MAX);
	/* A full queue closes the stream by itself. */
	(void)!stream_send(s->stream, data, len);
}

void sessions_end(struct client *to, const char *reason)
{
	struct session *s = to->session;

	stream_close(s->stream, reason);
}

void sessions_registered(struct client *client)
{
	struct session *s = client->session;

	if (s->place.registered)
		return;
	s->all->nbound++;
	place_registered(&s->all->places, &s->place, now_of(s));
}

/* --- accepting ------------------------------------------------------------ */

static void accept_stream(struct sessions *all, int fd,
			  const struct addr *source, enum client_port port)
{
	struct session *s = session_create(all);
	if (!s) {
		close(fd);
		return;
	}
	if (stream_open_tcp(all->in.loop, fd, CLIENT_BODY_MAX,
			    SESSION_QUEUE_MAX, &stream_events, s,
			    &s->stream) != 0) {
		session_destroy(s);
		return;
	}
	struct client_info info = {
		.source = *source,
		.via = VIA_TCP,
		.port = port,
	};
	if (!introduce(s, &info))
		stream_close(s->stream, "too_many_connections");
}

static void accept_main(void *ctx, int fd, const struct addr *peer,
			const struct addr *client)
{
	(void)peer;
	accept_stream(ctx, fd, client, PORT_MAIN);
}

/* The port is shared with the console, for loopback alone and on request. */
void sessions_accept_nat(struct sessions *all, int fd,
			 const struct addr *client)
{
	accept_stream(all, fd, client, PORT_NAT);
}

static void accept_nat(void *ctx, int fd, const struct addr *peer,
		       const struct addr *client)
{
	struct sessions *all = ctx;

	if (all->opts.on_local && addr_is_loopback(peer) &&
	    addr_eq(peer, client))
		all->opts.on_local(all->opts.ctx, fd, client);
	else
		sessions_accept_nat(all, fd, client);
}

static void accept_ws(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct sessions *all = ctx;
	(void)peer;
	(void)!ws_adopt(all->ws, fd, client);
}

/* --- WebSocket ------------------------------------------------------------ */

static void *on_ws_open(void *owner, struct ws *ws,
			const struct forwarded *from)
{
	struct sessions *all = owner;
	struct session *s = session_create(all);

	if (!s)
		return NULL;
	if (stream_open_ws(all->in.loop, ws, &stream_events, s, &s->stream) !=
	    0) {
		session_destroy(s);
		return NULL;
	}
	struct client_info info = {
		.source = from->client,
		.via = VIA_WS,
		.port = PORT_MAIN,
		.proxied = from->proxied,
		.plain = from->proto == FORWARDED_HTTP,
	};
	if (!introduce(s, &info))
		stream_close(s->stream, "too_many_connections");
	return s;
}

static void on_ws_message(void *conn, const uint8_t *data, size_t len,
			  bool binary)
{
	struct session *s = conn;
	stream_ws_message(s->stream, data, len, binary);
}

static bool on_ws_held(void *conn, size_t bytes)
{
	struct session *s = conn;

	return stream_ws_held(s->stream, bytes);
}

static void on_ws_drain(void *conn)
{
	(void)conn; /* nothing waits for room here */
}

static void on_ws_close(void *conn, const char *reason)
{
	struct session *s = conn;
	stream_ws_closed(s->stream, reason);
}

/* --- time ----------------------------------------------------------------- */

static void close_silent(const struct place_list *list, uint64_t limit_ms,
			 const char *reason, uint64_t now_ms)
{
	struct place *p;

	while ((p = places_silent(list, limit_ms, now_ms)))
		dismiss(at(p), reason);
}

void sessions_tick(struct sessions *all, uint64_t now_ms)
{
	const struct places *list = &all->places;
	struct place *p;

	close_silent(&list->mute, SESSION_READ_MS, "read_timeout", now_ms);
	close_silent(&list->fresh, SESSION_READ_MS, "read_timeout", now_ms);
	close_silent(&list->bound, SESSION_DEAD_MS, "no_heartbeat", now_ms);

	/* Never encrypted (spec 1.4). */
	while ((p = places_beat(&all->places, SESSION_BEAT_MS, now_ms)))
		(void)!stream_send(at(p)->stream, "", 0);
}

/* --- life ----------------------------------------------------------------- */

static int open_port(struct sessions *s, int offset, accept_fn fn,
		     struct listener **out)
{
	const struct settings *set = s->opts.settings;
	struct listen_opts o = {
		.bind = set->bind,
		.port = (uint16_t)(set->port + offset),
		.proxy = s->opts.proxy_senders,
	};
	int err = listen_open(s->in.loop, &o, fn, s, out);
	if (err != 0)
		log_error("listen_failed", "TCP port %u: %s", (unsigned)o.port,
			  strerror(-err));
	return err;
}

static int open_ws(struct sessions *s)
{
	static const struct ws_events events = {
		.on_open = on_ws_open,
		.on_message = on_ws_message,
		.on_held = on_ws_held,
		.on_drain = on_ws_drain,
		.on_close = on_ws_close,
	};
	struct ws_opts o = {
		.name = "id",
		.max_message = CLIENT_BODY_MAX,
		.max_queue = SESSION_QUEUE_MAX,
		.low_mark = WS_QUEUE_LOW,
		.handshake_ms = WS_HANDSHAKE_MS,
		.trusted = s->opts.proxies,
		.cert_file = s->opts.settings->tls_cert,
		.key_file = s->opts.settings->tls_key,
	};
	int err = ws_context_open(s->in.loop, &o, &events, s, &s->ws);
	if (err != 0)
		log_error("websocket_failed", "%s", strerror(-err));
	return err;
}

/* Who comes when there is no descriptor left could make nobody go. */
static size_t places_of_files(size_t files)
{
	size_t rest = files - files / COMING_PART;

	return rest > 2 * OWN_FILES ? rest - OWN_FILES : rest / 2;
}

int sessions_open(const struct entry *in, const struct sessions_opts *o,
		  struct sessions **out)
{
	struct sessions *s = calloc(1, sizeof *s);
	if (!s)
		return -ENOMEM;
	s->in = *in;
	s->opts = *o;
	places_init(&s->places);
	client_table_limit(&in->core->clients, places_of_files(sock_nofile()));

	int err = open_ws(s);
	if (err == 0)
		err = open_port(s, 0, accept_main, &s->main);
	if (err == 0)
		err = open_port(s, -1, accept_nat, &s->nat);
	if (err == 0)
		err = open_port(s, 2, accept_ws, &s->ws_port);
	*out = s;
	return err;
}

static void close_all(struct places *all, const struct place_list *list)
{
	struct place *p;

	while ((p = places_silent(list, 0, 0))) {
		place_leave(all, p);
		stream_close(at(p)->stream, "shutdown");
	}
}

void sessions_refuse(struct sessions *s)
{
	listen_close(s->main);
	listen_close(s->nat);
	listen_close(s->ws_port);
	s->main = s->nat = s->ws_port = NULL;
}

void sessions_reload(struct sessions *s)
{
	ws_context_reload(s->ws);
}

struct ws_counts sessions_counts(const struct sessions *s)
{
	struct ws_counts c = ws_context_counts(s->ws);
	for (unsigned i = 0; i < FOREIGN_KINDS; i++)
		c.foreign[i] += s->foreign[i];
	return c;
}

size_t sessions_bound(const struct sessions *s)
{
	return s->nbound;
}

size_t sessions_move(struct sessions *s, size_t n)
{
	struct place *p;

	while (n-- > 0 && (p = places_silent(&s->places.bound, 0, 0)))
		dismiss(at(p), "draining");
	return s->nbound;
}

void sessions_close(struct sessions *s)
{
	if (!s)
		return;
	sessions_refuse(s);
	close_all(&s->places, &s->places.mute);
	close_all(&s->places, &s->places.fresh);
	close_all(&s->places, &s->places.bound);
	if (s->ws)
		ws_context_close(s->ws);
	s->ws = NULL;
}

void sessions_free(struct sessions *s)
{
	free(s);
}
