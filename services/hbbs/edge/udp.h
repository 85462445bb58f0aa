/*
 * udp: datagrams in batches.
 *
 * Buffers and headers are wired once; a wake-up reads up to UDP_BATCH
 * datagrams per system call, hands them to the core, and sends all answers
 * with one call. Nothing is allocated per datagram. Each comes with the
 * address of ours that it was sent to, and leaves from the one it is given;
 * where that address is gone, from the one the kernel chooses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/net/loop.h"
#include "services/hbbs/state/core.h"

struct udp;

struct udp_events {
	/* What one system call yielded. */
	void (*on_datagrams)(void *ctx, const struct datagram *d, size_t n);
};

/* RCVBUF 0 asks for 4 MiB. 0 and *OUT, or -errno. */
MUST_USE int udp_open(struct loop *l, const char *bind, uint16_t port,
		      int rcvbuf, const struct udp_events *ev, void *ctx,
		      struct udp **out);
void udp_close(struct udp *u);

/* Queues one datagram; sent when the batch is full or by udp_flush(). Unless
 * COPY is 0, a second one named so follows UDP_AGAIN_MS later. */
void udp_send(struct udp *u, const struct udp_path *path, const void *data,
	      size_t len, uint64_t copy);
/* The second copy COPY, if it has not left yet, is not sent. */
void udp_settled(struct udp *u, uint64_t copy);
void udp_flush(struct udp *u);

/* Adds to the metric what the kernel had no room for since the last call. */
void udp_count_drops(struct udp *u);
