#include "services/api/jobs/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/log.h"
#include "services/api/core/http.h"
#include "services/api/core/outside.h"
#include "services/api/jobs/ship.h"

enum { IDLE_MS = 60000, BUSY_MS = 1000 };

/* Who reads is the connection's thread, who writes is ours; all but CURL is
 * under the lock. It is freed by our thread when GONE. */
struct transfer {
	struct call_stream base; /* first: it is what http hands back */
	struct fetch *all;
	struct transfer *next;
	CURL *curl; /* our thread's */
	struct s3 from;
	char user[GUID_TEXT];
	char ring[FETCH_BUFFER];
	size_t head, len; /* of the ring: first byte, bytes */
	uint64_t left;    /* bytes that have not come yet */
	long wanted;      /* 206 for a part */
	long status;      /* 0: nothing has been answered */
	CURLcode failed;  /* with ENDED */
	bool begun, paused, resting, ended, gone;
};

struct fetch {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	pthread_t thread;
	CURLM *multi;
	struct transfer *list;
	bool closed, stop;
};

/* --- what comes: our thread ----------------------------------------------- */

static size_t room(const struct transfer *t)
{
	return FETCH_BUFFER - t->len;
}

static void put(struct transfer *t, const char *data, size_t n)
{
	size_t at = (t->head + t->len) % FETCH_BUFFER;
	size_t first = n < FETCH_BUFFER - at ? n : FETCH_BUFFER - at;

	memcpy(t->ring + at, data, first);
	memcpy(t->ring, data + first, n - first);
	t->len += n;
	t->left -= n;
}

static void wake(struct transfer *t)
{
	if (!t->resting)
		return;
	t->resting = false;
	http_wake(&t->base);
}

/* Under the lock. */
static size_t take(struct transfer *t, const char *data, size_t n)
{
	if (t->status == 0) {
		curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->status);
		pthread_cond_broadcast(&t->all->answered);
	}
	if (t->status != t->wanted)
		return n; /* the storage's words are for nobody */
	if (n > t->left)
		return 0; /* it is not what was asked for */
	if (n > room(t)) {
		t->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	put(t, data, n);
	wake(t);
	return n;
}

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	pthread_mutex_lock(&t->all->lock);
	size_t taken = take(t, data, size * n);
	pthread_mutex_unlock(&t->all->lock);
	return taken;
}

static void begin(struct fetch *f, struct transfer *t)
{
	t->begun = true;
	if (curl_multi_add_handle(f->multi, t->curl) == CURLM_OK)
		return;
	t->ended = true;
	t->failed = CURLE_FAILED_INIT;
	pthread_cond_broadcast(&f->answered);
}

static void destroy(struct fetch *f, struct transfer *t)
{
	if (t->begun)
		curl_multi_remove_handle(f->multi, t->curl);
	curl_easy_cleanup(t->curl);
	free(t);
}

/* Data that curl holds back comes from within curl_easy_pause(). */
static void go_on(struct fetch *f, struct transfer *t)
{
	t->paused = false;
	pthread_mutex_unlock(&f->lock);
	curl_easy_pause(t->curl, CURLPAUSE_CONT);
	pthread_mutex_lock(&f->lock);
}

/* Others add to the head of the list, and only we take out of it: what is
 * added while the lock is open is for the next turn. */
static void tend(struct fetch *f)
{
	pthread_mutex_lock(&f->lock);
	for (struct transfer **at = &f->list; *at;) {
		struct transfer *t = *at;

		if (t->gone) {
			*at = t->next;
			destroy(f, t);
			continue;
		}
		if (!t->begun)
			begin(f, t);
		else if (t->paused && room(t) >= FETCH_BUFFER / 2)
			go_on(f, t);
		at = &t->next;
	}
	pthread_mutex_unlock(&f->lock);
}

