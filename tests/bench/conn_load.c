/*
 * conn_load: clients that are registered over TCP or WebSocket.
 *
 *	conn_load tcp|ws [host= port= clients= seconds= beat= pids=]
 *
 * Each registers, then answers the server's heartbeats (empty messages). A
 * heartbeat is late when more than 1.1 times BEAT seconds passed since the
 * one before. Prints one JSON object.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/gen.h"
#include "tests/bench/udp_side.h"

enum { EVENTS = 256, ANSWER_MS = 5000 };

struct client {
	int fd;
	double heard;
};

static bool ws;
static struct client *all;
static unsigned nclients, beats, late, closed;

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
}

static void send_message(int fd, const uint8_t *body, size_t n)
{
	uint8_t out[256] = { 0x82, (uint8_t)(0x80 | n) }; /* no mask */

	if (!ws) {
		send_frame(fd, body, n);
		return;
	}
	if (n > 125)
		die("message");
	memcpy(out + 6, body, n);
	(void)!send(fd, out, 6 + n, MSG_NOSIGNAL);
}

static bool enrol(struct client *c, uint32_t i)
{
	uint8_t inner[96], body[112], uuid[UUID_LEN], pk[PK_LEN], in[256];
	char id[ID_LEN + 1];

	c->fd = dial((uint16_t)(num("port", 21116) + (ws ? 2 : 0)),
		     ASKERS_AT + 1 + i);
	if (ws)
		upgrade(c->fd);
	peer_id(i, id);
	peer_uuid(i, uuid);
	peer_pk(i, pk);
	uint8_t *p = put_field(inner, 1, id, ID_LEN);
	p = put_field(p, 2, uuid, UUID_LEN);
	p = put_field(p, 3, pk, PK_LEN);
	size_t n = (size_t)(put_field(body, 15, inner, (size_t)(p - inner)) -
			    body);
	send_message(c->fd, body, n);
	struct pollfd q = { c->fd, POLLIN, 0 };
	bool ok = false;
	/* The server's KeyExchange may come before RegisterPkResponse. */
	while (!ok && poll(&q, 1, ANSWER_MS) == 1) {
		ssize_t r = recv(c->fd, in, sizeof(in), 0);
		if (r <= 0)
			break;
		ok = memmem(in, (size_t)r, "\x82\x01", 2);
	}
	c->heard = now();
	return ok;
}

static void take(struct client *c, double gap_max)
{
	uint8_t in[256];
	ssize_t r = recv(c->fd, in, sizeof(in), MSG_DONTWAIT);

	if (r <= 0) {
		if (r < 0 && errno == EAGAIN)
			return;
		closed++;
		close(c->fd);
		c->fd = -1;
		return;
	}
	beats++;
	late += now() - c->heard > gap_max;
	c->heard = now();
	send_message(c->fd, in, 0);
}

static void live(double seconds, double gap_max)
{
	struct epoll_event ev[EVENTS];
	int ep = epoll_create1(0);

	for (unsigned i = 0; i < nclients; i++) {
		struct epoll_event e = { .events = EPOLLIN,
					 .data.ptr = &all[i] };
		if (epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &e) < 0)
			die("epoll_ctl");
	}
	for (double end = now() + seconds; now() < end;) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++)
			take(ev[i].data.ptr, gap_max);
	}
	for (unsigned i = 0; i < nclients; i++)
		late += all[i].fd >= 0 && now() - all[i].heard > gap_max;
	close(ep);
}

int main(int argc, char **argv)
{
	unsigned failed = 0;

	gen_init("conn_load", argc, argv);
	ws = argc > 1 && strcmp(argv[1], "ws") == 0;
	nclients = (unsigned)num("clients", 100);
	all = calloc(nclients, sizeof(*all));
	long before = rss_kib();
	double start = now();
	for (unsigned i = 0; i < nclients; i++)
		failed += !enrol(&all[i], i);
	double took = now() - start;
	long after = rss_kib();
	live((double)num("seconds", 60), 1.1 * (double)num("beat", 20));
	printf("{\"clients\": %u, \"failed\": %u, \"per_s\": %.0f, "
	       "\"bytes_per_client\": %.0f, \"beats\": %u, \"late\": %u, "
	       "\"closed\": %u}\n",
	       nclients, failed, nclients / took,
	       (double)(after - before) * 1024 / nclients, beats, late, closed);
	return 0;
}
