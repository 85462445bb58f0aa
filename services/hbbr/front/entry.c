/* Connections before they are paired: TCP and WebSocket. */
#include "services/hbbr/front/front.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbr/edge/console.h"
#include "services/hbbr/state/metrics.h"

enum {
	EARLY_MAX = 64 * 1024, /* what a waiting WebSocket end may say */
	EARLY_PAUSE = EARLY_MAX / 2,
	HELD_FREE = 4096, /* what an unpaired end may hold when memory is
			     short: the first frame has 150 bytes */
	/* To be paired after closing behind early data: the other half's
	 * first frame is on its way, or it does not come. */
	GRACE_MS = 100,
};

void front_unpaired_done(struct peer *p)
{
	struct front *f = p->front;

	if (p->state == P_HANDSHAKE) {
		TAILQ_REMOVE(&f->handshaking, p, link);
		f->nhandshaking--;
	}
	if (p->leaving)
		TAILQ_REMOVE(&f->leaving, p, link);
	(void)bridges_account(&f->bridges, p->held, 0);
	p->held = 0;
	p->leaving = false;
	if (p->counted)
		quota_give(&f->quota, &p->client);
	p->counted = false;
}

/* A bare connect and close is a health check or an address probe, no event. */
static enum log_level refusal_level(const struct peer *p, enum reason why)
{
	bool probe = p != NULL && p->ws == NULL && p->hs.have == 0;
	bool said = why == REASON_FOREIGN; /* by foreign_log() */

	if (why == REASON_DUPLICATE)
		return LOG_INFO;
	return said || (why == REASON_GONE && probe) ? LOG_DEBUG : LOG_WARN;
}

static void log_refused(const struct peer *p, const struct addr *client,
			enum reason why)
{
	struct log_line l;

	count_refused(why);
	log_begin(&l, refusal_level(p, why), "refused");
	log_str(&l, "reason", reason_word(why));
	log_addr(&l, "client", client);
	if (p != NULL)
		log_str(&l, "transport", p->ws != NULL ? "ws" : "tcp");
	log_end(&l);
}

void front_refuse(struct peer *p, enum reason why)
{
	log_refused(p, &p->client, why);
	front_unpaired_done(p);
	if (p->session != NULL)
		relay_unpark(p);
	peer_close(p);
}

/* What an unpaired end holds counts with the bridges' buffers. False: it had
 * to be refused. */
static bool account(struct peer *p)
{
	size_t held = peer_memory(p);
	bool fits = bridges_account(&p->front->bridges, p->held, held);

	p->held = held;
	if (fits || held <= HELD_FREE)
		return true;
	front_refuse(p, REASON_MEMORY);
	return false;
}

/* REASON_NONE if one more unpaired connection of CLIENT may come. All places
 * taken, the oldest that has not said what it wants makes room. */
static enum reason may_enter(struct front *f, const struct addr *client)
{
	size_t unpaired = f->nhandshaking + f->match.nwaiting;

	if (f->closing)
		return REASON_SHUTDOWN;
	if (ipset_has(&f->blocked, client))
		return REASON_BLOCKED;
	if (unpaired < (size_t)f->cfg->max_parked)
		return REASON_NONE;
	if (TAILQ_EMPTY(&f->handshaking))
		return REASON_CAP_WAITING;
	front_refuse(TAILQ_FIRST(&f->handshaking), REASON_CROWDED);
	return REASON_NONE;
}

static struct peer *enter(struct front *f, const struct addr *client)
{
	enum reason why = REASON_NONE;

	if (quota_take(&f->quota, client) < 0)
		why = REASON_CAP_IP;
	else if ((why = may_enter(f, client)) != REASON_NONE)
		quota_give(&f->quota, client);
	if (why != REASON_NONE) {
		log_refused(NULL, client, why);
		return NULL;
	}
	struct peer *p = peer_create(f, client, loop_now(f->loop));
	if (p == NULL) {
		quota_give(&f->quota, client);
		return NULL;
	}
	p->counted = true;
	TAILQ_INSERT_TAIL(&f->handshaking, p, link);
	f->nhandshaking++;
	return p;
}

static void first_message(struct peer *p, const uint8_t *msg, size_t len)
{
	struct relay_request rq;

	enum reason why = handshake_judge(p->front->key, msg, len, &rq);
	if (why != REASON_NONE)
		front_refuse(p, why);
	else
		relay_arrive(p, &rq);
}

