#include "services/utils/doctor/link.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/sock.h"
#include "common/proto/frame.h"

const char *link_resolve(const char *name, struct link_host *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char bare[256];
	size_t len = strlen(name);
	bool bracketed = len > 2 && name[0] == '[' && name[len - 1] == ']';

	out->n = 0;
	if (len >= sizeof(bare))
		return "the name is too long";
	memcpy(bare, name, len + 1);
	if (bracketed)
		bare[len - 1] = '\0';
	int r = getaddrinfo(bare + bracketed, NULL, &hints, &found);
	if (r != 0)
		return gai_strerror(r);
	for (struct addrinfo *i = found; i && out->n < LINK_ADDRS_MAX;
	     i = i->ai_next)
		out->addrs[out->n++] = addr_from_sockaddr(i->ai_addr);
	freeaddrinfo(found);
	return out->n > 0 ? NULL : "it has no address";
}

int link_await(int fd, bool write, unsigned timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = write ? POLLOUT : POLLIN };
	int r;

	do
		r = poll(&p, 1, (int)timeout_ms);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r > 0 ? 0 : -ETIMEDOUT;
}

static int dial(const struct addr *to, unsigned timeout_ms)
{
	int fd = sock_connect(to);

	if (fd < 0)
		return fd;
	int r = link_await(fd, true, timeout_ms);
	if (r == 0)
		r = sock_error(fd);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

int link_open(struct link *l, const struct link_host *host, uint16_t port,
	      unsigned timeout_ms)
{
	int fd = -EHOSTUNREACH;

	*l = (struct link){ .fd = -1, .timeout_ms = timeout_ms };
	buf_init(&l->in, LINK_INPUT_MAX);
	for (size_t i = 0; i < host->n && fd < 0; i++) {
		struct addr to = host->addrs[i];
		to.port = port;
		fd = dial(&to, timeout_ms);
	}
	l->fd = fd;
	return fd < 0 ? fd : 0;
}

void link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	buf_fini(&l->in);
}

int link_send(struct link *l, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = send(l->fd, at, len, MSG_NOSIGNAL);
		int r = 0;
		if (n < 0 && errno == EAGAIN)
			r = link_await(l->fd, true, l->timeout_ms);
		else if (n < 0 && errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int link_send_message(struct link *l, const Hbb__RendezvousMessage *m)
{
	size_t body = wire_size(m);
	uint8_t *bytes = malloc(FRAME_HEAD_MAX + body);

	if (!bytes)
		return -ENOMEM;
	size_t head = frame_put_head(bytes, body);
	wire_pack(m, bytes + head);
	int r = link_send(l, bytes, head + body);
	free(bytes);
	return r;
}

static int read_more(struct link *l)
{
	enum { CHUNK = 4096 };
	uint8_t *room = buf_reserve(&l->in, CHUNK);
	int r = room ? link_await(l->fd, false, l->timeout_ms) : -EMSGSIZE;

	if (r < 0)
		return r;
	ssize_t n = recv(l->fd, room, CHUNK, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	buf_wrote(&l->in, (size_t)n);
	return 0;
}

int link_receive(struct link *l, const uint8_t **body, size_t *len)
{
	struct frame f;
	int r;

	/* The frame stays in the buffer for the caller; the one before it
	 * goes now. */
	buf_consume(&l->in, l->done);
	l->done = 0;
	while ((r = frame_parse(buf_head(&l->in), buf_len(&l->in),
				LINK_INPUT_MAX / 2, &f)) == 0) {
		r = read_more(l);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*body = f.body;
	*len = f.len;
	l->done = f.wire_len;
	return 0;
}
