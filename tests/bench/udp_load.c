/*
 * udp_load: the UDP peers of a rendezvous server, by the million.
 *
 *	udp_load MODE [host= port= ids= window= ms= seconds= pids=]
 *
 *	echo       no load: a bare recvmmsg/sendmmsg echo, the machine's limit
 *	register   RegisterPk of every id
 *	beat       one round of heartbeats, then as many as are answered
 *	pace       each id every interval= seconds, punch= requests and online=
 *	           queries (of 100 ids) a second beside it
 *	reach      asks for every id whether it is online
 *
 * Sixteen ids share one address, so that they leave as one segmented
 * datagram and the generator is not what is measured.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/bench/gen.h"
#include "tests/bench/udp_side.h"

enum {
	GROUP = 16, /* ids of one address */
	BATCH = 16, /* groups of one sendmmsg */
	RX = 64,
	SIZE_MAX_ONE = 96,
	LOCAL_PORT = 40000,
	RETRY_S = 2,
	STRIDE = 7919, /* prime: neighbours in time are none in memory */
};

struct group {
	float pk_s; /* its keys were last asked for */
	uint8_t answers;
};

static int sock;
static uint32_t ngroups;
static struct group *groups;
static struct sockaddr_in server;
static double began;
static bool echoing; /* the server is our own echo */

static struct {
	struct mmsghdr head[BATCH];
	struct iovec iov[BATCH];
	uint8_t data[BATCH][GROUP * SIZE_MAX_ONE];
	_Alignas(struct cmsghdr)
		uint8_t control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo)) +
				       CMSG_SPACE(sizeof(uint16_t))];
	unsigned n;
} tx;

static struct {
	struct mmsghdr head[RX];
	struct iovec iov[RX];
	struct sockaddr_in from[RX];
	uint8_t data[RX][1500];
	_Alignas(struct cmsghdr)
		uint8_t control[RX][CMSG_SPACE(sizeof(struct in_pktinfo))];
} rx;

static struct {
	uint64_t sent, kept, wants_pk, pk_ok, pk_refused;
} seen;

/* --- out ------------------------------------------------------------------ */

static size_t put_peer(uint8_t *out, uint32_t i)
{
	uint8_t inner[SIZE_MAX_ONE];
	char id[ID_LEN + 1];

	peer_id(i, id);
	uint8_t *p = put_varint(put_field(inner, 1, id, ID_LEN), 2, 3);
	return (size_t)(put_field(out, 6, inner, (size_t)(p - inner)) - out);
}

static size_t put_pk(uint8_t *out, uint32_t i)
{
	uint8_t inner[SIZE_MAX_ONE], uuid[UUID_LEN], pk[PK_LEN];
	char id[ID_LEN + 1];

	peer_id(i, id);
	peer_uuid(i, uuid);
	peer_pk(i, pk);
	uint8_t *p = put_field(inner, 1, id, ID_LEN);
	p = put_field(p, 2, uuid, UUID_LEN);
	p = put_field(p, 3, pk, PK_LEN);
	return (size_t)(put_field(out, 15, inner, (size_t)(p - inner)) - out);
}

static void flush(void)
{
	unsigned done = 0;

	while (done < tx.n) {
		int n = sendmmsg(sock, tx.head + done, tx.n - done, 0);
		if (n < 0 && errno != EAGAIN && errno != ENOBUFS)
			die("sendmmsg");
		if (n < 0)
			poll(&(struct pollfd){ sock, POLLOUT, 0 }, 1, 10);
		else
			done += (unsigned)n;
	}
	tx.n = 0;
}

static void *put_control(struct cmsghdr *m, int level, int type, size_t n)
{
	m->cmsg_level = level;
	m->cmsg_type = type;
	m->cmsg_len = CMSG_LEN(n);
	return CMSG_DATA(m);
}

static void send_group(uint32_t g, size_t (*put)(uint8_t *out, uint32_t i))
{
	unsigned k = tx.n++;
	struct msghdr *h = &tx.head[k].msg_hdr;
	size_t one = 0;

	for (uint32_t i = 0; i < GROUP; i++)
		one = put(tx.data[k] + i * one, g * GROUP + i);
	tx.iov[k] = (struct iovec){ tx.data[k], one * GROUP };
	*h = (struct msghdr){
		.msg_name = &server,
		.msg_namelen = sizeof(server),
		.msg_iov = &tx.iov[k],
		.msg_iovlen = 1,
		.msg_control = tx.control[k],
		.msg_controllen = sizeof(tx.control[k]),
	};
	memset(tx.control[k], 0, sizeof(tx.control[k]));
	struct cmsghdr *m = CMSG_FIRSTHDR(h);
	struct in_pktinfo from = {
		.ipi_spec_dst.s_addr = htonl(PEERS_AT + g),
	};
	memcpy(put_control(m, IPPROTO_IP, IP_PKTINFO, sizeof(from)), &from,
	       sizeof(from));
	m = CMSG_NXTHDR(h, m);
	uint16_t size = (uint16_t)one;
	memcpy(put_control(m, IPPROTO_UDP, UDP_SEGMENT, sizeof(size)), &size,
	       sizeof(size));
	seen.sent += GROUP;
	if (tx.n == BATCH)
		flush();
}