/* --- TCP ------------------------------------------------------------------ */

void front_on_grace(void *ctx)
{
	struct front *f = ctx;
	uint64_t now = loop_now(f->loop);
	struct peer *p;

	while ((p = TAILQ_FIRST(&f->leaving)) != NULL &&
	       now - p->left_ms >= GRACE_MS)
		front_refuse(p, REASON_GONE);
	if (p != NULL)
		timer_start(&f->grace, GRACE_MS - (now - p->left_ms), 0);
}

/* The far end of a waiting connection has closed. */
static void on_parked(struct io *io, int events, void *ctx)
{
	struct peer *p = ctx;
	struct front *f = p->front;
	(void)events;

	if (peer_is_dead(p)) {
		front_refuse(p, REASON_GONE);
		return;
	}
	io_want(io, 0);
	p->leaving = true;
	p->left_ms = loop_now(f->loop);
	if (TAILQ_EMPTY(&f->leaving))
		timer_start(&f->grace, GRACE_MS, 0);
	TAILQ_INSERT_TAIL(&f->leaving, p, link);
}

struct peer *front_enter_link(struct front *f, int fd,
			      const struct addr *client)
{
	struct peer *p = peer_create(f, client, loop_now(f->loop));

	if (p == NULL) {
		close(fd);
		return NULL;
	}
	p->fd = fd;
	TAILQ_INSERT_TAIL(&f->handshaking, p, link);
	f->nhandshaking++;
	return p;
}

bool front_park(struct peer *p)
{
	TAILQ_REMOVE(&p->front->handshaking, p, link);
	p->front->nhandshaking--;
	peer_enter(p, P_PARKED);
	handshake_fini(&p->hs);
	if (p->ws != NULL) {
		ws_set_max_message(p->ws, EARLY_MAX);
		buf_init(&p->in, EARLY_MAX + FRAME_HEAD_MAX);
	} else if (peer_watch(p, IO_HUP, on_parked) < 0) {
		front_refuse(p, REASON_CAP_WAITING);
		return false;
	}
	return true;
}

static void on_handshake(struct io *io, int events, void *ctx);

