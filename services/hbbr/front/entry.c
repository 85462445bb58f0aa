#include "services/hbbr/front/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/ipset.h"
#include "common/base/log.h"
#include "common/base/quota.h"
#include "services/hbbr/front/conn.h"
#include "services/hbbr/front/memory.h"
#include "services/hbbr/front/ports.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"

enum {
	FIRST_FRAME_MS = 30000, /* the reference's */
	EARLY_MAX = 64 * 1024,  /* what a waiting WebSocket end may say */
	EARLY_PAUSE = EARLY_MAX / 2,
	HELD_FREE = 4096, /* what an unpaired end may hold when memory is
			     short: the first frame has 150 bytes */
	/* To be paired after closing behind early data: the other half's
	 * first frame is on its way, or it does not come. */
	GRACE_MS = 100,
};

struct entry {
	struct entry_opts opts;
	const char *key;
	struct quota quota;
	struct conn_list handshaking; /* oldest first */
	size_t nhandshaking;
	size_t nparked;
	struct conn_list leaving;        /* parked, far end has closed */
	struct timer grace;              /* runs while LEAVING is not empty */
	uint64_t foreign[FOREIGN_KINDS]; /* protocols spoken on TCP */
	struct ports ports;
	bool shut;
};

void entry_release(struct conn *c)
{
	struct entry *e = c->entry;

	if (c->state == C_HANDSHAKE) {
		TAILQ_REMOVE(&e->handshaking, c, link);
		e->nhandshaking--;
	} else {
		e->nparked--;
	}
	if (c->leaving)
		TAILQ_REMOVE(&e->leaving, c, link);
	(void)memory_change(e->opts.memory, c->held, 0);
	c->held = 0;
	c->leaving = false;
	quota_give(&e->quota, &c->client);
}

/* A bare connect and close is a health check or an address probe, no event. */
static enum log_level refusal_level(const struct conn *c, enum reason why)
{
	bool probe = c && !c->ws && c->hs.have == 0;
	bool said = why == REASON_FOREIGN; /* by foreign_log() */

	if (why == REASON_DUPLICATE)
		return LOG_INFO;
	return said || (why == REASON_GONE && probe) ? LOG_DEBUG : LOG_WARN;
}

static void log_refused(const struct conn *c, const struct addr *client,
			enum reason why)
{
	struct log_line l;

	metrics_refused(why);
	log_begin(&l, refusal_level(c, why), "refused");
	log_str(&l, "reason", reason_word(why));
	log_addr(&l, "client", client);
	if (c)
		log_str(&l, "transport", c->ws ? "ws" : "tcp");
	log_end(&l);
}

/* It goes; what is left of it is its descriptor. */
static void leave(struct conn *c, enum reason why)
{
	struct entry *e = c->entry;

	log_refused(c, &c->client, why);
	entry_release(c);
	if (c->session)
		e->opts.on_left(e->opts.ctx, c);
}

void entry_refuse(struct conn *c, enum reason why)
{
	leave(c, why);
	conn_close(c);
}

/* What an unpaired end holds counts with the bridges' buffers. False: it had
 * to be refused. */
static bool account(struct conn *c)
{
	size_t held = conn_memory(c);
	bool fits = memory_change(c->entry->opts.memory, c->held, held);

	c->held = held;
	if (fits || held <= HELD_FREE)
		return true;
	entry_refuse(c, REASON_MEMORY);
	return false;
}

static bool is_blocked(const struct entry *e, const struct addr *client)
{
	return ipset_has(e->opts.blocked, client) ||
	       ipset_has(e->opts.banned, client);
}

/* REASON_NONE if one more unpaired connection of CLIENT may come. All places
 * taken, the oldest that has not said what it wants makes room. */
static enum reason may_enter(struct entry *e, const struct addr *client)
{
	size_t unpaired = e->nhandshaking + e->nparked;

	if (e->shut)
		return REASON_SHUTDOWN;
	if (is_blocked(e, client))
		return REASON_BLOCKED;
	if (unpaired < (size_t)e->opts.cfg->max_parked)
		return REASON_NONE;
	if (TAILQ_EMPTY(&e->handshaking))
		return REASON_CAP_WAITING;
	entry_refuse(TAILQ_FIRST(&e->handshaking), REASON_CROWDED);
	return REASON_NONE;
}

static const struct conn_events unpaired;

/* FD is -1 for a WebSocket; it stays the caller's if NULL is returned. */
static struct conn *enter(struct entry *e, int fd, const struct addr *client)
{
	enum reason why = REASON_NONE;