static void reap(struct fetch *f)
{
	int rest;

	for (CURLMsg *m; (m = curl_multi_info_read(f->multi, &rest));) {
		struct transfer *t;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		pthread_mutex_lock(&f->lock);
		if (t->status == 0)
			curl_easy_getinfo(m->easy_handle,
					  CURLINFO_RESPONSE_CODE, &t->status);
		t->ended = true;
		t->failed = m->data.result;
		pthread_cond_broadcast(&f->answered);
		wake(t);
		pthread_mutex_unlock(&f->lock);
	}
}

static bool stopped(struct fetch *f)
{
	pthread_mutex_lock(&f->lock);
	bool stop = f->stop;
	pthread_mutex_unlock(&f->lock);
	return stop;
}

static void *run(void *arg)
{
	struct fetch *f = arg;
	int n = 0;

	while (!stopped(f)) {
		tend(f);
		curl_multi_perform(f->multi, &n);
		reap(f);
		curl_multi_poll(f->multi, NULL, 0, n ? BUSY_MS : IDLE_MS, NULL);
	}
	return NULL;
}

/* --- what goes: the connection's thread ----------------------------------- */

static size_t get(struct transfer *t, char *out, size_t max)
{
	size_t n = t->len < max ? t->len : max;
	size_t first = n < FETCH_BUFFER - t->head ? n : FETCH_BUFFER - t->head;

	memcpy(out, t->ring + t->head, first);
	memcpy(out + first, t->ring, n - first);
	t->head = (t->head + n) % FETCH_BUFFER;
	t->len -= n;
	return n;
}

static long read_stream(struct call_stream *base, char *out, size_t max)
{
	struct transfer *t = (struct transfer *)(void *)base;
	struct fetch *f = t->all;

	pthread_mutex_lock(&f->lock);
	long n = (long)get(t, out, max);
	if (t->paused && room(t) >= FETCH_BUFFER / 2)
		curl_multi_wakeup(f->multi);
	if (n == 0 && (t->ended || f->closed)) {
		n = -1;
	} else if (n == 0) {
		t->resting = true;
		http_rest(base);
	}
	pthread_mutex_unlock(&f->lock);
	return n;
}

static void let_go(struct fetch *f, struct transfer *t)
{
	pthread_mutex_lock(&f->lock);
	t->gone = true;
	pthread_mutex_unlock(&f->lock);
	curl_multi_wakeup(f->multi);
}

static void gone(struct call_stream *base)
{
	struct transfer *t = (struct transfer *)(void *)base;

	let_go(t->all, t);
}

/* --- beginnings: a lane's thread ------------------------------------------ */

static bool room_for(const struct fetch *f, const char *user)
{
	size_t all = 0, own = 0;

	for (const struct transfer *t = f->list; t; t = t->next) {
		all += !t->gone;
		own += !t->gone && strcmp(t->user, user) == 0;
	}
	return !f->closed && all < FETCH_MAX && own < FETCH_PER_USER;
}

static struct transfer *new_transfer(struct fetch *f, const struct call *c,
				     const struct fetch_part *p)
{
	struct transfer *t = calloc(1, sizeof(*t));
	CURL *h = t ? curl_easy_init() : NULL;

	if (!h) {
		free(t);
		return NULL;
	}
	*t = (struct transfer){
		.base = { .read = read_stream, .gone = gone, .sized = true },
		.all = f,
		.curl = h,
		.from = ship_storage(f->app->cfg),
		.left = p->last - p->first + 1,
		.wanted = p->last - p->first + 1 < p->size ? 206 : 200,
	};
	snprintf(t->user, sizeof(t->user), "%s", call_self(c));
	if (s3_get(h, &t->from, p->name, p->first, p->last, p->size) < 0) {
		curl_easy_cleanup(h);
		free(t);
		return NULL;
	}
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(h, CURLOPT_PRIVATE, t);
	return t;
}

