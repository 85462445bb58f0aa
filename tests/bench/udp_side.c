#include "tests/bench/udp_side.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/gen.h"

enum {
	ASKED = 100,  /* ids of one online query */
	KEPT = 512,   /* connections of A, closed in turn */
	APART = 7919, /* prime: an address is asked for again only after all */
	ANSWER_MS = 3000,
	TIMES_MAX = 1 << 20,
};

static uint32_t nids, per_address;
static pthread_t threads[2];
static atomic_bool over;
static _Atomic double *asked_at; /* by group; 0: no push is expected */
static double *push_us, *query_us;
static atomic_size_t npush, nquery;
static atomic_size_t punches, unanswered;
static atomic_uint askers;

static uint32_t next_asker(void)
{
	return ASKERS_AT + 1 + askers++ % (1u << 18);
}

static void wait_until(double when)
{
	double left = when - now();

	if (left > 0)
		usleep((useconds_t)(left * 1e6));
}

void side_pushed(uint32_t group)
{
	double at = asked_at ? atomic_exchange(&asked_at[group], 0) : 0;

	if (at > 0 && npush < TIMES_MAX)
		push_us[npush++] = (now() - at) * 1e6;
}

static bool ask_punch(int fd, uint32_t i)
{
	uint8_t inner[256], body[300];
	const char *key = arg("key", "");
	char id[ID_LEN + 1];

	peer_id(i, id);
	uint8_t *p = put_field(inner, 1, id, ID_LEN);
	p = put_varint(p, 2, 1);
	p = put_field(p, 3, key, strlen(key));
	p = put_field(p, 6, "1.4.0", 5);
	size_t n =
		(size_t)(put_field(body, 8, inner, (size_t)(p - inner)) - body);
	return send_frame(fd, body, n);
}

static void *punch(void *arg_)
{
	double every = 1.0 / (double)num("punch", 200), next = now();
	uint16_t port = (uint16_t)num("port", 21116);
	uint32_t ngroups = nids / per_address;
	int fd[KEPT];
	(void)arg_;

	memset(fd, -1, sizeof(fd));
	for (size_t k = 0; !over; k++, next += every) {
		uint32_t group = (uint32_t)(k * APART % ngroups);
		int *slot = &fd[k % KEPT];
		wait_until(next);
		if (*slot >= 0)
			close(*slot);
		*slot = dial(port, next_asker());
		asked_at[group] = now();
		ask_punch(*slot, group * per_address + k % per_address);
		punches++;
	}
	for (size_t i = 0; i < KEPT; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return NULL;
}

/* The bits of OnlineResponse, or -1: a server's KeyExchange is passed over. */
static int read_states(int fd, uint8_t *out, size_t cap)
{
	uint8_t in[4096];
	size_t have = 0;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		if (poll(&p, 1, ANSWER_MS) != 1)
			return -1;
		ssize_t r = recv(fd, in + have, sizeof(in) - have, 0);
		if (r <= 0)
			return -1;
		have += (size_t)r;
		for (;;) {
			size_t head = (in[0] & 3u) + 1, word = 0;
			for (size_t i = 0; i < head && i < have; i++)
				word |= (size_t)in[i] << 8 * i;
			size_t n = word >> 2;
			if (have < head || have < head + n)
				break;
			const uint8_t *b = in + head;
			if (n > 4 && b[0] == 0xc2 && b[1] == 0x01) {
				size_t len = b[4] < cap ? b[4] : cap;
				memcpy(out, b + 5, len);
				return (int)len;
			}
			have -= head + n;
			memmove(in, in + head + n, have);
		}
	}
}

/* How many of the ids from FIRST on are online, or -1. */
static int ask_online(uint32_t first, uint32_t n)
{
	uint8_t inner[2000], body[2100], states[ASKED / 8 + 1] = { 0 };
	char id[ID_LEN + 1];
	int online = 0;

	peer_id(first, id);
	uint8_t *p = put_field(inner, 1, id, ID_LEN);
	for (uint32_t i = 0; i < n; i++) {
		peer_id(first + i, id);
		p = put_field(p, 2, id, ID_LEN);
	}
	size_t len = (size_t)(put_field(body, 23, inner, (size_t)(p - inner)) -
			      body);
	int fd = dial((uint16_t)(num("port", 21116) - 1), next_asker());
	bool ok = send_frame(fd, body, len) &&
		  read_states(fd, states, sizeof(states)) >= 0;
	close(fd);
	for (uint32_t i = 0; i < n; i++)
		online += states[i / 8] >> (7 - i % 8) & 1;
	return ok ? online : -1;
}

static void *query(void *arg_)
{
	double every = 1.0 / (double)num("online", 500), next = now();
	(void)arg_;

	for (size_t k = 0; !over; k++, next += every) {
		uint32_t n = nids < ASKED ? nids : ASKED;
		wait_until(next);
		double start = now();
		if (ask_online((uint32_t)(k * 10007 % (nids - n + 1)), n) < 0)
			unanswered++;
		else if (nquery < TIMES_MAX)
			query_us[nquery++] = (now() - start) * 1e6;
	}
	return NULL;
}

void side_start(uint32_t ids, uint32_t group)
{
	nids = ids;
	per_address = group;
	asked_at = calloc(ids / group + 1, sizeof(*asked_at));
	push_us = calloc(TIMES_MAX, sizeof(*push_us));
	query_us = calloc(TIMES_MAX, sizeof(*query_us));
	if (num("punch", 200) > 0)
		pthread_create(&threads[0], NULL, punch, NULL);
	if (num("online", 500) > 0)
		pthread_create(&threads[1], NULL, query, NULL);
}

void side_report(void)
{
	over = true;
	for (int i = 0; i < 2; i++)
		if (threads[i] != 0)
			pthread_join(threads[i], NULL);
	size_t n = npush, q = nquery;
	printf("\"punches\": %zu, \"pushes\": %zu, \"push_p50_us\": %.0f, "
	       "\"push_p99_us\": %.0f, \"queries\": %zu, \"unanswered\": %zu, "
	       "\"query_p50_us\": %.0f, \"query_p99_us\": %.0f",
	       (size_t)punches, n, percentile(push_us, n, 0.5),
	       percentile(push_us, n, 0.99), q, (size_t)unanswered,
	       percentile(query_us, q, 0.5), percentile(query_us, q, 0.99));
}

void side_reach(uint32_t ids)
{
	uint32_t offline = 0, failed = 0;
	double start = now();

	for (uint32_t i = 0; i < ids; i += ASKED) {
		uint32_t n = ids - i < ASKED ? ids - i : ASKED;
		int online = ask_online(i, n);
		failed += online < 0;
		offline += n - (online < 0 ? 0 : (uint32_t)online);
	}
	printf("{\"ids\": %u, \"offline\": %u, \"failed_queries\": %u, "
	       "\"seconds\": %.2f}\n",
	       ids, offline, failed, now() - start);
}
