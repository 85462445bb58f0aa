/*
 * sock: socket chores, one errno-returning call each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

/*
 * Non-blocking, close-on-exec, dual-stack (falls back to IPv4 where the
 * kernel has no IPv6). BIND is "" for all addresses, or one address. Port 0
 * takes a free one. REUSEPORT lets several processes share it. Return the
 * descriptor or -errno.
 */
MUST_USE int sock_listen(const char *bind, uint16_t port, bool reuseport);
MUST_USE int sock_udp(const char *bind, uint16_t port, int rcvbuf,
		      bool reuseport);

/* A unix socket at PATH that only its owner may open. What a killed process
 * left there is replaced; -EADDRINUSE if somebody answers on it. */
MUST_USE int sock_listen_unix(const char *path, int backlog);

/* Starts a non-blocking connect; the descriptor or -errno. */
MUST_USE int sock_connect(const struct addr *to);
MUST_USE int sock_connect_unix(const char *path);

/* The pending error of a finished connect: 0 or -errno. */
MUST_USE int sock_error(int fd);

MUST_USE int sock_local(int fd, struct addr *out);
MUST_USE int sock_peer(int fd, struct addr *out);
/* AF_INET6, or AF_INET where the kernel has no IPv6: what an address for
 * sendmsg() on FD must be (addr_to_sockaddr). -errno on failure. */
MUST_USE int sock_family(int fd);
void sock_nodelay(int fd);
/* Acknowledges what has come now, not within 40 ms. */
void sock_quickack(int fd);
void sock_keepalive(int fd, int idle_s, int interval_s, int count);
/* True if the far end has closed or reset (nothing is read). */
bool sock_hung_up(int fd);
/* Raises the soft descriptor limit to min(hard, 1048576) and logs what it
 * allows: a limit that cannot be raised is no reason not to start. */
void sock_raise_nofile(void);
/* How many descriptors the process may have now. */
size_t sock_nofile(void);
