#include "services/api/core/accept.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "services/api/core/app.h"

enum {
	TICK_MS = 500, /* between two looks for connections over time */
	/* Without descriptors: so many of those who have said nothing yet go,
	 * and after so long the next ones come. A stranger among them waits a
	 * moment, however many want to come. */
	EVICT = 8,
	REST_MS = 10,
	SAY_MS = 60000, /* between two lines about that */
	BATCH = 64,     /* taken between two looks at the clock */
};

struct acceptor {
	struct acceptor_hooks hooks;
	pthread_t thread;
	int fd;
	int wake;
	uint16_t port;
	uint64_t said_ms;
};

static void out_of_files(struct acceptor *a, int why, uint64_t now_ms)
{
	gate_evict(a->hooks.gate, EVICT);
	if (a->said_ms && now_ms - a->said_ms < SAY_MS)
		return;
	a->said_ms = now_ms;
	log_warn("accept", "%s: connections wait (ulimit -n)", strerror(why));
}

static bool take_one(struct acceptor *a, uint64_t now_ms)
{
	const struct acceptor_hooks *h = &a->hooks;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct sockaddr *sa = (struct sockaddr *)&ss;
	int fd = accept4(a->fd, sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	struct addr peer = addr_from_sockaddr(sa);
	if (gate_enter(h->gate, fd, &peer, trusted_has(h->trusted, &peer),
		       now_ms))
		h->take(h->ctx, fd, sa, len);
	else
		close(fd);
	return true;
}

/* How long to leave the listening socket alone. */
static int take_all(struct acceptor *a, uint64_t now_ms)
{
	for (int i = 0; i < BATCH; i++)
		if (!take_one(a, now_ms)) {
			int why = errno;

			if (why == EAGAIN)
				return 0;
			out_of_files(a, why, now_ms);
			return REST_MS;
		}
	return 0;
}

static void *run(void *arg)
{
	struct acceptor *a = arg;
	struct pollfd fds[] = { { a->wake, POLLIN, 0 }, { a->fd, POLLIN, 0 } };
	uint64_t reaped_ms = 0;
	int rest = 0;

	for (;;) {
		/* Without descriptors accept() fails even if nobody waits. */
		fds[1].revents = 0;
		poll(fds, rest ? 1 : 2, rest ? rest : TICK_MS);
		uint64_t now_ms = app_tick_ms();
		if (fds[0].revents)
			return NULL;
		if (now_ms - reaped_ms >= TICK_MS) {
			gate_reap(a->hooks.gate, now_ms);
			reaped_ms = now_ms;
		}
		rest = fds[1].revents ? take_all(a, now_ms) : 0;
	}
}

static int start(struct acceptor *a, const char *bind, uint16_t port)
{
	struct addr local;

	a->fd = sock_listen(bind, port, false);
	if (a->fd < 0)
		return a->fd;
	a->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->wake < 0)
		return -errno;
	if (sock_local(a->fd, &local) == 0)
		a->port = local.port;
	return -pthread_create(&a->thread, NULL, run, a);
}

static void release(struct acceptor *a)
{
	if (a->wake >= 0)
		close(a->wake);
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}

int acceptor_open(const char *bind, uint16_t port,
		  const struct acceptor_hooks *hooks, struct acceptor **out)
{
	struct acceptor *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->hooks = *hooks;
	a->fd = a->wake = -1;
	int r = start(a, bind, port);
	if (r < 0) {
		release(a);
		return r;
	}
	*out = a;
	return 0;
}

uint16_t acceptor_port(const struct acceptor *a)
{
	return a->port;
}

void acceptor_close(struct acceptor *a)
{
	uint64_t one = 1;

	if (!a)
		return;
	(void)!write(a->wake, &one, sizeof(one));
	pthread_join(a->thread, NULL);
	release(a);
}
