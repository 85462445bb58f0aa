#include "services/api/web/hub.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "services/api/core/http.h"

enum { LINE_MAX_LEN = 320 };

struct event {
	uint64_t ms, seq;
	char kind[20];
	char guid[SEAL_HASH];
	char op[8];
};

struct stream {
	struct call_stream base; /* first: it is what http hands back */
	struct hub *hub;
	LIST_ENTRY(stream) others;
	char user[GUID_TEXT];
	char token[SEAL_HASH];
	bool admin;
	uint64_t any, global; /* rights as bits, perm.h */
	uint64_t at;          /* number of the next event to look at */
	uint64_t beat_ms, end_ms;
	bool resting, ended, greeted, reset;
};

struct hub {
	pthread_mutex_t lock;
	struct event ring[HUB_EVENTS];
	uint64_t count; /* events so far; the last HUB_EVENTS are kept */
	uint64_t base_ms, base_seq;
	LIST_HEAD(, stream) streams;
	size_t nstreams;
	bool closed;
};

/* The right to see all of a kind; those that are not here: administrators. */
static const struct {
	const char *kind;
	enum perm perm;
} kinds[] = {
	{ "device", PERM_DEVICE_VIEW },     { "user", PERM_USER_VIEW },
	{ "usergroup", PERM_UGROUP_VIEW },  { "devicegroup", PERM_DGROUP_VIEW },
	{ "strategy", PERM_STRATEGY_VIEW }, { "controlrole", PERM_ROLE_VIEW },
	{ "audit-conn", PERM_AUDIT_VIEW },  { "audit-file", PERM_AUDIT_VIEW },
	{ "audit-alarm", PERM_AUDIT_VIEW }, { "clone", PERM_DEVICE_VIEW },
};

/* Books and guest links are anybody's: whose they are is not looked up here, so
 * everybody learns that some one changed, and not which. */
static const char *const everybodys[] = { "book", "rule", "guestlink" };

struct hub *hub_new(void)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (h)
		pthread_mutex_init(&h->lock, NULL);
	return h;
}

void hub_free(struct hub *h)
{
	if (h)
		pthread_mutex_destroy(&h->lock);
	free(h);
}

static void wake(struct stream *s)
{
	if (!s->resting)
		return;
	s->resting = false;
	http_wake(&s->base);
}

static void wake_all(struct hub *h)
{
	struct stream *s;

	LIST_FOREACH(s, &h->streams, others)
	wake(s);
}

/* A session that ended, a user or a role that changed: whose rights are in
 * doubt asks for a stream again and is looked at again. */
static void end_doubtful(struct hub *h, const struct event *e)
{
	bool session = strcmp(e->kind, "session") == 0;
	bool user = strcmp(e->kind, "user") == 0;
	bool role = strcmp(e->kind, "adminrole") == 0;
	struct stream *s;

	LIST_FOREACH(s, &h->streams, others)
	if ((session && strcmp(s->token, e->guid) == 0) ||
	    (user && strcmp(s->user, e->guid) == 0) || (role && !s->admin))
		s->ended = true;
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

void hub_publish(struct hub *h, const struct hub_event *e)
{
	pthread_mutex_lock(&h->lock);
	struct event *to = &h->ring[h->count % HUB_EVENTS];
	if (h->count >= HUB_EVENTS) {
		h->base_ms = to->ms;
		h->base_seq = to->seq;
	}
	to->ms = e->ms;
	to->seq = e->seq;
	copy(to->kind, sizeof(to->kind), e->kind);
	copy(to->guid, sizeof(to->guid), e->guid);
	copy(to->op, sizeof(to->op), e->op);
	h->count++;
	end_doubtful(h, to);
	wake_all(h);
	pthread_mutex_unlock(&h->lock);
}

void hub_reset(struct hub *h, uint64_t ms, uint64_t seq)
{
	struct stream *s;

	pthread_mutex_lock(&h->lock);
	h->base_ms = ms;
	h->base_seq = seq;
	h->count = 0;
	LIST_FOREACH(s, &h->streams, others)
	{
		s->reset = true;
		s->at = 0;
	}
	wake_all(h);
	pthread_mutex_unlock(&h->lock);
}

void hub_tick(struct hub *h)
{
	uint64_t now_ms = app_tick_ms();
	struct stream *s;

	pthread_mutex_lock(&h->lock);
	LIST_FOREACH(s, &h->streams, others)
	if (now_ms >= s->beat_ms || now_ms >= s->end_ms)
		wake(s);
	pthread_mutex_unlock(&h->lock);
}

void hub_close(struct hub *h)
{
	pthread_mutex_lock(&h->lock);
	h->closed = true;
	wake_all(h);
	pthread_mutex_unlock(&h->lock);
}

/* What of E the stream's user may know: 0 nothing, 1 the kind, 2 the guid. */
static int may_know(const struct stream *s, const struct event *e)
{
	if (s->admin)
		return strcmp(e->kind, "session") != 0 ? 2 : 0;
	if (strcmp(e->kind, "user") == 0 && strcmp(e->guid, s->user) == 0)
		return 2;
	for (size_t i = 0; i < ARRAY_LEN(everybodys); i++)
		if (strcmp(e->kind, everybodys[i]) == 0)
			return 1;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		uint64_t bit = UINT64_C(1) << kinds[i].perm;

		if (strcmp(e->kind, kinds[i].kind) == 0)
			return s->global & bit ? 2 : s->any & bit ? 1 : 0;
	}
	return 0;
}

