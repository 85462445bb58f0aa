/*
 * link: a blocking connection that gives up in time. For one-shot checks from
 * the command line; the services use loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/proto/wire.h"

enum { LINK_ADDRS_MAX = 8, LINK_INPUT_MAX = 65536 };

/* What a name stands for. */
struct link_host {
	struct addr addrs[LINK_ADDRS_MAX];
	size_t n;
};

struct link {
	int fd;
	unsigned timeout_ms; /* for each call */
	struct buf in;
	size_t done; /* bytes at its head that were handed out */
};

/* Resolves NAME ("[::1]" as well). 0, or a text that says why not. */
MUST_USE const char *link_resolve(const char *name, struct link_host *out);

/* Connects to the first address that answers. 0 or -errno. */
MUST_USE int link_open(struct link *l, const struct link_host *host,
		       uint16_t port, unsigned timeout_ms);
void link_close(struct link *l);

/* Sends all of it. 0 or -errno. */
MUST_USE int link_send(struct link *l, const void *data, size_t len);

/* Sends M in a frame. */
MUST_USE int link_send_message(struct link *l, const Hbb__RendezvousMessage *m);

/*
 * Waits for one frame, valid until the next call. 0, -ETIMEDOUT if none came,
 * -ECONNRESET if the far end closed, -EMSGSIZE, or another -errno.
 */
MUST_USE int link_receive(struct link *l, const uint8_t **body, size_t *len);

/* Waits for readiness to read or, with WRITE, to write. 0 or -errno. */
MUST_USE int link_await(int fd, bool write, unsigned timeout_ms);
