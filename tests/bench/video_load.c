/*
 * video_load: devices that send video to browsers.
 *
 *	video_load MODE [host= port= wss= sessions= ms= pids= proxy=]
 *
 *	paced   30 frames a second, 5 Mbit/s a session
 *	full    the same frames as fast as they are taken
 *
 * A device joins the relay at port= by TCP; its browser comes by WebSocket in
 * TLS to the proxy at wss=. Every frame carries the moment at which it was
 * due, so a frame that waits for its predecessors is late. pids= is the
 * relay's process, proxy= the proxy's; none where the relay itself takes TLS.
 * Prints one JSON object.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/gen.h"

enum {
	FPS = 30,
	KEY_FRAME = 200000, /* the first of FPS */
	FRAMES_MAX = 4000000,
	WARM_MS = 500,
	GAP_US = 1500, /* the reference loses halves that come together */
	TRIES = 5,
	PATIENCE_S = 20, /* for an answer, and for every frame */
	READ_MAX = 65536,
	EVENTS = 64,
};

/* With the key frame 0.62 MB a second. */
static const uint32_t delta_frames[] = { 120, 2000, 8000, 15000, 25000, 38000 };

struct session {
	unsigned i;
	/* the device */
	int fd;
	uint64_t frame; /* the one under way */
	size_t sent;    /* of it */
	uint8_t head[FRAME_HEAD_MAX + sizeof(double)];
	size_t head_len;
	/* the browser */
	SSL *tls;
	uint8_t ws_head[10];
	size_t ws_head_len;
	uint64_t len;  /* of the message so far */
	uint64_t left; /* of its frame under way */
	union {
		uint8_t bytes[sizeof(double)];
		double s;
	} due;
};

static SSL_CTX *tls_ctx;
static struct session *sessions;
static unsigned n_sessions;
static bool paced;
static double start;
static atomic_bool stop;
static _Atomic double measure_from = 1e300;
static _Atomic uint64_t received;
static double *late_ms;
static _Atomic size_t n_late;

/* --- the browser ---------------------------------------------------------- */

static void write_all(SSL *tls, const void *data, size_t n)
{
	if (SSL_write(tls, data, (int)n) != (int)n)
		die("TLS write");
}

static SSL *dial_browser(void)
{
	static const char ask[] =
		"GET /ws/relay HTTP/1.1\r\nHost: bench\r\nUpgrade: "
		"websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct timeval patience = { .tv_sec = PATIENCE_S };
	char in[1024];
	size_t n = 0;

	int fd = dial((uint16_t)num("wss", 443), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	SSL *tls = SSL_new(tls_ctx);
	SSL_set_fd(tls, fd);
	if (SSL_connect(tls) != 1)
		die("TLS handshake");
	write_all(tls, ask, sizeof(ask) - 1);
	while (n < 4 || memcmp(in + n - 4, "\r\n\r\n", 4) != 0) {
		if (n == sizeof(in) || SSL_read(tls, in + n, 1) != 1)
			die("WebSocket handshake");
		n++;
	}
	if (strncmp(in, "HTTP/1.1 101", 12) != 0)
		die("WebSocket handshake refused");
	return tls;
}

static void record(const struct session *s)
{
	if (s->due.s < measure_from)
		return;
	size_t at = n_late;
	if (at == FRAMES_MAX)
		die("too many frames");
	late_ms[at] = (now() - s->due.s) * 1e3;
	n_late = at + 1;
}

/* A message may come in several frames; the last one may be empty. */
static void end_frame(struct session *s)
{
	if ((s->ws_head[0] & 0x80) == 0)
		return;
	if (s->len >= sizeof(s->due.bytes))
		record(s);
	s->len = 0;
}

/* The next byte of the head of a WebSocket frame. */
static void take_head(struct session *s, uint8_t byte)
{
	s->ws_head[s->ws_head_len++] = byte;
	if (s->ws_head_len < 2)
		return;
	if ((s->ws_head[0] & 0x0f) > 2)
		die("no frame of a binary message");
	size_t wide = s->ws_head[1] == 126 ? 2 : s->ws_head[1] == 127 ? 8 : 0;
	if (s->ws_head_len < 2 + wide)
		return;
	s->left = wide == 0 ? s->ws_head[1] : 0;
	for (size_t i = 0; i < wide; i++)
		s->left = s->left << 8 | s->ws_head[2 + i];
	s->ws_head_len = 0;
	if (s->left == 0)
		end_frame(s);
}

static void take_body(struct session *s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && s->len + i < sizeof(s->due.bytes); i++)
		s->due.bytes[s->len + i] = p[i];
	s->len += n;
	s->left -= n;
	received += n;
	if (s->left == 0)
		end_frame(s);
}