/* --- in ------------------------------------------------------------------- */

static uint32_t group_of(struct msghdr *h)
{
	struct in_pktinfo to = { 0 };

	for (struct cmsghdr *m = CMSG_FIRSTHDR(h); m; m = CMSG_NXTHDR(h, m))
		if (m->cmsg_type == IP_PKTINFO)
			memcpy(&to, CMSG_DATA(m), sizeof(to));
	uint32_t g = ntohl(to.ipi_addr.s_addr) - PEERS_AT;
	return g < ngroups ? g : 0;
}

/* Its keys are sent again, at most once a second. */
static void give_pk(uint32_t g)
{
	if (now() - began - (double)groups[g].pk_s < 1)
		return;
	groups[g].pk_s = (float)(now() - began);
	send_group(g, put_pk);
	seen.sent -= GROUP;
}

static void take(struct msghdr *h, const uint8_t *d, size_t n)
{
	uint32_t g = group_of(h);

	if (n == 2 && d[0] == (7 << 3 | 2)) { /* RegisterPeerResponse */
		seen.kept++;
	} else if (n > 2 && d[0] == (7 << 3 | 2)) {
		seen.wants_pk++;
		give_pk(g);
	} else if (n > 2 && d[0] == 0x82 && d[1] == 0x01) {
		bool refused = n > 4 && d[3] == 0x08 && d[4] != 0;
		seen.pk_refused += refused;
		seen.pk_ok += !refused;
		groups[g].answers++;
	} else if (echoing) {
		seen.kept++;
	} else {
		side_pushed(g);
	}
}

