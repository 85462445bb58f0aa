/*
 * relay_load: load for a relay.
 *
 *	relay_load MODE [host= port= key= pairs= seconds= pids= ends= via=]
 *
 *	setup   the halves of each pair arrive together; 1000 at a time
 *	idle    memory per idle pair
 *	bulk    64 KiB writes (size= with WebSocket: one message), one way
 *	ping    64-byte ping-pong, beside bulk= pairs
 *
 * ends=tt is TCP to TCP; ww and wt have WebSocket sources, two ports above.
 * via=proxy has the peer at port= connect to our own listener at listen=
 * (the same port: no relay in between). Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/gen.h"

enum { CHUNK = 65536, EVENTS = 256, PINGS_MAX = 4000000, PROOF_S = 2 };
/* The reference loses pairs whose halves come together; that is `setup`, and
 * must not spoil the other modes. */
enum { GAP_US = 1500 };
enum { ENDS_AT = 10 << 24 | 210 << 16 | 1 }; /* 10.210.0.1 */

struct pair {
	int fd[2];     /* source, sink */
	uint32_t sent; /* of the message under way */
};

static uint16_t port;
static const char *ends;
static int listener = -1;
static useconds_t gap_us; /* between the halves of a pair */
static atomic_bool stop;
static _Atomic uint64_t received;
static uint8_t message[CHUNK + 16]; /* what a source repeats */
static size_t message_len;

static bool is_ws(int end)
{
	return ends[end] == 'w';
}

/* --- connections ---------------------------------------------------------- */

static void upgrade(int fd)
{
	static const char ask[] =
		"GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	char in[1024];
	size_t n = 0;

	(void)!send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL);
	while (n < 4 || memcmp(in + n - 4, "\r\n\r\n", 4) != 0) {
		if (n == sizeof(in) || recv(fd, in + n, 1, 0) != 1)
			die("WebSocket handshake");
		n++;
	}
	if (strncmp(in, "HTTP/1.1 101", 12) != 0)
		die("WebSocket handshake refused");
}

/* A message for END, as that end sends it; a zero mask costs us nothing. */
static size_t put_message(uint8_t *out, int end, const void *body, size_t n)
{
	size_t head = 0;

	if (is_ws(end)) {
		out[head++] = 0x82;
		if (n < 126) {
			out[head++] = (uint8_t)(0x80 | n);
		} else {
			bool wide = n > 65535;
			out[head++] = wide ? 0xff : 0xfe;
			for (int i = wide ? 7 : 1; i >= 0; i--)
				out[head++] = (uint8_t)(n >> 8 * i);
		}
		memset(out + head, 0, 4);
		head += 4;
	} else if (strcmp(ends, "tt") != 0) {
		head = put_head(out, n);
	}
	memcpy(out + head, body, n);
	return head + n;
}

/* RequestRelay{uuid, licence_key} of END of a pair. */
static void join(int fd, int end, const char *uuid)
{
	const char *key = arg("key", "");
	uint8_t inner[256], body[300], out[320];

	uint8_t *p = put_field(inner, 2, uuid, strlen(uuid));
	p = put_field(p, 6, key, strlen(key));
	size_t n = (size_t)(put_field(body, 18, inner, (size_t)(p - inner)) -
			    body);
	if (is_ws(end)) {
		n = put_message(out, end, body, n);
		(void)!send(fd, out, n, MSG_NOSIGNAL);
	} else {
		send_frame(fd, body, n);
	}
}

static void listen_at(uint16_t at)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(at) };
	int one = 1;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(listener, 1024) < 0)
		die("listen");
}

static struct pair dial_pair(unsigned i)
{
	struct pair p = { 0 };
	char uuid[48];

	if (listener >= 0) {
		p.fd[0] = dial(port, 0);
		p.fd[1] = accept(listener, NULL, NULL);
		if (p.fd[1] < 0)
			die("accept");
		return p;
	}
	snprintf(uuid, sizeof(uuid), "%08lx-load-4000-8000-%012x",
		 (unsigned long)num("run", getpid()), i);
	for (int end = 0; end < 2; end++) {
		/* Of many addresses: one has too few ports for us. */
		p.fd[end] = dial((uint16_t)(port + (is_ws(end) ? 2 : 0)),
				 ENDS_AT + i % (1 << 16));
		if (is_ws(end))
			upgrade(p.fd[end]);
	}
	join(p.fd[0], 0, uuid);
	usleep(gap_us);
	join(p.fd[1], 1, uuid);
	return p;
}

