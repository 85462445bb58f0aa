/*
 * relay_load: load for a relay, native TCP pairs.
 *
 *	relay_load setup PORT KEY PAIRS [PID]    halves of each pair together
 *	relay_load idle PORT KEY PAIRS PID       memory per idle pair
 *	relay_load bulk PORT KEY PAIRS SECONDS [PID]  64 KiB writes, one way
 *	relay_load ping PORT KEY SECONDS BULK_PAIRS   64-byte ping-pong
 *
 * Talks to 127.0.0.1. With the relay's process id its CPU time is measured
 * (schedstat: without the time the host stole). Prints one line of k=v.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536, EVENTS = 256, PINGS_MAX = 4000000 };

static uint16_t port;
static const char *key;
static atomic_bool stop;
static _Atomic uint64_t received;
static char chunk[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "relay_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* CPU seconds of all threads of PID; 0 if PID is 0. */
static double cpu_of(int pid)
{
	char cmd[128];
	double ns = 0;

	if (pid == 0)
		return 0;
	snprintf(cmd, sizeof(cmd), "cat /proc/%d/task/*/schedstat", pid);
	FILE *f = popen(cmd, "r");
	unsigned long long run, wait, slices;
	while (fscanf(f, "%llu %llu %llu", &run, &wait, &slices) == 3)
		ns += (double)run;
	pclose(f);
	return ns / 1e9;
}

static long rss_kib(int pid)
{
	char path[64], line[256];
	long kib = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		die(path);
	while (fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	return kib;
}

static int dial(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1;

	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static uint8_t *field(uint8_t *p, uint8_t number, const char *text, size_t n)
{
	*p++ = (uint8_t)(number << 3 | 2);
	*p++ = (uint8_t)n;
	memcpy(p, text, n);
	return p + n;
}

/* RendezvousMessage{request_relay{uuid, licence_key}} as one frame. */
static void join(int fd, const char *uuid)
{
	uint8_t inner[256], frame[300];

	uint8_t *p = field(inner, 2, uuid, strlen(uuid));
	p = field(p, 6, key, strlen(key));
	size_t n = (size_t)(p - inner);
	uint8_t *q = frame + 2;
	*q++ = 0x92;
	*q++ = 0x01;
	if (n > 127)
		*q++ = (uint8_t)(n | 128);
	*q++ = n > 127 ? (uint8_t)(n >> 7) : (uint8_t)n;
	memcpy(q, inner, n);
	size_t body = (size_t)(q - frame) - 2 + n;
	frame[0] = (uint8_t)(body << 2 | 1);
	frame[1] = (uint8_t)(body >> 6);
	if (send(fd, frame, body + 2, MSG_NOSIGNAL) < 0)
		die("send");
}

/* Both halves of pair I; they reach the relay together. */
static void dial_pair(int i, int out[2])
{
	char uuid[48];

	snprintf(uuid, sizeof(uuid), "%08x-load-4000-8000-%012x",
		 (unsigned)getpid(), (unsigned)i);
	out[0] = dial();
	out[1] = dial();
	join(out[0], uuid);
	join(out[1], uuid);
}

static bool wait_byte(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	return poll(&p, 1, ms) == 1 && recv(fd, &c, 1, 0) == 1;
}

/* A byte from each end to the other proves the pair. */
static int count_lost(int (*fd)[2], int n)
{
	int lost = 0;

	for (int i = 0; i < n; i++) {
		(void)!send(fd[i][0], "a", 1, MSG_NOSIGNAL);
		(void)!send(fd[i][1], "b", 1, MSG_NOSIGNAL);
	}
	for (int i = 0; i < n; i++) {
		bool ok = wait_byte(fd[i][0], 3000);
		ok = wait_byte(fd[i][1], 3000) && ok;
		lost += !ok;
	}
	return lost;
}

static void setup(int pairs, int pid)
{
	enum { BATCH = 500 }; /* within the descriptors of one process */
	int(*fd)[2] = calloc(BATCH, sizeof(*fd));
	int lost = 0;

	double cpu = cpu_of(pid), start = now();
	for (int done = 0; done < pairs; done += BATCH) {
		int n = pairs - done < BATCH ? pairs - done : BATCH;
		for (int i = 0; i < n; i++)
			dial_pair(done + i, fd[i]);
		lost += count_lost(fd, n);
		for (int i = 0; i < n; i++) {
			close(fd[i][0]);
			close(fd[i][1]);
		}
	}
	double took = now() - start;
	cpu = cpu_of(pid) - cpu;
	printf("mode=setup pairs=%d lost=%d seconds=%.2f pairs_per_s=%.0f "
	       "relay_cpu_s=%.3f pairs_per_cpu_s=%.0f\n",
	       pairs, lost, took, pairs / took, cpu, cpu > 0 ? pairs / cpu : 0);
	free(fd);
	if (lost > 0)
		exit(1);
}

static void idle(int pairs, int pid)
{
	int(*fd)[2] = calloc((size_t)pairs, sizeof(*fd));

	long before = rss_kib(pid);
	for (int i = 0; i < pairs; i++)
		dial_pair(i, fd[i]);
	int lost = count_lost(fd, pairs);
	long after = rss_kib(pid);
	printf("mode=idle pairs=%d lost=%d rss_before_kib=%ld "
	       "rss_after_kib=%ld bytes_per_pair=%.0f\n",
	       pairs, lost, before, after,
	       (double)(after - before) * 1024 / pairs);
	free(fd);
}

struct crowd {
	int (*fd)[2];
	int n;
};

static int watch_all(const struct crowd *c, int end, uint32_t events)
{
	int ep = epoll_create1(0);

	for (int i = 0; i < c->n; i++) {
		struct epoll_event ev = { .events = events,
					  .data.fd = c->fd[i][end] };
		fcntl(c->fd[i][end], F_SETFL, O_NONBLOCK);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, ev.data.fd, &ev) < 0)
			die("epoll_ctl");
	}
	return ep;
}