	if (quota_take(&e->quota, client) < 0)
		why = REASON_CAP_IP;
	else if ((why = may_enter(e, client)) != REASON_NONE)
		quota_give(&e->quota, client);
	if (why != REASON_NONE) {
		log_refused(NULL, client, why);
		return NULL;
	}
	struct conn *c = conn_create(e->opts.loop, fd, client);
	if (!c) {
		quota_give(&e->quota, client);
		return NULL;
	}
	c->entry = e;
	c->events = &unpaired;
	TAILQ_INSERT_TAIL(&e->handshaking, c, link);
	e->nhandshaking++;
	return c;
}

static void first_message(struct conn *c, const uint8_t *msg, size_t len)
{
	struct entry *e = c->entry;
	struct relay_request rq;

	enum reason why = handshake_judge(e->key, msg, len, &rq);
	if (why == REASON_NONE)
		why = e->opts.on_request(e->opts.ctx, c, &rq);
	if (why != REASON_NONE)
		entry_refuse(c, why);
}

/* --- TCP ------------------------------------------------------------------ */

static void on_grace(void *ctx)
{
	struct entry *e = ctx;
	uint64_t now = loop_now(e->opts.loop);
	struct conn *c;

	while ((c = TAILQ_FIRST(&e->leaving)) && now - c->left_ms >= GRACE_MS)
		entry_refuse(c, REASON_GONE);
	if (c)
		timer_start(&e->grace, GRACE_MS - (now - c->left_ms), 0);
}

/* The far end of a waiting connection has closed. */
static void on_parked(struct io *io, int events, void *ctx)
{
	struct conn *c = ctx;
	struct entry *e = c->entry;
	(void)events;

	if (conn_is_dead(c)) {
		entry_refuse(c, REASON_GONE);
		return;
	}
	io_want(io, 0);
	c->leaving = true;
	c->left_ms = loop_now(e->opts.loop);
	if (TAILQ_EMPTY(&e->leaving))
		timer_start(&e->grace, GRACE_MS, 0);
	TAILQ_INSERT_TAIL(&e->leaving, c, link);
}

bool entry_park(struct conn *c)
{
	struct entry *e = c->entry;

	TAILQ_REMOVE(&e->handshaking, c, link);
	e->nhandshaking--;
	e->nparked++;
	conn_enter(c, C_PARKED, &unpaired);
	handshake_fini(&c->hs);
	if (c->ws) {
		ws_set_max_message(c->ws, EARLY_MAX);
		buf_init(&c->in, EARLY_MAX + FRAME_HEAD_MAX);
	} else if (conn_watch(c, IO_HUP, on_parked) < 0) {
		entry_refuse(c, REASON_CAP_WAITING);
		return false;
	}
	return true;
}

static void on_handshake(struct io *io, int events, void *ctx);

/* A console command instead of a frame, where that was asked for: 1, 0, or
 * -EAGAIN while nothing has come; then nothing may be read as a frame. */
static int is_command(const struct conn *c)
{
	const struct entry_opts *o = &c->entry->opts;

	if (!o->cfg->console || c->hs.have > 0 || !addr_is_loopback(&c->client))
		return 0;
	return o->is_command(c->fd);
}

static bool refuse_foreign(struct conn *c)
{
	enum foreign what = conn_foreign(c);

	if (what == FOREIGN_NONE)
		return false;
	c->entry->foreign[what]++;
	foreign_log(what, "relay", &c->client);
	entry_refuse(c, REASON_FOREIGN);
	return true;
}

static void handshake_go_on(struct conn *c)
{
	const struct entry_opts *o = &c->entry->opts;
	enum reason why = REASON_GONE;
	size_t len;

	int r = is_command(c);
	if (r > 0) {
		entry_release(c);
		o->on_command(o->ctx, conn_release(c));
		return;
	}
	r = r < 0 ? 0 : conn_read_first(c, &why);
	if (refuse_foreign(c) || (r == 0 && !account(c)))
		return;
	if (r == 0) {
		if (conn_watch(c, IO_READ, on_handshake) < 0)
			entry_refuse(c, REASON_CAP_WAITING);
		return;
	}
	if (r < 0) {
		entry_refuse(c, why);
		return;
	}
	const uint8_t *msg = handshake_payload(&c->hs, &len);
	first_message(c, msg, len);
}

static void on_handshake(struct io *io, int events, void *ctx)
{
	(void)io;
	(void)events;
	handshake_go_on(ctx);
}

static void on_accept_tcp(void *ctx, int fd, const struct addr *far,
			  const struct addr *client)
{
	struct entry *e = ctx;

	(void)far;
	metrics_count(M_CONN_TCP);
	struct conn *c = enter(e, fd, client);
	if (!c) {
		close(fd);
		return;
	}
	/* The first frame is mostly there already, and of a second half
	 * nothing needs watching then. */
	handshake_go_on(c);
}

/* --- WebSocket ------------------------------------------------------------ */