static void feed(struct session *s, const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t take = s->left < n ? (size_t)s->left : n;
		if (take == 0) {
			take = 1;
			take_head(s, *p);
		} else {
			take_body(s, p, take);
		}
		p += take;
		n -= take;
	}
}

/* One record of TLS; what is left in the socket is told again. */
static void browse(struct session *s)
{
	uint8_t in[READ_MAX];
	int n;

	do {
		n = SSL_read(s->tls, in, sizeof(in));
		if (n > 0)
			feed(s, in, (size_t)n);
		else if (SSL_get_error(s->tls, n) != SSL_ERROR_WANT_READ)
			die("a browser's connection ended");
	} while (n > 0 && SSL_pending(s->tls) > 0);
}

static void *browsers(void *unused)
{
	struct epoll_event ev[EVENTS];
	int ep = epoll_create1(0);
	(void)unused;

	for (unsigned i = 0; i < n_sessions; i++) {
		int fd = SSL_get_fd(sessions[i].tls);
		ev[0] = (struct epoll_event){ .events = EPOLLIN,
					      .data.u32 = i };
		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, ev) < 0)
			die("epoll_ctl");
	}
	while (!stop) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++)
			browse(&sessions[ev[i].data.u32]);
	}
	close(ep);
	return NULL;
}

/* --- the device ----------------------------------------------------------- */

/* Key frames of the sessions do not coincide. */
static size_t frame_size(const struct session *s)
{
	uint64_t k = s->frame + (uint64_t)s->i * 7;
	size_t kinds = sizeof(delta_frames) / sizeof(delta_frames[0]);

	return k % FPS == 0 ? KEY_FRAME : delta_frames[k % FPS % kinds];
}

static double due_at(const struct session *s)
{
	return start + ((double)s->frame + (double)s->i / n_sessions) / FPS;
}