/* 1: the frame is complete, 0: wait for more, else the reason is in *WHY. */
static int read_first_frame(struct peer *p, enum reason *why)
{
	for (;;) {
		uint8_t *at;
		size_t want = handshake_want(&p->hs, &at);
		ssize_t n = recv(p->fd, at, want, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		*why = REASON_GONE;
		if (n <= 0)
			return -1;
		int r = handshake_got(&p->hs, (size_t)n);
		*why = r == -EMSGSIZE ? REASON_TOO_BIG : REASON_BAD_MESSAGE;
		if (r != 0)
			return r;
	}
}

/* A console command instead of a frame, where that was asked for: 1, 0, or
 * -EAGAIN while nothing has come; then nothing may be read as a frame. */
static int is_console(const struct peer *p)
{
	if (!p->front->cfg->console || p->hs.have > 0 ||
	    !addr_is_loopback(&p->client))
		return 0;
	return console_sniff(p->fd);
}

/* Another protocol, by what has been read and what follows it. */
static enum foreign look(const struct peer *p)
{
	const struct handshake *hs = &p->hs;
	uint8_t first[FOREIGN_LOOK];
	size_t n = hs->have < FOREIGN_LOOK ? hs->have : FOREIGN_LOOK;

	memcpy(first, hs->frame != NULL ? hs->frame : hs->start, n);
	if (n > 0 && n < FOREIGN_LOOK) {
		ssize_t more = recv(p->fd, first + n, FOREIGN_LOOK - n,
				    MSG_PEEK | MSG_DONTWAIT);
		n += more > 0 ? (size_t)more : 0;
	}
	return foreign_look(first, n);
}

static bool refuse_foreign(struct peer *p)
{
	enum foreign what = look(p);

	if (what == FOREIGN_NONE)
		return false;
	p->front->foreign[what]++;
	foreign_log(what, "relay", &p->client);
	front_refuse(p, REASON_FOREIGN);
	return true;
}

static void handshake_go_on(struct peer *p)
{
	enum reason why = REASON_CAP_WAITING;
	size_t len;

	int r = is_console(p);
	if (r > 0) {
		front_unpaired_done(p);
		p->front->on_console(p->front->ctx, peer_release(p));
		return;
	}
	r = r < 0 ? 0 : read_first_frame(p, &why);
	if (refuse_foreign(p) || (r == 0 && !account(p)))
		return;
	if (r == 0 && peer_watch(p, IO_READ, on_handshake) == 0)
		return;
	if (r <= 0) {
		front_refuse(p, why);
		return;
	}
	const uint8_t *msg = handshake_payload(&p->hs, &len);
	first_message(p, msg, len);
}

static void on_handshake(struct io *io, int events, void *ctx)
{
	(void)io;
	(void)events;
	handshake_go_on(ctx);
}

void front_accept_tcp(void *ctx, int fd, const struct addr *peer,
		      const struct addr *client)
{
	struct front *f = ctx;

	count(M_CONN_TCP);
	(void)peer;
	struct peer *p = enter(f, client);
	if (p == NULL) {
		close(fd);
		return;
	}
	p->fd = fd;
	/* The first frame is mostly there already, and of a second half
	 * nothing needs watching then. */
	handshake_go_on(p);
}

/* --- WebSocket ------------------------------------------------------------ */

void front_accept_ws(void *ctx, int fd, const struct addr *peer,
		     const struct addr *client)
{
	struct front *f = ctx;

	/* A blocked client behind a proxy is known after the upgrade. */
	if (ipset_has(&f->blocked, client)) {
		log_refused(NULL, client, REASON_BLOCKED);
		close(fd);
		return;
	}
	(void)peer;
	(void)!ws_adopt(f->ws, fd, client); /* says why not */
}

static void *on_ws_open(void *owner, struct ws *ws,
			const struct forwarded *from)
{
	struct front *f = owner;

	count(M_CONN_WS);
	struct peer *p = enter(f, &from->client);
	if (p == NULL)
		return NULL;
	p->ws = ws;
	p->proxied = from->proxied;
	ws_set_max_message(ws, HANDSHAKE_MAX);
	return p;
}

/* Kept as frames, so that the bridge replays them to either kind of end. */
static void keep_early(struct peer *p, const uint8_t *data, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];

	if (buf_append(&p->in, head, frame_put_head(head, len)) < 0 ||
	    buf_append(&p->in, data, len) < 0) {
		front_refuse(p, REASON_EARLY_DATA);
		return;
	}
	if (account(p) && buf_len(&p->in) >= EARLY_PAUSE)
		ws_pause(p->ws);
}

/* Text carries nothing for a relay; before the pairing it is an error. */
static void on_ws_message(void *conn, const uint8_t *data, size_t len,
			  bool binary)
{
	struct peer *p = conn;

	switch (p->state) {
	case P_HANDSHAKE:
		if (binary)
			first_message(p, data, len);
		else
			front_refuse(p, REASON_BAD_MESSAGE);
		break;
	case P_PARKED:
		if (binary && len > 0)
			keep_early(p, data, len);
		break;
	case P_BRIDGED:
		bridge_ws_message(p, data, binary ? len : 0);
		break;
	case P_GONE:
	case PEER_STATES:
		break;
	}
}

/* What is held is asked of the WebSocket itself, whoever held it. */
static bool on_ws_held(void *conn, size_t bytes)
{
	struct peer *p = conn;

	(void)bytes;
	if (p->state == P_BRIDGED)
		bridge_ws_held(p);
	else if (p->state != P_GONE)
		(void)account(p);
	return true;
}

static void on_ws_drain(void *conn)
{
	struct peer *p = conn;

	if (p->state == P_BRIDGED)
		bridge_ws_drain(p);
}

static void on_ws_close(void *conn, const char *reason)
{
	struct peer *p = conn;

	log_debug("ws_closed", "%s", reason);
	if (p->state == P_BRIDGED) {
		bridge_ws_gone(p);
	} else if (p->state != P_GONE) {
		log_refused(p, &p->client, REASON_GONE);
		front_unpaired_done(p);
		if (p->session != NULL)
			relay_unpark(p);
	}
	peer_ws_closed(p);
}

const struct ws_events front_ws_events = {
	.on_open = on_ws_open,
	.on_message = on_ws_message,
	.on_held = on_ws_held,
	.on_drain = on_ws_drain,
	.on_close = on_ws_close,
};