static bool heard(int fd, double end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double left = end - now();
	int ms = left > 0 ? (int)(left * 1e3) : 0;
	char c[64];

	return poll(&p, 1, ms) == 1 && recv(fd, c, sizeof(c), 0) > 0;
}

/* A byte from each end to the other proves the pair. */
static unsigned count_lost(struct pair *all, unsigned n)
{
	unsigned lost = 0;

	for (unsigned i = 0; i < n; i++)
		for (int end = 0; end < 2; end++) {
			uint8_t out[32];
			size_t len = put_message(out, end, "a", 1);
			(void)!send(all[i].fd[end], out, len, MSG_NOSIGNAL);
		}
	double end = now() + PROOF_S;
	for (unsigned i = 0; i < n; i++) {
		bool ok = heard(all[i].fd[0], end);
		ok = heard(all[i].fd[1], end) && ok;
		lost += !ok;
	}
	return lost;
}

/* A pair that is known to work; a lost one is dialled again. */
static struct pair dial_sure(unsigned i)
{
	struct pair p;

	gap_us = GAP_US;
	for (unsigned tries = 0; tries < 5; tries++) {
		p = dial_pair(i | tries << 24);
		if (count_lost(&p, 1) == 0)
			return p;
		close(p.fd[0]);
		close(p.fd[1]);
	}
	die("pairs are lost again and again");
}

/* --- setup, idle ---------------------------------------------------------- */

static void setup(unsigned pairs)
{
	enum { BATCH = 1000 }; /* within anybody's descriptors */
	struct pair *all = calloc(BATCH, sizeof(*all));
	unsigned lost = 0;

	double cpu = cpu_spent(), start = now();
	for (unsigned done = 0; done < pairs; done += BATCH) {
		unsigned n = pairs - done < BATCH ? pairs - done : BATCH;
		for (unsigned i = 0; i < n; i++)
			all[i] = dial_pair(done + i);
		lost += count_lost(all, n);
		for (unsigned i = 0; i < n; i++) {
			close(all[i].fd[0]);
			close(all[i].fd[1]);
		}
	}
	double took = now() - start;
	cpu = cpu_spent() - cpu;
	printf("{\"pairs\": %u, \"lost\": %u, \"per_s\": %.0f, "
	       "\"per_cpu_s\": %.0f, \"cpu_us_per_pair\": %.2f}\n",
	       pairs, lost, pairs / took, cpu > 0 ? pairs / cpu : 0,
	       cpu * 1e6 / pairs);
	free(all);
}

static void idle(unsigned pairs)
{
	struct pair *all = calloc(pairs, sizeof(*all));

	long before = rss_kib();
	for (unsigned i = 0; i < pairs; i++)
		all[i] = dial_pair(i);
	unsigned lost = count_lost(all, pairs);
	long after = rss_kib();
	printf("{\"pairs\": %u, \"lost\": %u, \"rss_before_kib\": %ld, "
	       "\"rss_after_kib\": %ld, \"bytes_per_pair\": %.0f}\n",
	       pairs, lost, before, after,
	       (double)(after - before) * 1024 / pairs);
	free(all);
}

/* --- bulk, ping ----------------------------------------------------------- */

struct crowd {
	struct pair *all;
	unsigned n;
};

static int watch_all(const struct crowd *c, int end, uint32_t events)
{
	int ep = epoll_create1(0);

	for (unsigned i = 0; i < c->n; i++) {
		int fd = c->all[i].fd[end];
		struct epoll_event ev = { .events = events, .data.u32 = i };
		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
			die("epoll_ctl");
	}
	return ep;
}

static void *source(void *crowd)
{
	struct epoll_event ev[EVENTS];
	struct crowd *c = crowd;
	int ep = watch_all(c, 0, EPOLLOUT);

	while (!stop) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++) {
			struct pair *p = &c->all[ev[i].data.u32];
			ssize_t r = send(p->fd[0], message + p->sent,
					 message_len - p->sent, MSG_NOSIGNAL);
			if (r > 0)
				p->sent = (uint32_t)((p->sent + (size_t)r) %
						     message_len);
		}
	}
	close(ep);
	return NULL;
}