static void on_accept_web(void *ctx, int fd, const struct addr *far,
			  const struct addr *client)
{
	struct entry *e = ctx;

	(void)far;
	/* A blocked client behind a proxy is known after the upgrade. */
	if (is_blocked(e, client)) {
		log_refused(NULL, client, REASON_BLOCKED);
		close(fd);
		return;
	}
	(void)!ws_adopt(e->ports.ws, fd, client); /* says why not */
}

static void *on_ws_open(void *owner, struct ws *ws,
			const struct forwarded *from)
{
	struct entry *e = owner;

	metrics_count(M_CONN_WS);
	struct conn *c = enter(e, -1, &from->client);
	if (!c)
		return NULL;
	c->ws = ws;
	c->proxied = from->proxied;
	ws_set_max_message(ws, HANDSHAKE_MAX);
	return c;
}

/* Kept as frames, so that the bridge replays them to either kind of end. */
static void keep_early(struct conn *c, const uint8_t *data, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];

	if (buf_append(&c->in, head, frame_put_head(head, len)) < 0 ||
	    buf_append(&c->in, data, len) < 0) {
		entry_refuse(c, REASON_EARLY_DATA);
		return;
	}
	if (account(c) && buf_len(&c->in) >= EARLY_PAUSE)
		ws_pause(c->ws);
}

/* Text carries nothing for a relay; before the pairing it is an error. */
static void on_ws_message(struct conn *c, const uint8_t *data, size_t len,
			  bool binary)
{
	if (c->state == C_PARKED) {
		if (binary && len > 0)
			keep_early(c, data, len);
	} else if (binary) {
		first_message(c, data, len);
	} else {
		entry_refuse(c, REASON_BAD_MESSAGE);
	}
}

static void on_ws_held(struct conn *c)
{
	(void)account(c);
}

static void on_ws_drain(struct conn *c)
{
	(void)c; /* nothing is sent to who is not paired */
}

static void on_ws_gone(struct conn *c)
{
	leave(c, REASON_GONE);
}

static const struct conn_events unpaired = {
	.on_message = on_ws_message,
	.on_held = on_ws_held,
	.on_drain = on_ws_drain,
	.on_gone = on_ws_gone,
};

static const struct ws_events ws_events = {
	.on_open = on_ws_open,
	.on_message = conn_ws_message,
	.on_held = conn_ws_held,
	.on_drain = conn_ws_drain,
	.on_close = conn_ws_closed,
};

/* --- life ----------------------------------------------------------------- */

static void on_grace_closed(void *ctx)
{
	struct entry *e = ctx;

	e->opts.on_closed(e->opts.ctx);
}

int entry_open(const struct entry_opts *o, struct entry **out)
{
	struct entry *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->opts = *o;
	e->key = "";
	quota_init(&e->quota, (uint32_t)o->cfg->max_parked_per_ip,
		   (size_t)o->cfg->max_parked);
	TAILQ_INIT(&e->handshaking);
	TAILQ_INIT(&e->leaving);
	timer_init(o->loop, &e->grace, on_grace, e);
	*out = e;
	return 0;
}

int entry_listen(struct entry *e, const char *key)
{
	struct ports_opts o = {
		.loop = e->opts.loop,
		.cfg = e->opts.cfg,
		.on_tcp = on_accept_tcp,
		.on_web = on_accept_web,
		.on_ws = &ws_events,
		.ctx = e,
	};

	e->key = key;
	return ports_open(&e->ports, &o);
}

uint16_t entry_port(const struct entry *e)
{
	return listen_port(e->ports.tcp);
}

uint16_t entry_web_port(const struct entry *e)
{
	return listen_port(e->ports.web);
}

void entry_reload(struct entry *e)
{
	ws_context_reload(e->ports.ws);
}

void entry_tick(struct entry *e)
{
	uint64_t now = loop_now(e->opts.loop);
	struct conn *c, *next;

	while ((c = TAILQ_FIRST(&e->handshaking)) &&
	       now - c->since_ms >= FIRST_FRAME_MS)
		entry_refuse(c, REASON_TIMEOUT);
	for (c = TAILQ_FIRST(&e->handshaking); c; c = next) {
		next = TAILQ_NEXT(c, link);
		(void)!account(c); /* TLS may hold part of a record */
	}
	metric_gauge(&hbbr_metrics, M_HANDSHAKING, e->nhandshaking);
	ports_gauges(&e->ports, e->foreign);
}

void entry_shut(struct entry *e)
{
	e->shut = true;
	ports_shut(&e->ports);
	while (!TAILQ_EMPTY(&e->handshaking))
		entry_refuse(TAILQ_FIRST(&e->handshaking), REASON_GONE);
}

void entry_close(struct entry *e)
{
	timer_close(&e->grace, on_grace_closed);
	ports_close(&e->ports);
}

void entry_free(struct entry *e)
{
	quota_fini(&e->quota);
	free(e);
}
