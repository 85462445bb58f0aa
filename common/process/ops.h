/*
 * ops: the internal HTTP port of a service: /metrics, /livez, /readyz.
 *
 * libmicrohttpd driven by our loop (its epoll descriptor is watched), bound
 * to loopback unless told otherwise. Never reachable through nginx.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/net/loop.h"

struct ops;

struct ops_hooks {
	/* Appends Prometheus text. */
	void (*metrics)(void *ctx, struct buf *out);
	/* True if new work is welcome; else *WHY is a literal. */
	bool (*ready)(void *ctx, const char **why);
	void *ctx;
};

/* BIND "" for all addresses; 127.0.0.1 means ::1 on a host without IPv4. 0 and
 * *OUT, or -errno. */
MUST_USE int ops_open(struct loop *l, const char *bind, uint16_t port,
		      const struct ops_hooks *h, struct ops **out);
uint16_t ops_port(const struct ops *o);
void ops_close(struct ops *o);

/* The health check of a container: GET path on PORT of what ops_open() was
 * told, over loopback if that has it, blocking, at most TIMEOUT_MS. Returns 0
 * if the answer is 200, else -errno. */
MUST_USE int ops_probe(const char *bind, uint16_t port, const char *path,
		       unsigned timeout_ms);
