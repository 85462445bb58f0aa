/* Requests for the site's API that hbbs passes on: how many at a time, how much
 * of them, and how long an answer may be. */
#include "../common/live.h"

#include "common/base/log.h"
#include "services/hbbs/edge/httpproxy.h"

enum { BODY = 4 << 20 }; /* of a request, as account.c lets through */

static struct live live;
static struct httpproxy *proxy;
static int listening; /* the API, which answers when a test says so */
static unsigned nanswers, nbusy;
static char error[128];
static size_t body_len;

static void on_answer(void *ctx, uint64_t client_id, Hbb__HttpProxyResponse *r)
{
	(void)ctx;
	(void)client_id;
	nanswers++;
	nbusy += strcmp(r->error, "The server is busy") == 0;
	snprintf(error, sizeof error, "%s", r->error);
	body_len = r->body.len;
}

static void setup(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	char url[64];

	log_setup("test", LOG_ERROR, LOG_TEXT);
	live_start(&live);
	listening = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(listening, 4 * HTTPPROXY_MAX), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &len),
			 0);
	live_nonblock(listening);
	snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(at.sin_port));
	ck_assert_int_eq(
		httpproxy_open(&live.loop, url, on_answer, NULL, &proxy), 0);
	nanswers = nbusy = 0;
}

static void teardown(void)
{
	httpproxy_close(proxy);
	close(listening);
	live_end(&live);
}

/* A request with a body of LEN bytes; its size, packed. */
static size_t run(size_t len)
{
	Hbb__HttpProxyRequest r = HBB__HTTP_PROXY_REQUEST__INIT;
	char method[] = "POST", path[] = "/api/heartbeat";
	struct addr from = { 0 };

	r.method = method;
	r.path = path;
	r.body.data = calloc(1, len + 1);
	r.body.len = len;
	size_t size = hbb__http_proxy_request__get_packed_size(&r);
	uint8_t *packed = malloc(size);
	hbb__http_proxy_request__pack(&r, packed);
	httpproxy_run(proxy, 1, &from, packed, size);
	free(packed);
	free(r.body.data);
	return size;
}

START_TEST(so_many_requests_are_passed_on_and_one_more_is_told_so)
{
	setup();
	for (unsigned i = 0; i < HTTPPROXY_MAX; i++)
		run(1);
	ck_assert_uint_eq(nanswers, 0);
	run(1);
	ck_assert_uint_eq(nanswers, 1);
	ck_assert_uint_eq(nbusy, 1);
	teardown();
}
END_TEST

/* LEN bytes that are no request: refused for that, or before for their number.
 */
static void run_junk(size_t len, const char *why)
{
	struct addr from = { 0 };
	uint8_t *junk = calloc(1, len);

	error[0] = '\0';
	httpproxy_run(proxy, 1, &from, junk, len);
	ck_assert_str_eq(error, why);
	free(junk);
}

START_TEST(requests_together_have_so_many_bytes_and_not_one_more)
{
	size_t held = 0;

	setup();
	while (HTTPPROXY_BYTES_MAX - held > 2 * BODY)
		held += run(BODY);
	ck_assert_uint_eq(nanswers, 0);
	run_junk(HTTPPROXY_BYTES_MAX - held + 1, "The server is busy");
	run_junk(HTTPPROXY_BYTES_MAX - held, "The request cannot be passed on");
	/* And gives back what it took. */
	run_junk(HTTPPROXY_BYTES_MAX - held, "The request cannot be passed on");
	teardown();
}
END_TEST

/* The API answers the request under way with LEN bytes. */
static void answer(size_t len)
{
	unsigned before = nanswers;
	char *text = malloc(len + 200);
	int fd = -1, n = snprintf(text, 200,
				  "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
				  "Connection: close\r\n\r\n",
				  len);
	size_t all = (size_t)n + len, at = 0;

	memset(text + n, 'x', len);
	live_until(&live, (fd = accept(listening, NULL, NULL)) >= 0);
	live_nonblock(fd);
	while (nanswers == before) {
		ssize_t sent = send(fd, text + at, all - at,
				    MSG_DONTWAIT | MSG_NOSIGNAL);
		at += sent > 0 ? (size_t)sent : 0;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	close(fd);
	free(text);
}

START_TEST(an_answer_has_so_many_bytes_and_not_one_more)
{
	setup();
	run(1);
	answer(HTTPPROXY_ANSWER_MAX);
	ck_assert_str_eq(error, "");
	ck_assert_uint_eq(body_len, HTTPPROXY_ANSWER_MAX);
	run(1);
	answer(HTTPPROXY_ANSWER_MAX + 1);
	ck_assert_str_ne(error, "");
	ck_assert_uint_eq(body_len, 0);
	teardown();
}
END_TEST

LIVE_MAIN("httpproxy", so_many_requests_are_passed_on_and_one_more_is_told_so,
	  requests_together_have_so_many_bytes_and_not_one_more,
	  an_answer_has_so_many_bytes_and_not_one_more)