static void *source(void *arg)
{
	struct epoll_event ev[EVENTS];
	int ep = watch_all(arg, 0, EPOLLOUT);

	while (!stop) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++)
			(void)!send(ev[i].data.fd, chunk, CHUNK, MSG_NOSIGNAL);
	}
	close(ep);
	return NULL;
}

static void *sink(void *arg)
{
	static char waste[4 * CHUNK];
	struct epoll_event ev[EVENTS];
	int ep = watch_all(arg, 1, EPOLLIN);

	while (!stop) {
		int n = epoll_wait(ep, ev, EVENTS, 100);
		for (int i = 0; i < n; i++) {
			ssize_t r =
				recv(ev[i].data.fd, waste, sizeof(waste), 0);
			if (r > 0)
				received += (uint64_t)r;
		}
	}
	close(ep);
	return NULL;
}

static void crowd_start(struct crowd *c, int pairs, pthread_t t[2])
{
	c->fd = calloc((size_t)pairs, sizeof(*c->fd));
	c->n = pairs;
	for (int i = 0; i < pairs; i++)
		dial_pair(i, c->fd[i]);
	if (count_lost(c->fd, pairs) > 0)
		die("pairs were lost");
	pthread_create(&t[0], NULL, source, c);
	pthread_create(&t[1], NULL, sink, c);
}

static void crowd_stop(pthread_t t[2])
{
	stop = true;
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
}

static void bulk(int pairs, int seconds, int pid)
{
	struct crowd c;
	pthread_t t[2];

	crowd_start(&c, pairs, t);
	poll(NULL, 0, 500); /* past the slow start */
	double cpu = cpu_of(pid), start = now();
	uint64_t bytes = received;
	poll(NULL, 0, seconds * 1000);
	bytes = received - bytes;
	double took = now() - start;
	cpu = cpu_of(pid) - cpu;
	crowd_stop(t);
	double gib = (double)bytes / (1 << 30);
	printf("mode=bulk pairs=%d gbit_per_s=%.2f gib=%.2f "
	       "relay_cpu_s=%.3f cpu_s_per_gib=%.3f\n",
	       pairs, (double)bytes * 8 / took / 1e9, gib, cpu,
	       gib > 0 ? cpu / gib : 0);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void ping(int seconds, int bulk_pairs)
{
	double *us = malloc(PINGS_MAX * sizeof(*us));
	struct crowd c = { 0 };
	pthread_t t[2];
	int fd[2], n = 0;
	char msg[64] = { 0 };

	if (bulk_pairs > 0)
		crowd_start(&c, bulk_pairs, t);
	dial_pair(-1, fd);
	for (double end = now() + seconds; now() < end && n < PINGS_MAX; n++) {
		double start = now();
		for (int i = 0; i < 2; i++) {
			if (send(fd[i], msg, sizeof(msg), 0) < 0 ||
			    recv(fd[1 - i], msg, sizeof(msg), MSG_WAITALL) !=
				    sizeof(msg))
				die("ping");
		}
		us[n] = (now() - start) * 1e6;
	}
	if (bulk_pairs > 0)
		crowd_stop(t);
	qsort(us, (size_t)n, sizeof(*us), by_value);
	printf("mode=ping bulk_pairs=%d pings=%d p50_us=%.0f p99_us=%.0f "
	       "max_us=%.0f\n",
	       bulk_pairs, n, us[n / 2], us[n * 99 / 100], us[n - 1]);
	free(us);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int n[3] = { 0 };

	if (argc < 5) {
		fprintf(stderr, "usage: relay_load setup|idle|bulk|ping PORT "
				"KEY NUMBERS...\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	port = (uint16_t)atoi(argv[2]);
	key = argv[3];
	for (int i = 4; i < argc && i < 7; i++)
		n[i - 4] = atoi(argv[i]);
	if (strcmp(argv[1], "setup") == 0)
		setup(n[0], n[1]);
	else if (strcmp(argv[1], "idle") == 0)
		idle(n[0], n[1]);
	else if (strcmp(argv[1], "bulk") == 0)
		bulk(n[0], n[1], n[2]);
	else
		ping(n[0], n[1]);
	return 0;
}
