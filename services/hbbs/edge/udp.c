#include "services/hbbs/edge/udp.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"
#include "common/proto/wire.h"
#include "services/hbbs/state/metrics.h"

enum {
	UDP_BATCH = DATAGRAM_BATCH,
	UDP_ROUNDS = 4,    /* batches per wake-up, then others get a turn */
	UDP_RX_MAX = 2048, /* longer datagrams are none of ours */
	UDP_TX_MAX = 2 * WIRE_DATAGRAM_MAX,
	/* B takes two copies for one if it handles them within 100 ms. A busy
	 * one falls behind between them, unless both wait in its socket. */
	UDP_AGAIN_MS = 8,
	UDP_AGAIN_MAX = 1024, /* 128 000 pushes a second; beyond: sent once */
	UDP_RCVBUF = 4 << 20,
};

/* Room for one control message about our own address. */
struct control {
	_Alignas(struct cmsghdr)
		uint8_t room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct slot {
	struct sockaddr_storage addr;
	struct iovec iov;
	struct control control;
	uint8_t data[UDP_TX_MAX];
};

/* A push waiting for its second copy. */
struct again {
	uint64_t due_ms;
	uint64_t copy; /* 0: it need not leave any more */
	struct udp_path path;
	size_t len;
	uint8_t *data;
};

struct udp {
	struct io io;
	struct timer timer;
	struct loop *loop;
	struct udp_events ev;
	void *ctx;
	int family;
	bool tells_local; /* datagrams come with our own address */
	unsigned users;   /* handles still open */
	unsigned ntx;
	uint32_t kernel_drops; /* as the kernel counts since the start */
	struct mmsghdr rx_head[UDP_BATCH];
	struct mmsghdr tx_head[UDP_BATCH];
	struct slot rx[UDP_BATCH];
	struct slot tx[UDP_BATCH];
	struct datagram batch[UDP_BATCH];
	struct again again[UDP_AGAIN_MAX]; /* ring, in order of due_ms */
	unsigned again_first;
	unsigned nagain;
};

static_assert(UDP_RX_MAX <= UDP_TX_MAX, "a slot holds what is received");

static void wire_slot(struct mmsghdr *h, struct slot *s)
{
	s->iov.iov_base = s->data;
	s->iov.iov_len = UDP_RX_MAX;
	h->msg_hdr.msg_name = &s->addr;
	h->msg_hdr.msg_iov = &s->iov;
	h->msg_hdr.msg_iovlen = 1;
}

/* --- our own address ------------------------------------------------------ */

/* Bound to one address, there is nothing to tell apart. */
static void ask_for_local(struct udp *u, const char *bind)
{
	struct addr where = { 0 };
	int on = 1;

	if (bind[0] != '\0' && addr_parse(bind, 0, &where) == 0 &&
	    !addr_is_unspecified(&where))
		return;
	int r = u->family == AF_INET6
			? setsockopt(u->io.fd, IPPROTO_IPV6, IPV6_RECVPKTINFO,
				     &on, sizeof on)
			: setsockopt(u->io.fd, IPPROTO_IP, IP_PKTINFO, &on,
				     sizeof on);
	u->tells_local = r == 0;
	if (r < 0)
		log_warn("no_pktinfo",
			 "a server with several addresses answers from the "
			 "kernel's choice: %s",
			 strerror(errno));
}

/* On a dual-stack socket IPv4 comes mapped, as struct addr has it. */
static struct addr local_of(struct msghdr *h)
{
	const struct cmsghdr *m = CMSG_FIRSTHDR(h);
	struct addr local = { 0 };
	struct in6_pktinfo six;
	struct in_pktinfo four;

	if (!m)
		return local;
	if (m->cmsg_level == IPPROTO_IPV6 && m->cmsg_type == IPV6_PKTINFO) {
		memcpy(&six, CMSG_DATA(m), sizeof six);
		memcpy(local.ip, &six.ipi6_addr, sizeof local.ip);
	} else if (m->cmsg_level == IPPROTO_IP && m->cmsg_type == IP_PKTINFO) {
		memcpy(&four, CMSG_DATA(m), sizeof four);
		local.ip[10] = local.ip[11] = 0xff;
		memcpy(local.ip + 12, &four.ipi_addr, 4);
	}
	return local;
}

static void put_control(struct msghdr *h, struct control *c, int level,
			int type, const void *data, size_t len)
{
	h->msg_control = c;
	/* Without the padding behind it an in6_pktinfo fits the kernel's
	 * stack; with it, every datagram would cost an allocation there. */
	h->msg_controllen = CMSG_LEN(len);
	struct cmsghdr *m = CMSG_FIRSTHDR(h);
	m->cmsg_level = level;
	m->cmsg_type = type;
	m->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(m), data, len);
}

