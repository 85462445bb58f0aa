#include "tests/bench/gen.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { FIRST_ID = 100000000 };

static const char *program;
static int nargs;
static char **args;

void gen_init(const char *name, int argc, char **argv)
{
	struct rlimit files;

	program = name;
	nargs = argc;
	args = argv;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, strerror(errno));
	exit(1);
}

const char *arg(const char *name, const char *preset)
{
	size_t n = strlen(name);

	for (int i = 1; i < nargs; i++)
		if (strncmp(args[i], name, n) == 0 && args[i][n] == '=')
			return args[i] + n + 1;
	if (!preset) {
		fprintf(stderr, "%s: %s= is missing\n", program, name);
		exit(2);
	}
	return preset;
}

long num(const char *name, long preset)
{
	const char *text = arg(name, "");
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0')
		return preset;
	if (*end != '\0') {
		fprintf(stderr, "%s: %s=%s is no number\n", program, name,
			text);
		exit(2);
	}
	return n;
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double cpu_of_one(long pid)
{
	char path[320];
	double ns = 0;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	DIR *d = opendir(path);
	if (!d)
		die(path);
	for (struct dirent *e; (e = readdir(d));) {
		unsigned long long run = 0;
		snprintf(path, sizeof(path), "/proc/%ld/task/%s/schedstat", pid,
			 e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%llu", &run) == 1)
			ns += (double)run;
		fclose(f);
	}
	closedir(d);
	return ns / 1e9;
}

double cpu_of(const char *pids)
{
	double sum = 0;

	for (const char *p = pids; *p != '\0';) {
		char *end;
		sum += cpu_of_one(strtol(p, &end, 10));
		p = *end == ',' ? end + 1 : end;
	}
	return sum;
}

double cpu_spent(void)
{
	return cpu_of(arg("pids", ""));
}

long rss_kib(void)
{
	return rss_of(arg("pids", NULL));
}

long rss_of(const char *pids)
{
	char path[64], line[256];
	long kib = 0;

	if (*pids == '\0')
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/status", atoi(pids));
	FILE *f = fopen(path, "r");
	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	return kib;
}

uint32_t host_addr(void)
{
	struct in_addr a;

	if (inet_pton(AF_INET, arg("host", "10.0.0.1"), &a) != 1)
		die("host");
	return ntohl(a.s_addr);
}

int dial(uint16_t port, uint32_t source)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int one = 1;

	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	if (source != 0) {
		to.sin_addr.s_addr = htonl(source);
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
			   sizeof(one));
		if (bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("bind");
	}
	to.sin_port = htons(port);
	to.sin_addr.s_addr = htonl(host_addr());
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static uint8_t *varint(uint8_t *p, uint64_t n)
{
	for (; n > 127; n >>= 7)
		*p++ = (uint8_t)(n | 128);
	*p++ = (uint8_t)n;
	return p;
}

uint8_t *put_varint(uint8_t *p, unsigned number, uint64_t value)
{
	return varint(varint(p, number << 3), value);
}

uint8_t *put_field(uint8_t *p, unsigned number, const void *data, size_t n)
{
	p = varint(varint(p, number << 3 | 2), n);
	memmove(p, data, n);
	return p + n;
}

size_t put_head(uint8_t *p, size_t n)
{
	size_t len = n <= 0x3f ? 1 : n <= 0x3fff ? 2 : 3;
	size_t word = n << 2 | (len - 1);

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(word >> 8 * i);
	return len;
}

bool send_frame(int fd, const uint8_t *body, size_t n)
{
	uint8_t out[4096];

	size_t head = put_head(out, n);
	memcpy(out + head, body, n);
	return send(fd, out, head + n, MSG_NOSIGNAL) == (ssize_t)(head + n);
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void fill(uint8_t *out, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = mix(seed + i);
		memcpy(out + i, &word, 8);
	}
}

void peer_id(uint32_t i, char out[ID_LEN + 1])
{
	uint32_t n = FIRST_ID + i;

	out[ID_LEN] = '\0';
	for (int d = ID_LEN - 1; d >= 0; d--, n /= 10)
		out[d] = (char)('0' + n % 10);
}

void peer_uuid(uint32_t i, uint8_t out[UUID_LEN])
{
	fill(out, UUID_LEN, (uint64_t)i << 8);
}

void peer_pk(uint32_t i, uint8_t out[PK_LEN])
{
	fill(out, PK_LEN, (uint64_t)i << 8 | 128);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double percentile(double *values, size_t n, double share)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), by_value);
	size_t at = (size_t)((double)n * share);
	return values[at < n ? at : n - 1];
}
