/*
 * http_load: requests of devices to the API.
 *
 *	http_load KIND [host= port= ids= conns= n= ms= pids= user= password=]
 *
 * KIND is sysinfo, heartbeat or login. Keep-alive connections with one
 * request each under way, the devices in turn, until N requests or MS are
 * over. Prints one JSON object.
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

enum { BODY_MAX = 512, EVENTS = 64, IN_MAX = 8192, CONNS_MAX = 512 };

struct conn {
	int fd;
	size_t have;
	char in[IN_MAX + 1];
};

static const char *kind;
static uint32_t ids, next_id;
static unsigned long asked, good, bad;

static void base64(const uint8_t *in, size_t n, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
				     "mnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t w = (uint32_t)in[i] << 16;
		w |= i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0;
		w |= i + 2 < n ? in[i + 2] : 0;
		*out++ = digits[w >> 18];
		*out++ = digits[w >> 12 & 63];
		*out++ = i + 1 < n ? digits[w >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digits[w & 63] : '=';
	}
	*out = '\0';
}

static int put_body(char *out, uint32_t i)
{
	char id[ID_LEN + 1], uuid[2 * UUID_LEN];
	uint8_t raw[UUID_LEN];

	peer_id(i, id);
	peer_uuid(i, raw);
	base64(raw, sizeof(raw), uuid);
	if (strcmp(kind, "heartbeat") == 0)
		return snprintf(out, BODY_MAX,
				"{\"id\":\"%s\",\"uuid\":\"%s\","
				"\"ver\":1004000,\"modified_at\":0}",
				id, uuid);
	if (strcmp(kind, "sysinfo") == 0)
		return snprintf(out, BODY_MAX,
				"{\"id\":\"%s\",\"uuid\":\"%s\","
				"\"hostname\":\"pc-%u\",\"username\":\"u\","
				"\"os\":\"linux / Debian 12\",\"cpu\":\"x\","
				"\"memory\":\"8GB\",\"version\":\"1.4.0\"}",
				id, uuid, i);
	return snprintf(out, BODY_MAX,
			"{\"username\":\"%s\",\"password\":\"%s\","
			"\"id\":\"%s\",\"uuid\":\"%s\",\"type\":\"account\","
			"\"deviceInfo\":{\"os\":\"linux\",\"type\":"
			"\"client\",\"name\":\"pc\"}}",
			arg("user", "admin"), arg("password", ""), id, uuid);
}

static void ask(struct conn *c)
{
	char body[BODY_MAX], out[2 * BODY_MAX];

	int n = put_body(body, next_id++ % ids);
	int len = snprintf(out, sizeof(out),
			   "POST /api/%s HTTP/1.1\r\nHost: bench\r\n"
			   "Content-Type: application/json\r\n"
			   "Content-Length: %d\r\n\r\n%s",
			   kind, n, body);
	if (send(c->fd, out, (size_t)len, MSG_NOSIGNAL) != len)
		die("send");
	c->have = 0;
	asked++;
}

/* The length of the whole answer that C has, or 0. */
static size_t whole(struct conn *c)
{
	c->in[c->have] = '\0';
	char *end = strstr(c->in, "\r\n\r\n");
	if (!end)
		return 0;
	size_t head = (size_t)(end + 4 - c->in);
	char *field = strcasestr(c->in, "content-length:");
	if (!field || field > end)
		return strstr(end, "\r\n0\r\n\r\n") ? c->have : 0;
	size_t n = head + strtoul(field + 15, NULL, 10);
	return c->have >= n ? n : 0;
}

static void count(struct conn *c)
{
	bool ok = strncmp(c->in, "HTTP/1.1 200", 12) == 0;

	if (strcmp(kind, "login") == 0)
		ok = ok && strstr(c->in, "access_token");
	good += ok;
	bad += !ok;
	if (!ok && bad <= 3)
		fprintf(stderr, "http_load: %.300s\n", c->in);
}

/* True when the answer is complete. */
static bool take(struct conn *c)
{
	ssize_t r = recv(c->fd, c->in + c->have, IN_MAX - c->have, 0);

	if (r <= 0)
		die("the server closed the connection");
	c->have += (size_t)r;
	if (whole(c) == 0)
		return false;
	count(c);
	return true;
}

int main(int argc, char **argv)
{
	static struct conn all[CONNS_MAX];
	struct epoll_event ev[EVENTS];

	kind = argc > 1 ? argv[1] : "";
	gen_init("http_load", argc, argv);
	ids = (uint32_t)num("ids", 1);
	next_id = (uint32_t)num("first", 0);
	long conns = num("conns", 32);
	unsigned long most = (unsigned long)num("n", 1L << 40);
	if (conns > CONNS_MAX)
		die("conns");
	int ep = epoll_create1(0);
	for (long i = 0; i < conns; i++) {
		all[i].fd = dial((uint16_t)num("port", 21114),
				 ASKERS_AT + 1 + (uint32_t)i);
		struct epoll_event e = { .events = EPOLLIN,
					 .data.ptr = &all[i] };
		epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &e);
	}
	double cpu = cpu_spent(), start = now();
	double end = start + (double)num("ms", 600000) / 1e3;
	for (long i = 0; i < conns && asked < most; i++)
		ask(&all[i]);
	while (good + bad < asked) {
		int n = epoll_wait(ep, ev, EVENTS, 30000);
		if (n <= 0)
			die("no answer for 30 s");
		for (int i = 0; i < n; i++)
			if (take(ev[i].data.ptr) && asked < most && now() < end)
				ask(ev[i].data.ptr);
	}
	double took = now() - start;
	cpu = cpu_spent() - cpu;
	printf("{\"good\": %lu, \"bad\": %lu, \"per_s\": %.1f, "
	       "\"per_cpu_s\": %.1f, \"busy\": %.2f}\n",
	       good, bad, (double)good / took, cpu > 0 ? (double)good / cpu : 0,
	       cpu / took);
	return good == 0;
}