/* False: too many. */
static bool add(struct fetch *f, struct transfer *t)
{
	pthread_mutex_lock(&f->lock);
	bool ok = room_for(f, t->user);
	if (ok) {
		t->next = f->list;
		f->list = t;
	}
	pthread_mutex_unlock(&f->lock);
	if (ok)
		curl_multi_wakeup(f->multi);
	return ok;
}

/* Its status; 0 with WHY: no answer. */
static long wait_head(struct fetch *f, struct transfer *t, const char **why)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += FETCH_HEAD_MS / 1000;
	pthread_mutex_lock(&f->lock);
	int r = 0;
	while (r == 0 && t->status == 0 && !t->ended && !f->closed)
		r = pthread_cond_timedwait(&f->answered, &f->lock, &until);
	long status = t->status;
	*why = status != 0 ? NULL
	       : t->ended  ? curl_easy_strerror(t->failed)
			   : "no answer in time";
	pthread_mutex_unlock(&f->lock);
	return status;
}

static bool refuse(struct call *c, const char *name, long status,
		   const char *why)
{
	log_warn("recording_not_read", "%s: %s", name,
		 why ? why : call_fmt(c, "HTTP status %ld", status));
	c->retry_after_s = status == 404 ? 0 : 10;
	call_error(c, status == 404 ? 404 : 503,
		   status == 404 ? "The storage has no such recording"
				 : "The storage does not answer");
	return false;
}

static bool crowded(struct call *c)
{
	c->retry_after_s = 5;
	call_error(c, 429, "Too many recordings at once");
	return false;
}

bool fetch_answer(struct fetch *f, struct call *c, const struct fetch_part *p)
{
	const char *url = c->app->cfg->record_s3_url;
	const char *why = "it did not answer lately";
	uint64_t began = app_tick_ms();

	if (!f || !outside_ask(c->app, OUTSIDE_S3, url))
		return refuse(c, p->name, 0, why);
	struct transfer *t = new_transfer(f, c, p);
	if (!t)
		return refuse(c, p->name, 0, "out of memory");
	if (!add(f, t)) {
		curl_easy_cleanup(t->curl);
		free(t);
		return crowded(c);
	}
	long status = wait_head(f, t, &why);
	bool away = status == 0 || status >= 500;
	outside_note(c->app, OUTSIDE_S3, url, began,
		     !away ? NULL
		     : why ? why
			   : call_fmt(c, "HTTP status %ld", status));
	if (status != t->wanted) {
		let_go(f, t);
		return refuse(c, p->name, status, why);
	}
	c->out_len = p->last - p->first + 1;
	c->stream = &t->base;
	return true;
}

/* --- the thread ----------------------------------------------------------- */

static int open_fetch(struct fetch *f)
{
	pthread_condattr_t attr;

	f->multi = curl_multi_init();
	if (!f->multi)
		return -ENOMEM;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->answered, &attr);
	pthread_condattr_destroy(&attr);
	return -pthread_create(&f->thread, NULL, run, f);
}

int fetch_start(struct app *app, struct fetch **out)
{
	if (!ship_wanted(app->cfg))
		return 0;
	struct fetch *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->app = app;
	int r = open_fetch(f);
	if (r < 0) {
		if (f->multi)
			curl_multi_cleanup(f->multi);
		free(f);
		return r;
	}
	*out = f;
	return 0;
}

void fetch_drain(struct fetch *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->closed = true;
	for (struct transfer *t = f->list; t; t = t->next)
		wake(t);
	pthread_cond_broadcast(&f->answered);
	pthread_mutex_unlock(&f->lock);
}

void fetch_stop(struct fetch *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_mutex_unlock(&f->lock);
	curl_multi_wakeup(f->multi);
	pthread_join(f->thread, NULL);
	while (f->list) {
		struct transfer *t = f->list;

		f->list = t->next;
		destroy(f, t);
	}
	curl_multi_cleanup(f->multi);
	pthread_cond_destroy(&f->answered);
	pthread_mutex_destroy(&f->lock);
	free(f);
}
