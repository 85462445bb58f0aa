#include "services/hbbs/edge/httpproxy.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/net/io.h"
#include "services/hbbs/messages/account.h"

struct httpproxy {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	char *url;
	size_t n;
	size_t bytes; /* of their requests */
	TAILQ_HEAD(, call) calls;
	httpproxy_fn fn;
	void *ctx;
};

/* A descriptor that libcurl watches. */
struct watch {
	struct io io;
	struct httpproxy *h;
};

struct call {
	struct httpproxy *h;
	CURL *easy;
	uint64_t client_id;
	size_t len; /* of the request */
	struct curl_slist *head;
	Hbb__HttpProxyRequest *request; /* libcurl reads its body */
	struct buf body;
	Hbb__HeaderEntry entries[HTTPPROXY_HEADERS_MAX];
	Hbb__HeaderEntry *headers[HTTPPROXY_HEADERS_MAX];
	size_t nheaders;
	TAILQ_ENTRY(call) link;
};

/* --- one call ------------------------------------------------------------- */

static void call_destroy(struct call *c)
{
	if (c->easy) {
		curl_multi_remove_handle(c->h->multi, c->easy);
		curl_easy_cleanup(c->easy);
	}
	curl_slist_free_all(c->head);
	if (c->request)
		hbb__http_proxy_request__free_unpacked(c->request, NULL);
	for (size_t i = 0; i < c->nheaders; i++)
		free(c->entries[i].name);
	buf_fini(&c->body);
	TAILQ_REMOVE(&c->h->calls, c, link);
	c->h->n--;
	c->h->bytes -= c->len;
	free(c);
}

static void fail(struct httpproxy *h, uint64_t client_id, const char *why)
{
	char text[CURL_ERROR_SIZE];
	Hbb__HttpProxyResponse r = HBB__HTTP_PROXY_RESPONSE__INIT;

	snprintf(text, sizeof text, "%s", why);
	r.error = text;
	h->fn(h->ctx, client_id, &r);
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;

	return buf_append(&c->body, data, size * n) == 0 ? size * n : 0;
}

/* Of the answer's headers; the rest is of no use behind another transport. */
static bool passes_back(const char *name, size_t len)
{
	static const char *const list[] = { "content-type", "retry-after",
					    "content-disposition",
					    "cache-control", "etag" };

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strlen(list[i]) == len &&
		    strncasecmp(name, list[i], len) == 0)
			return true;
	return false;
}

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	size_t len = size * n;
	const char *colon = memchr(line, ':', len);

	if (!colon || c->nheaders == HTTPPROXY_HEADERS_MAX ||
	    !passes_back(line, (size_t)(colon - line)))
		return len;
	/* "name\0value\0" in one block. */
	char *copy = malloc(len + 2);
	if (!copy)
		return 0;
	size_t name = (size_t)(colon - line);
	const char *value = colon + 1 + strspn(colon + 1, " ");
	size_t end = len;
	while (end > 0 && strchr("\r\n ", line[end - 1]))
		end--;
	size_t value_len =
		(size_t)(value - line) < end ? end - (size_t)(value - line) : 0;
	memcpy(copy, line, name);
	copy[name] = '\0';
	memcpy(copy + name + 1, value, value_len);
	copy[name + 1 + value_len] = '\0';
	Hbb__HeaderEntry *e = &c->entries[c->nheaders];
	*e = (Hbb__HeaderEntry)HBB__HEADER_ENTRY__INIT;
	e->name = copy;
	e->value = copy + name + 1;
	c->headers[c->nheaders++] = e;
	return len;
}

static void answer(struct call *c)
{
	Hbb__HttpProxyResponse r = HBB__HTTP_PROXY_RESPONSE__INIT;
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	r.status = (int32_t)status;
	r.n_headers = c->nheaders;
	r.headers = c->headers;
	/* protobuf-c has no const fields; packing only reads. */
	union {
		const uint8_t *in;
		uint8_t *out;
	} body = { .in = buf_head(&c->body) };
	r.body.data = body.out;
	r.body.len = buf_len(&c->body);
	c->h->fn(c->h->ctx, c->client_id, &r);
}

static void finish(struct call *c, CURLcode result)
{
	struct httpproxy *h = c->h;

	if (result == CURLE_OK) {
		answer(c);
	} else {
		log_warn("api_unreachable", "%s", curl_easy_strerror(result));
		fail(h, c->client_id, "The API server does not answer");
	}
	call_destroy(c);
}

/* --- libcurl on the loop -------------------------------------------------- */

static void reap(struct httpproxy *h)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left))) {
		struct call *c;
		CURLcode result = msg->data.result;
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
				  (char **)&c);
		finish(c, result);
	}
}