/* The datagram of slot S leaves from LOCAL. */
static void set_local(const struct udp *u, struct msghdr *h, struct slot *s,
		      const struct addr *local)
{
	h->msg_control = NULL;
	h->msg_controllen = 0;
	if (!u->tells_local || addr_is_unspecified(local))
		return;
	if (u->family == AF_INET6) {
		struct in6_pktinfo six = { 0 };
		memcpy(&six.ipi6_addr, local->ip, sizeof local->ip);
		put_control(h, &s->control, IPPROTO_IPV6, IPV6_PKTINFO, &six,
			    sizeof six);
	} else {
		struct in_pktinfo four = { 0 };
		memcpy(&four.ipi_spec_dst, local->ip + 12, 4);
		put_control(h, &s->control, IPPROTO_IP, IP_PKTINFO, &four,
			    sizeof four);
	}
}

/* That address may have gone to another machine: then the kernel chooses. */
static bool drop_local(struct msghdr *h)
{
	bool had = h->msg_controllen > 0;

	h->msg_control = NULL;
	h->msg_controllen = 0;
	return had;
}

/* --- out ------------------------------------------------------------------ */

void udp_flush(struct udp *u)
{
	unsigned sent = 0;

	while (sent < u->ntx) {
		int n = sendmmsg(u->io.fd, u->tx_head + sent, u->ntx - sent, 0);
		if (n > 0)
			sent += (unsigned)n;
		else if (errno == EINTR)
			continue;
		else if (errno == EAGAIN || errno == ENOBUFS)
			break; /* the network is full: UDP may lose them */
		else if (!drop_local(&u->tx_head[sent].msg_hdr))
			sent++; /* that one cannot be sent (W18) */
	}
	u->ntx = 0;
}

static void put(struct udp *u, const struct udp_path *path, const void *data,
		size_t len)
{
	if (u->ntx == UDP_BATCH)
		udp_flush(u);
	struct slot *s = &u->tx[u->ntx];
	struct msghdr *h = &u->tx_head[u->ntx].msg_hdr;
	h->msg_namelen = addr_to_sockaddr(&path->peer, u->family, &s->addr);
	set_local(u, h, s, &path->local);
	memcpy(s->data, data, len);
	s->iov.iov_len = len;
	u->ntx++;
}

static struct again *again_at(struct udp *u, unsigned i)
{
	return &u->again[(u->again_first + i) % UDP_AGAIN_MAX];
}

static void put_again(struct udp *u, const struct udp_path *path,
		      const void *data, size_t len, uint64_t copy)
{
	uint8_t *kept = u->nagain < UDP_AGAIN_MAX ? malloc(len) : NULL;
	if (!kept)
		return;
	memcpy(kept, data, len);
	*again_at(u, u->nagain) = (struct again){
		.due_ms = loop_now(u->loop) + UDP_AGAIN_MS,
		.copy = copy,
		.path = *path,
		.len = len,
		.data = kept,
	};
	if (u->nagain++ == 0)
		timer_start(&u->timer, UDP_AGAIN_MS, 0);
}

static void on_again(void *ctx)
{
	struct udp *u = ctx;
	uint64_t now = loop_now(u->loop);

	while (u->nagain > 0) {
		struct again *a = again_at(u, 0);
		if (a->due_ms > now) {
			timer_start(&u->timer, a->due_ms - now, 0);
			break;
		}
		if (a->copy != 0)
			put(u, &a->path, a->data, a->len);
		free(a->data);
		u->again_first = (u->again_first + 1) % UDP_AGAIN_MAX;
		u->nagain--;
	}
	udp_flush(u);
}

void udp_send(struct udp *u, const struct udp_path *path, const void *data,
	      size_t len, uint64_t copy)
{
	if (len > UDP_TX_MAX)
		return;
	put(u, path, data, len);
	if (copy != 0)
		put_again(u, path, data, len, copy);
}

