/*
 * redis_conn: bytes to and from a connected, non-blocking socket, plain or
 * by TLS. Nothing here waits: -EAGAIN says what to wait for. The descriptor
 * stays the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/redis/redis_url.h"

struct addrinfo;

/* Certificates and authorities, loaded once per client. */
struct redis_tls;

/* 0 and *OUT (NULL if U is not for TLS), or -errno with *WHY a literal. */
MUST_USE int redis_tls_create(const struct redis_url *u, struct redis_tls **out,
			      const char **why);
void redis_tls_destroy(struct redis_tls *t);

struct redis_conn {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	int wait;           /* POLLIN or POLLOUT, valid after -EAGAIN */
};

/* Wraps FD. T may be NULL for plain; else the server must prove that it is
 * HOST. T must outlive C. 0 or -ENOMEM. */
MUST_USE int redis_conn_init(struct redis_conn *c, int fd, struct redis_tls *t,
			     const char *host);
void redis_conn_fini(struct redis_conn *c);

/* 0 when done (at once if plain), -EAGAIN, or -errno with *WHY a literal. */
MUST_USE int redis_conn_handshake(struct redis_conn *c, const char **why);

/* Bytes moved, -EAGAIN, or -errno; a read at the end gives -ECONNRESET. */
MUST_USE ssize_t redis_conn_read(struct redis_conn *c, void *to, size_t len);
MUST_USE ssize_t redis_conn_write(struct redis_conn *c, const void *from,
				  size_t len);

/* True if bytes wait inside TLS, which no poll will report. */
bool redis_conn_pending(const struct redis_conn *c);

/* The addresses that a name has, tried one after the other. */
enum { REDIS_ADDRS_MAX = 8 };
struct redis_addrs {
	struct addr list[REDIS_ADDRS_MAX];
	size_t n;
	size_t next;
};

/* Numeric hosts need no resolver: true and one address. */
bool redis_addrs_numeric(struct redis_addrs *a, const struct redis_host *h);
void redis_addrs_resolved(struct redis_addrs *a, const struct addrinfo *ai,
			  uint16_t port);