static void *sink(void *crowd)
{
	static char waste[4 * CHUNK];
	struct epoll_event ev[EVENTS];
	struct crowd *c = crowd;
	int ep = watch_all(c, 1, EPOLLIN);

	while (!stop) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++) {
			ssize_t r = recv(c->all[ev[i].data.u32].fd[1], waste,
					 sizeof(waste), 0);
			if (r > 0)
				received += (uint64_t)r;
		}
	}
	close(ep);
	return NULL;
}

static void crowd_start(struct crowd *c, unsigned pairs, pthread_t t[2])
{
	static uint8_t body[CHUNK];
	size_t size = (size_t)num("size", CHUNK);

	if (size > CHUNK)
		die("size");
	message_len = put_message(message, 0, body, size);
	c->all = calloc(pairs, sizeof(*c->all));
	c->n = pairs;
	for (unsigned i = 0; i < pairs; i++)
		c->all[i] = dial_sure(i);
	pthread_create(&t[0], NULL, source, c);
	pthread_create(&t[1], NULL, sink, c);
}

static void crowd_stop(struct crowd *c, pthread_t t[2])
{
	stop = true;
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	free(c->all);
}

static void bulk(unsigned pairs, int ms)
{
	struct crowd c;
	pthread_t t[2];

	crowd_start(&c, pairs, t);
	poll(NULL, 0, ms < 500 ? ms : 500); /* past the slow start */
	double cpu = cpu_spent(), start = now();
	uint64_t bytes = received;
	poll(NULL, 0, ms);
	bytes = received - bytes;
	double took = now() - start;
	cpu = cpu_spent() - cpu;
	crowd_stop(&c, t);
	double gib = (double)bytes / (1 << 30);
	if (bytes == 0)
		die("nothing was relayed");
	printf("{\"pairs\": %u, \"gbit_per_s\": %.3f, \"gib\": %.3f, "
	       "\"cpu_s_per_gib\": %.4f, \"busy\": %.2f}\n",
	       pairs, (double)bytes * 8 / took / 1e9, gib, cpu / gib,
	       cpu / took);
}

/* What is measured is the relay, not how long our own source and sink keep
 * this thread from a processor. Without the right to it, that counts too. */
static void ping_first(void)
{
	struct sched_param p = { .sched_priority = 1 };

	(void)!pthread_setschedparam(pthread_self(), SCHED_FIFO, &p);
}

static void ping(unsigned bulk_pairs, int ms)
{
	double *us = malloc(PINGS_MAX * sizeof(*us));
	struct crowd c = { 0 };
	pthread_t t[2];
	size_t n = 0;
	char msg[64] = { 0 };

	if (bulk_pairs > 0)
		crowd_start(&c, bulk_pairs, t);
	struct pair p = dial_sure(1 << 20);
	ping_first();
	for (double end = now() + ms / 1e3; now() < end && n < PINGS_MAX; n++) {
		double start = now();
		for (int i = 0; i < 2; i++) {
			if (send(p.fd[i], msg, sizeof(msg), 0) < 0 ||
			    recv(p.fd[1 - i], msg, sizeof(msg), MSG_WAITALL) !=
				    sizeof(msg))
				die("ping");
		}
		us[n] = (now() - start) * 1e6;
	}
	if (bulk_pairs > 0)
		crowd_stop(&c, t);
	printf("{\"bulk\": %u, \"pings\": %zu, \"p50_us\": %.1f, "
	       "\"p99_us\": %.1f}\n",
	       bulk_pairs, n, percentile(us, n, 0.5), percentile(us, n, 0.99));
	free(us);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	gen_init("relay_load", argc, argv);
	port = (uint16_t)num("port", 21117);
	ends = arg("ends", "tt");
	unsigned pairs = (unsigned)num("pairs", 1);
	int ms = (int)num("ms", 2000);
	if (strcmp(arg("via", "relay"), "proxy") == 0)
		listen_at((uint16_t)num("listen", 0));
	if (strcmp(mode, "setup") == 0)
		setup(pairs);
	else if (strcmp(mode, "idle") == 0)
		idle(pairs);
	else if (strcmp(mode, "bulk") == 0)
		bulk(pairs, ms);
	else if (strcmp(mode, "ping") == 0)
		ping((unsigned)num("bulk", 0), ms);
	else
		return 2;
	return 0;
}