/* Sends the frame under way; false: the socket takes no more. */
static bool send_rest(struct session *s)
{
	static uint8_t body[KEY_FRAME];
	size_t size = frame_size(s);

	if (s->sent == 0) {
		double due = paced ? due_at(s) : now();
		s->head_len = put_head(s->head, size);
		memcpy(s->head + s->head_len, &due, sizeof(due));
		s->head_len += sizeof(due);
	}
	size_t of_head = s->sent < s->head_len ? s->sent : s->head_len;
	size_t of_body = s->sent - of_head;
	struct iovec iov[2] = {
		{ s->head + of_head, s->head_len - of_head },
		{ body, size - sizeof(double) - of_body },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n = sendmsg(s->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN)
		die("a device's connection ended");
	s->sent += n > 0 ? (size_t)n : 0;
	if (s->sent < s->head_len + size - sizeof(double))
		return false;
	s->sent = 0;
	s->frame++;
	return true;
}

static void sleep_until(double at)
{
	struct timespec ts = { .tv_sec = (time_t)at };

	ts.tv_nsec = (long)((at - (double)ts.tv_sec) * 1e9);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void send_due(void)
{
	double next = start + 1e9;

	for (unsigned i = 0; i < n_sessions; i++) {
		struct session *s = &sessions[i];
		while (due_at(s) <= now() && send_rest(s))
			;
		if (due_at(s) < next)
			next = due_at(s);
	}
	/* A frame that waits for its socket is tried again soon. */
	double soon = now() + 2e-4;
	sleep_until(next > soon ? next : soon);
}

static void send_full(struct pollfd *ready)
{
	if (poll(ready, n_sessions, 100) <= 0)
		return;
	for (unsigned i = 0; i < n_sessions; i++) {
		if (ready[i].revents != 0)
			(void)send_rest(&sessions[i]);
	}
}

static void *devices(void *unused)
{
	struct pollfd *ready = calloc(n_sessions, sizeof(*ready));
	(void)unused;

	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned i = 0; i < n_sessions; i++)
		ready[i] = (struct pollfd){ .fd = sessions[i].fd,
					    .events = POLLOUT };
	while (!stop) {
		if (paced)
			send_due();
		else
			send_full(ready);
	}
	free(ready);
	return NULL;
}

/* --- pairs ---------------------------------------------------------------- */

/* RequestRelay{uuid}, not framed. */
static size_t request(uint8_t *out, const char *uuid)
{
	uint8_t inner[64];
	size_t n = (size_t)(put_field(inner, 2, uuid, strlen(uuid)) - inner);

	return (size_t)(put_field(out, 18, inner, n) - out);
}

/* False: the relay lost the pair. */
static bool pair_up(struct session *s, unsigned try)
{
	uint8_t body[128], ws[160] = { 0x82 };
	char uuid[48], in[16];

	snprintf(uuid, sizeof(uuid), "%08x-load-4000-8000-%04x%08x",
		 (unsigned)getpid(), try, s->i);
	size_t n = request(body, uuid);
	s->fd = dial((uint16_t)num("port", 21117), 0);
	s->tls = dial_browser();
	if (!send_frame(s->fd, body, n))
		die("send");
	usleep(GAP_US);
	ws[1] = (uint8_t)(0x80 | n); /* below 126, the mask is 0 */
	memcpy(ws + 6, body, n);
	write_all(s->tls, ws, n + 6);
	if (!send_frame(s->fd, (const uint8_t *)"a", 1))
		die("send");
	return SSL_read(s->tls, in, sizeof(in)) == 3 && in[2] == 'a';
}

static void pair_sure(struct session *s)
{
	for (unsigned try = 0; try < TRIES; try++) {
		if (pair_up(s, try))
			return;
		close(s->fd);
		close(SSL_get_fd(s->tls));
		SSL_free(s->tls);
	}
	die("pairs are lost again and again");
}

static void setup(void)
{
	tls_ctx = SSL_CTX_new(TLS_client_method());
	/* In the order of browsers; OpenSSL's own begins with AES-256. */
	if (!tls_ctx ||
	    SSL_CTX_set_ciphersuites(tls_ctx, "TLS_AES_128_GCM_SHA256:"
					      "TLS_AES_256_GCM_SHA384") != 1)
		die("TLS");
	sessions = calloc(n_sessions, sizeof(*sessions));
	late_ms = malloc(FRAMES_MAX * sizeof(*late_ms));
	if (!sessions || !late_ms)
		die("memory");
	for (unsigned i = 0; i < n_sessions; i++) {
		sessions[i].i = i;
		pair_sure(&sessions[i]);
	}
}

/* What RELAY and PROXY spend for MS, as JSON without its end. */
static void measure(const char *relay, const char *proxy, int ms)
{
	poll(NULL, 0, WARM_MS); /* past the slow start */
	double cpu[2] = { cpu_of(relay), cpu_of(proxy) }, began = now();
	uint64_t bytes = received;

	measure_from = began;
	poll(NULL, 0, ms);
	/* However slow the machine, no figure is of nothing. */
	while (n_late < n_sessions && now() < began + PATIENCE_S)
		poll(NULL, 0, 10);
	double took = now() - began;
	double gib = (double)(received - bytes) / (1 << 30);
	cpu[0] = cpu_of(relay) - cpu[0];
	cpu[1] = cpu_of(proxy) - cpu[1];
	if (n_late == 0)
		die("no frame arrived");
	printf("{\"mbit_per_s\": %.3f, \"relay_cpu_s_per_gib\": %.4f, "
	       "\"proxy_cpu_s_per_gib\": %.4f, ",
	       gib * 8 * 1024 * 1.048576 / took, cpu[0] / gib, cpu[1] / gib);
}

int main(int argc, char **argv)
{
	pthread_t device, browser;

	gen_init("video_load", argc, argv);
	if (argc < 2 ||
	    (strcmp(argv[1], "paced") != 0 && strcmp(argv[1], "full") != 0))
		return 2;
	paced = strcmp(argv[1], "paced") == 0;
	n_sessions = (unsigned)num("sessions", 1);
	const char *relay = arg("pids", NULL), *proxy = arg("proxy", "");
	long rss[2] = { rss_of(relay), rss_of(proxy) };
	setup();
	rss[0] = rss_of(relay) - rss[0];
	rss[1] = rss_of(proxy) - rss[1];

	start = now();
	pthread_create(&browser, NULL, browsers, NULL);
	pthread_create(&device, NULL, devices, NULL);
	measure(relay, proxy, (int)num("ms", 2000));
	stop = true;
	pthread_join(device, NULL);
	pthread_join(browser, NULL);
	printf("\"frames\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
	       "\"relay_kib\": %ld, \"proxy_kib\": %ld}\n",
	       n_late, percentile(late_ms, n_late, 0.5),
	       percentile(late_ms, n_late, 0.99), rss[0], rss[1]);
	return 0;
}
