/*
 * halves: clients that come to the front of relay.h over TCP.
 */
#pragma once

#include "tests/unit/hbbr/relay.h"

static inline int dial(void)
{
	return live_connect(entry_port(front.entry));
}

static inline void send_first(int fd, const char *uuid, const char *key)
{
	uint8_t frame[256];
	size_t u = strlen(uuid), k = strlen(key), n = 4 + u + k;

	frame[0] = (uint8_t)((n + 3) << 2); /* at most 63 bytes */
	ck_assert_uint_le(n + 3, 63);
	frame[1] = 0x92;
	frame[2] = 0x01;
	frame[3] = (uint8_t)n;
	frame[4] = 0x12;
	frame[5] = (uint8_t)u;
	memcpy(frame + 6, uuid, u);
	frame[6 + u] = 0x32;
	frame[7 + u] = (uint8_t)k;
	memcpy(frame + 8 + u, key, k);
	live_write(fd, frame, n + 4);
}

/* Connects and sends a first frame. */
static inline int join(const char *uuid, const char *key)
{
	int fd = dial();

	send_first(fd, uuid, key);
	return fd;
}

static inline int join_parked(const char *uuid)
{
	size_t before = waiting();
	int fd = join(uuid, "KEY");

	live_until(&live, waiting() == before + 1);
	return fd;
}

static inline void join_pair(const char *uuid, int fds[2])
{
	size_t before = front_sessions(&front);

	fds[0] = join_parked(uuid);
	fds[1] = join(uuid, "KEY");
	live_until(&live, front_sessions(&front) == before + 1);
}

static inline void expect(int fd, const char *text)
{
	char got[4096];
	size_t have = 0, len = strlen(text);

	while (have < len) {
		ssize_t n = recv(fd, got + have, len - have, MSG_DONTWAIT);
		if (n > 0)
			have += (size_t)n;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert_mem_eq(got, text, len);
}

static inline void expect_closed(int fd)
{
	live_until(&live, live_ended(fd));
	close(fd);
}