/* Kinds, operations and guids are ours: nothing in them needs escaping. */
static size_t write_event(const struct stream *s, const struct event *e,
			  char *out, size_t max)
{
	int known = may_know(s, e);

	if (known == 0)
		return 0;
	int n = snprintf(out, max,
			 "id: %" PRIu64 "-%" PRIu64 "\nevent: change\n"
			 "data: {\"kind\":\"%s\",\"guid\":\"%s\","
			 "\"op\":\"%s\"}\n\n",
			 e->ms, e->seq, e->kind, known == 2 ? e->guid : "",
			 known == 2 ? e->op : "save");
	return n > 0 ? (size_t)n : 0;
}

static size_t write_reset(struct stream *s, char *out, size_t max)
{
	struct hub *h = s->hub;

	if (!s->reset)
		return 0;
	s->reset = false;
	const struct event *last =
		h->count ? &h->ring[(h->count - 1) % HUB_EVENTS] : NULL;
	s->at = h->count;
	return (size_t)snprintf(
		out, max,
		"id: %" PRIu64 "-%" PRIu64 "\nevent: reset\ndata: {}\n\n",
		last ? last->ms : h->base_ms, last ? last->seq : h->base_seq);
}

static size_t write_news(struct stream *s, char *out, size_t max)
{
	struct hub *h = s->hub;
	uint64_t first = h->count > HUB_EVENTS ? h->count - HUB_EVENTS : 0;
	size_t n = 0;

	if (s->at < first)
		s->reset = true; /* it reads more slowly than things change */
	n = write_reset(s, out, max);
	for (; s->at < h->count && max - n > LINE_MAX_LEN; s->at++)
		n += write_event(s, &h->ring[s->at % HUB_EVENTS], out + n,
				 max - n);
	return n;
}

static long read_stream(struct call_stream *base, char *out, size_t max)
{
	struct stream *s = (struct stream *)(void *)base;
	struct hub *h = s->hub;
	uint64_t now_ms = app_tick_ms();

	pthread_mutex_lock(&h->lock);
	long n = (long)write_news(s, out, max);
	bool over = s->ended || h->closed || now_ms >= s->end_ms;
	if (n == 0 && over) {
		n = -1;
	} else if (n == 0 && (!s->greeted || now_ms >= s->beat_ms)) {
		n = snprintf(out, max,
			     s->greeted ? ":\n\n" : "retry: 2000\n\n");
		s->greeted = true;
	}
	if (n == 0) {
		s->resting = true;
		http_rest(base);
	} else {
		s->beat_ms = now_ms + HUB_HEARTBEAT_S * 1000;
	}
	pthread_mutex_unlock(&h->lock);
	return n;
}

static void gone(struct call_stream *base)
{
	struct stream *s = (struct stream *)(void *)base;
	struct hub *h = s->hub;

	pthread_mutex_lock(&h->lock);
	LIST_REMOVE(s, others);
	h->nstreams--;
	pthread_mutex_unlock(&h->lock);
	free(s);
}

static bool is_after(const struct event *e, uint64_t ms, uint64_t seq)
{
	return e->ms > ms || (e->ms == ms && e->seq > seq);
}

/* Where a page that has seen LAST (NULL: new) goes on. */
static void seek(struct hub *h, struct stream *s, const char *last)
{
	uint64_t ms, seq;

	s->at = h->count;
	if (!last)
		return;
	if (sscanf(last, "%" SCNu64 "-%" SCNu64, &ms, &seq) != 2 ||
	    ms < h->base_ms || (ms == h->base_ms && seq < h->base_seq)) {
		s->reset = true;
		return;
	}
	uint64_t first = h->count > HUB_EVENTS ? h->count - HUB_EVENTS : 0;
	while (s->at > first &&
	       is_after(&h->ring[(s->at - 1) % HUB_EVENTS], ms, seq))
		s->at--;
}

static bool room_for(const struct hub *h, const char *user)
{
	const struct stream *s;
	size_t own = 0;

	LIST_FOREACH(s, &h->streams, others)
	own += strcmp(s->user, user) == 0;
	return own < HUB_PER_USER && h->nstreams < HUB_STREAMS;
}

static struct stream *new_stream(struct hub *h, const struct call *c)
{
	struct stream *s = calloc(1, sizeof(*s));
	const struct who *w = &c->who;

	if (!s)
		return NULL;
	s->base.read = read_stream;
	s->base.gone = gone;
	s->hub = h;
	copy(s->user, sizeof(s->user), call_self(c));
	copy(s->token, sizeof(s->token), w->token);
	s->admin = w->admin;
	for (size_t i = 0; i < w->ngrants; i++) {
		s->any |= w->grants[i].perms;
		if (w->grants[i].scope == SCOPE_GLOBAL)
			s->global |= w->grants[i].perms;
	}
	s->end_ms = app_tick_ms() + HUB_STREAM_S * 1000;
	return s;
}

int hub_answer(struct hub *h, struct call *c)
{
	struct stream *s = new_stream(h, c);

	if (!s)
		return call_error(c, 503, "Out of memory");
	pthread_mutex_lock(&h->lock);
	bool room = room_for(h, s->user);
	if (room) {
		seek(h, s, c->header[CALL_LAST_EVENT_ID]);
		LIST_INSERT_HEAD(&h->streams, s, others);
		h->nstreams++;
	}
	pthread_mutex_unlock(&h->lock);
	if (!room) {
		free(s);
		c->retry_after_s = 30;
		return call_error(c, 429, "Too many streams");
	}
	call_empty(c);
	c->type = "text/event-stream; charset=utf-8";
	call_header(c, "X-Accel-Buffering", "no");
	c->stream = &s->base;
	return 0;
}
