#include "services/hbbs/edge/relaycheck.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/addr.h"
#include "common/base/log.h"
#include "common/net/io.h"
#include "common/net/sock.h"

/* One relay being looked up, then connected to. */
struct probe {
	struct relaycheck *all;
	size_t index;
	uv_getaddrinfo_t lookup;
	struct io io;
	struct timer timer;
	uint16_t port;
	bool connecting;
	unsigned users; /* handles still open */
};

struct relaycheck {
	struct loop *loop;
	struct relay_list *relays;
	struct timer timer;
	unsigned generation; /* of the list this round looks at */
	unsigned running;    /* probes of this round not finished */
	bool up[RELAYS_MAX]; /* what they found */
	struct addr addr[RELAYS_MAX];
	bool closing;
	bool timer_closed;
};

static void maybe_free(struct relaycheck *r)
{
	if (r->closing && r->timer_closed && r->running == 0)
		free(r);
}

static void log_changes(const struct relay_list *l, const bool *was)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].live != was[i])
			log_warn("relay_changed", "%s is %s", l->list[i].name,
				 l->list[i].live ? "back" : "not reachable");
}

static void round_done(struct relaycheck *r)
{
	struct relay_list *l = r->relays;
	bool was[RELAYS_MAX] = { false };

	if (r->closing || l->generation != r->generation)
		return;
	for (size_t i = 0; i < l->n; i++) {
		was[i] = l->list[i].live;
		l->list[i].up = r->up[i];
		l->list[i].addr = r->addr[i];
	}
	relays_apply(l);
	log_changes(l, was);
}

static void probe_released(void *ctx)
{
	struct probe *p = ctx;
	struct relaycheck *r = p->all;

	if (--p->users > 0)
		return;
	free(p);
	if (--r->running == 0)
		round_done(r);
	maybe_free(r);
}

static void probe_end(struct probe *p, bool up)
{
	p->all->up[p->index] = up;
	if (p->connecting) {
		p->connecting = false;
		io_close(&p->io, true, probe_released);
		timer_close(&p->timer, probe_released);
	} else {
		probe_released(p);
	}
}

static void on_connected(struct io *io, int events, void *ctx)
{
	struct probe *p = ctx;
	(void)events;

	if (p->connecting)
		probe_end(p, sock_error(io->fd) == 0);
}

static void on_timeout(void *ctx)
{
	struct probe *p = ctx;

	if (p->connecting)
		probe_end(p, false);
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *ai)
{
	struct probe *p = req->data;

	if (status != 0 || p->all->closing) {
		uv_freeaddrinfo(ai);
		probe_end(p, false);
		return;
	}
	struct addr to = addr_from_sockaddr(ai->ai_addr);
	to.port = p->port;
	uv_freeaddrinfo(ai);
	p->all->addr[p->index] = to;

	int fd = sock_connect(&to);
	if (fd < 0 || io_open(p->all->loop, &p->io, fd, on_connected, p) != 0) {
		if (fd >= 0)
			close(fd);
		probe_end(p, false);
		return;
	}
	p->users = 2;
	p->connecting = true;
	timer_init(p->all->loop, &p->timer, on_timeout, p);
	timer_start(&p->timer, RELAYCHECK_WAIT_MS, 0);
	io_want(&p->io, IO_WRITE);
}

/* "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address. */
static uint16_t split(const char *name, char host[static WIRE_RELAY_MAX + 1])
{
	struct addr literal;
	char text[ADDR_TEXT_MAX];

	if (addr_parse(name, RELAYS_PORT, &literal) == 0) {
		strcpy(host, addr_format_ip(&literal, text));
		return literal.port;
	}
	const char *colon = strrchr(name, ':');
	size_t len = colon ? (size_t)(colon - name) : strlen(name);
	memcpy(host, name, len);
	host[len] = '\0';
	unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : RELAYS_PORT;
	return port > 0 && port <= 65535 ? (uint16_t)port : RELAYS_PORT;
}

static void probe_start(struct relaycheck *r, size_t index)
{
	char host[WIRE_RELAY_MAX + 1];
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct probe *p = calloc(1, sizeof *p);

	if (!p)
		return;
	p->all = r;
	p->index = index;
	p->users = 1;
	p->lookup.data = p;
	p->port = split(r->relays->list[index].name, host);
	r->running++;
	if (uv_getaddrinfo(&r->loop->uv, &p->lookup, on_resolved, host, NULL,
			   &hints) != 0)
		probe_end(p, false);
}

static void on_timer(void *ctx)
{
	struct relaycheck *r = ctx;

	/* One relay is used whatever a check would say; a round that has not
	 * ended (slow DNS) is waited for. */
	if (r->relays->n < 2 || r->running > 0)
		return;
	r->generation = r->relays->generation;
	memset(r->up, 0, sizeof r->up);
	memset(r->addr, 0, sizeof r->addr);
	r->running++; /* so that the round cannot end while it starts */
	for (size_t i = 0; i < r->relays->n; i++)
		probe_start(r, i);
	if (--r->running == 0)
		round_done(r);
}

int relaycheck_open(struct loop *l, struct relay_list *relays,
		    struct relaycheck **out)
{
	struct relaycheck *r = calloc(1, sizeof *r);
	if (!r)
		return -ENOMEM;
	r->loop = l;
	r->relays = relays;
	timer_init(l, &r->timer, on_timer, r);
	timer_start(&r->timer, 1, RELAYCHECK_EVERY_MS);
	*out = r;
	return 0;
}

static void on_timer_closed(void *ctx)
{
	struct relaycheck *r = ctx;

	r->timer_closed = true;
	maybe_free(r);
}

void relaycheck_close(struct relaycheck *r)
{
	if (!r)
		return;
	r->closing = true;
	timer_close(&r->timer, on_timer_closed);
}