static void on_ready(struct io *io, int events, void *ctx)
{
	struct watch *w = ctx;
	struct httpproxy *h = w->h;
	int running, mask = 0;

	if (events & (IO_READ | IO_HUP))
		mask |= CURL_CSELECT_IN;
	if (events & IO_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(h->multi, io->fd, mask, &running);
	reap(h);
}

static void on_timer(void *ctx)
{
	struct httpproxy *h = ctx;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(h);
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
	struct httpproxy *h = ctx;
	(void)multi;

	if (ms < 0)
		timer_stop(&h->timer);
	else
		timer_start(&h->timer, (uint64_t)ms, 0);
	return 0;
}

static void on_unwatched(void *ctx)
{
	free(ctx);
}

static int set_watch(CURL *easy, curl_socket_t fd, int what, void *ctx,
		     void *assigned)
{
	struct httpproxy *h = ctx;
	struct watch *w = assigned;
	(void)easy;

	if (what == CURL_POLL_REMOVE) {
		if (w)
			io_close(&w->io, false, on_unwatched);
		return 0;
	}
	if (!w) {
		w = calloc(1, sizeof *w);
		if (!w || io_open(h->loop, &w->io, fd, on_ready, w) < 0) {
			free(w);
			return -1;
		}
		w->h = h;
		curl_multi_assign(h->multi, fd, w);
	}
	io_want(&w->io, (what & CURL_POLL_IN ? IO_READ : 0) |
				(what & CURL_POLL_OUT ? IO_WRITE : 0));
	return 0;
}

/* --- a request ------------------------------------------------------------ */

static bool passes_on(const char *name)
{
	static const char *const list[] = { "authorization", "content-type",
					    "accept", "accept-language",
					    "if-none-match" };

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcasecmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool add_header(struct call *c, const char *name, const char *value)
{
	char line[WIRE_TOKEN_MAX + 128];
	int n = snprintf(line, sizeof line, "%s: %s", name, value);

	if (n < 0 || (size_t)n >= sizeof line || strpbrk(line, "\r\n"))
		return false;
	struct curl_slist *head = curl_slist_append(c->head, line);
	if (!head)
		return false;
	c->head = head;
	return true;
}

/* Content-Type is JSON unless the client says otherwise (spec 4.19). */
static bool set_headers(struct call *c, const struct addr *from)
{
	char ip[ADDR_TEXT_MAX];
	bool typed = false;

	for (size_t i = 0; i < c->request->n_headers; i++) {
		const Hbb__HeaderEntry *e = c->request->headers[i];
		if (!passes_on(e->name))
			continue;
		typed |= strcasecmp(e->name, "content-type") == 0;
		if (!add_header(c, e->name, e->value))
			return false;
	}
	addr_format_ip(from, ip);
	return (typed || add_header(c, "Content-Type", "application/json")) &&
	       add_header(c, "X-Real-IP", ip) &&
	       add_header(c, "X-Forwarded-For", ip) &&
	       curl_slist_append(c->head, "Expect:");
}

static void set_body(struct call *c)
{
	const Hbb__HttpProxyRequest *r = c->request;

	if (strcmp(r->method, "HEAD") == 0) {
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(r->method, "GET") != 0 || r->body.len > 0) {
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)r->body.len);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS,
				 r->body.len > 0 ? (char *)r->body.data : "");
	}
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static bool prepare(struct call *c, const struct addr *from)
{
	char url[ACCOUNT_HTTP_PATH_MAX + 512];
	int n = snprintf(url, sizeof url, "%s%s", c->h->url, c->request->path);

	c->easy = curl_easy_init();
	if (!c->easy || n < 0 || (size_t)n >= sizeof url ||
	    !set_headers(c, from))
		return false;
	curl_easy_setopt(c->easy, CURLOPT_URL, url);
	curl_easy_setopt(c->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->head);
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)HTTPPROXY_MS);
	curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	set_body(c);
	return curl_multi_add_handle(c->h->multi, c->easy) == CURLM_OK;
}

void httpproxy_run(struct httpproxy *h, uint64_t client_id,
		   const struct addr *from, const uint8_t *data, size_t len)
{
	bool room =
		h->n < HTTPPROXY_MAX && len <= HTTPPROXY_BYTES_MAX - h->bytes;
	struct call *c = room ? calloc(1, sizeof *c) : NULL;

	if (!c) {
		fail(h, client_id, "The server is busy");
		return;
	}
	c->h = h;
	c->client_id = client_id;
	buf_init(&c->body, HTTPPROXY_ANSWER_MAX);
	TAILQ_INSERT_TAIL(&h->calls, c, link);
	h->n++;
	c->len = len;
	h->bytes += len;
	c->request = hbb__http_proxy_request__unpack(NULL, len, data);
	if (c->request && prepare(c, from))
		return;
	fail(h, client_id, "The request cannot be passed on");
	call_destroy(c);
}

/* --- life ----------------------------------------------------------------- */

static void on_closed(void *ctx)
{
	struct httpproxy *h = ctx;

	free(h->url);
	free(h);
}

int httpproxy_open(struct loop *l, const char *url, httpproxy_fn fn, void *ctx,
		   struct httpproxy **out)
{
	if (url[0] == '\0')
		return 0;
	if (strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0) {
		log_error("bad_option", "API_URL: '%s' is no http URL", url);
		return -EINVAL;
	}
	struct httpproxy *h = calloc(1, sizeof *h);
	if (!h)
		return -ENOMEM;
	h->loop = l;
	h->fn = fn;
	h->ctx = ctx;
	h->url = strdup(url);
	TAILQ_INIT(&h->calls);
	timer_init(l, &h->timer, on_timer, h);
	h->multi = curl_multi_init();
	if (!h->url || !h->multi) {
		timer_close(&h->timer, on_closed);
		return -ENOMEM;
	}
	/* Paths begin with a slash. */
	if (h->url[strlen(h->url) - 1] == '/')
		h->url[strlen(h->url) - 1] = '\0';
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, set_watch);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	*out = h;
	return 0;
}

void httpproxy_close(struct httpproxy *h)
{
	if (!h)
		return;
	struct call *next;
	for (struct call *c = TAILQ_FIRST(&h->calls); c; c = next) {
		next = TAILQ_NEXT(c, link);
		call_destroy(c);
	}
	curl_multi_cleanup(h->multi);
	timer_close(&h->timer, on_closed);
}