static int receive(int wait_ms)
{
	for (unsigned i = 0; i < RX; i++)
		rx.head[i].msg_hdr = (struct msghdr){
			.msg_iov = &rx.iov[i],
			.msg_iovlen = 1,
			.msg_control = rx.control[i],
			.msg_controllen = sizeof(rx.control[i]),
		};
	int n = recvmmsg(sock, rx.head, RX, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(&rx.head[i].msg_hdr, rx.data[i], rx.head[i].msg_len);
	if (n <= 0 && wait_ms > 0) {
		flush();
		poll(&(struct pollfd){ sock, POLLIN, 0 }, 1, wait_ms);
	}
	return n;
}

static void open_socket(uint16_t local_port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(local_port),
	};
	int one = 1, big = 4 << 20;

	sock = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(sock, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
	setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &big, sizeof(big));
	setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	if (bind(sock, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("bind");
	for (unsigned i = 0; i < RX; i++)
		rx.iov[i] = (struct iovec){ rx.data[i], sizeof(rx.data[i]) };
}

/* --- modes ---------------------------------------------------------------- */

/* Rounds over the groups that are not registered yet. */
static void do_register(void)
{
	uint64_t window = (uint64_t)num("window", 256);
	double start = now(), end = start + (double)num("seconds", 600);
	uint32_t left = ngroups;

	while (left > 0 && now() < end) {
		left = 0;
		for (uint32_t g = 0; g < ngroups && now() < end; g++) {
			if (groups[g].answers >= GROUP)
				continue;
			left++;
			groups[g].answers = 0;
			send_group(g, put_pk);
			double stuck = now() + RETRY_S;
			while (seen.sent - seen.pk_ok - seen.pk_refused >
				       window &&
			       now() < stuck)
				receive(1);
			if (now() >= stuck) /* they are lost: start afresh */
				seen.sent = seen.pk_ok + seen.pk_refused;
		}
		flush();
		for (double t = now() + 0.3; now() < t;)
			receive(10);
		seen.sent = seen.pk_ok + seen.pk_refused;
	}
	uint64_t lost = 0;
	for (uint32_t g = 0; g < ngroups; g++)
		lost += groups[g].answers >= GROUP ? 0 : GROUP;
	printf("{\"ids\": %u, \"lost\": %lu, \"refused\": %lu, "
	       "\"seconds\": %.2f}\n",
	       ngroups * GROUP, lost, seen.pk_refused, now() - start);
	if (lost > 0)
		exit(1);
}

static uint64_t heartbeats; /* groups asked so far */
static uint64_t lost_beats;

static void one_group(void)
{
	send_group((uint32_t)(heartbeats++ * STRIDE % ngroups), put_peer);
}

/* Keeps WINDOW heartbeats under way until END or N groups were sent. */
static void closed_loop(uint64_t window, double end, uint64_t n)
{
	double heard = now();

	for (uint64_t done = 0; done < n && now() < end;) {
		uint64_t open = seen.sent - seen.kept - seen.wants_pk;
		for (; open + GROUP <= window && done < n; open += GROUP) {
			one_group();
			done++;
		}
		flush();
		if (receive(5) > 0) {
			heard = now();
		} else if (now() - heard > 0.2) {
			lost_beats += seen.sent - seen.kept - seen.wants_pk;
			seen.sent = seen.kept + seen.wants_pk;
			heard = now();
		}
	}
}

static void do_beat(void)
{
	uint64_t window = (uint64_t)num("window", 256);
	double seconds = (double)num("ms", 2000) / 1e3;

	closed_loop(window, now() + 120, ngroups); /* all are known now */
	uint64_t kept = seen.kept, wants = seen.wants_pk;
	double cpu = cpu_spent(), start = now();
	lost_beats = 0;
	closed_loop(window, start + seconds, UINT64_MAX);
	double took = now() - start;
	cpu = cpu_spent() - cpu;
	kept = seen.kept - kept;
	printf("{\"answers\": %lu, \"wants_pk\": %lu, \"lost\": %lu, "
	       "\"per_s\": %.0f, \"cpu_ns\": %.1f, \"busy\": %.2f}\n",
	       kept, seen.wants_pk - wants, lost_beats, (double)kept / took,
	       kept ? cpu * 1e9 / (double)kept : 0, cpu / took);
}

/* Every group once per interval, evenly. */
static void do_pace(void)
{
	double interval = (double)num("interval", 15);
	double seconds = (double)num("seconds", 60);
	double start = now(), cpu = cpu_spent(), late = 0;

	side_start(ngroups * GROUP, GROUP);
	while (now() - start < seconds) {
		double behind = (now() - start) * ngroups / interval -
				(double)heartbeats;
		if (behind * interval / ngroups > late)
			late = behind * interval / ngroups;
		for (int i = 0; i < behind && i < BATCH; i++)
			one_group();
		flush();
		receive(behind < BATCH);
	}
	for (double end = now() + 1; now() < end;)
		receive(10);
	cpu = cpu_spent() - cpu;
	uint64_t answered = seen.kept + seen.wants_pk;
	printf("{\"sent\": %lu, \"kept\": %lu, \"wants_pk\": %lu, "
	       "\"lost\": %ld, \"late_s\": %.3f, \"cpu_s\": %.2f, ",
	       seen.sent, seen.kept, seen.wants_pk,
	       (long)(seen.sent - answered), late, cpu);
	side_report();
	printf("}\n");
}

static void do_echo(void)
{
	for (;;) {
		struct pollfd p = { sock, POLLIN, 0 };
		for (unsigned i = 0; i < RX; i++) {
			rx.iov[i].iov_len = sizeof(rx.data[i]);
			rx.head[i].msg_hdr = (struct msghdr){
				.msg_name = &rx.from[i],
				.msg_namelen = sizeof(rx.from[i]),
				.msg_iov = &rx.iov[i],
				.msg_iovlen = 1,
			};
		}
		int n = recvmmsg(sock, rx.head, RX, MSG_DONTWAIT, NULL);
		if (n <= 0) {
			poll(&p, 1, -1);
			continue;
		}
		for (int i = 0; i < n; i++)
			rx.iov[i].iov_len = rx.head[i].msg_len;
		(void)sendmmsg(sock, rx.head, (unsigned)n, 0);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	gen_init("udp_load", argc, argv);
	uint16_t port = (uint16_t)num("port", 21116);
	ngroups = (uint32_t)(num("ids", GROUP) + GROUP - 1) / GROUP;
	groups = calloc(ngroups, sizeof(*groups));
	echoing = num("echoing", 0) != 0;
	began = now();
	server.sin_family = AF_INET;
	server.sin_port = htons(port);
	server.sin_addr.s_addr = htonl(host_addr());
	if (strcmp(mode, "reach") == 0) {
		side_reach(ngroups * GROUP);
		return 0;
	}
	open_socket(strcmp(mode, "echo") == 0 ? port : LOCAL_PORT);
	if (strcmp(mode, "echo") == 0)
		do_echo();
	else if (strcmp(mode, "register") == 0)
		do_register();
	else if (strcmp(mode, "beat") == 0)
		do_beat();
	else if (strcmp(mode, "pace") == 0)
		do_pace();
	else
		return 2;
	return 0;
}