void udp_settled(struct udp *u, uint64_t copy)
{
	for (unsigned i = 0; i < u->nagain; i++) {
		struct again *a = again_at(u, i);
		if (a->copy == copy)
			a->copy = 0;
	}
}

/* --- in ------------------------------------------------------------------- */

void udp_count_drops(struct udp *u)
{
	uint32_t of[SK_MEMINFO_VARS];
	socklen_t len = sizeof of;

	if (getsockopt(u->io.fd, SOL_SOCKET, SO_MEMINFO, of, &len) < 0)
		return;
	metric_add(&hbbs_metrics, M_UDP_DROPS,
		   of[SK_MEMINFO_DROPS] - u->kernel_drops);
	u->kernel_drops = of[SK_MEMINFO_DROPS];
}

static int receive(struct udp *u)
{
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		struct msghdr *h = &u->rx_head[i].msg_hdr;
		h->msg_namelen = sizeof u->rx[i].addr;
		h->msg_flags = 0;
		h->msg_control = &u->rx[i].control;
		h->msg_controllen =
			u->tells_local ? sizeof u->rx[i].control : 0;
	}
	return recvmmsg(u->io.fd, u->rx_head, UDP_BATCH, MSG_DONTWAIT, NULL);
}

/* Hands over the N datagrams that have come, but for those cut off. */
static void hand_over(struct udp *u, unsigned n)
{
	size_t whole = 0;

	for (unsigned i = 0; i < n; i++) {
		struct mmsghdr *h = &u->rx_head[i];
		if (h->msg_hdr.msg_flags & MSG_TRUNC)
			continue;
		u->batch[whole++] = (struct datagram){
			.from = addr_from_sockaddr(h->msg_hdr.msg_name),
			.to = local_of(&h->msg_hdr),
			.data = u->rx[i].data,
			.len = h->msg_len,
		};
	}
	u->ev.on_datagrams(u->ctx, u->batch, whole);
}

static void on_io(struct io *io, int events, void *ctx)
{
	struct udp *u = ctx;
	(void)events;

	io_want(io, IO_READ);
	for (unsigned round = 0; round < UDP_ROUNDS; round++) {
		int n = receive(u);
		if (n > 0)
			hand_over(u, (unsigned)n);
		if (n < UDP_BATCH)
			break;
	}
}

/* --- life ----------------------------------------------------------------- */

static int socket_family(int fd)
{
	int family = AF_INET6;
	socklen_t len = sizeof family;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0
		       ? family
		       : AF_INET6;
}

static void warn_if_capped(int fd, int wanted)
{
	int got = 0;
	socklen_t len = sizeof got;

	/* The kernel reports twice what it grants. */
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len) == 0 &&
	    got / 2 < wanted)
		log_info("udp_buffer_capped",
			 "receive buffer is %d of %d bytes: raise "
			 "net.core.rmem_max for bursts of many peers",
			 got / 2, wanted);
}

int udp_open(struct loop *l, const char *bind, uint16_t port, int rcvbuf,
	     const struct udp_events *ev, void *ctx, struct udp **out)
{
	struct udp *u = calloc(1, sizeof *u);
	if (!u)
		return -ENOMEM;

	int wanted = rcvbuf > 0 ? rcvbuf : UDP_RCVBUF;
	int fd = sock_udp(bind, port, wanted, false);
	int err = fd;
	if (fd < 0)
		goto err_free;
	warn_if_capped(fd, wanted);
	u->family = socket_family(fd);
	u->loop = l;
	u->ev = *ev;
	u->ctx = ctx;
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		wire_slot(&u->rx_head[i], &u->rx[i]);
		wire_slot(&u->tx_head[i], &u->tx[i]);
	}
	err = io_open(l, &u->io, fd, on_io, u);
	if (err != 0)
		goto err_close;
	ask_for_local(u, bind);
	timer_init(l, &u->timer, on_again, u);
	u->users = 2;
	io_want(&u->io, IO_READ);
	*out = u;
	return 0;

err_close:
	close(fd);
err_free:
	free(u);
	return err;
}

static void on_closed(void *ctx)
{
	struct udp *u = ctx;

	if (--u->users == 0)
		free(u);
}

void udp_close(struct udp *u)
{
	if (!u)
		return;
	for (unsigned i = 0; i < u->nagain; i++)
		free(again_at(u, i)->data);
	u->nagain = 0;
	io_close(&u->io, true, on_closed);
	timer_close(&u->timer, on_closed);
}
