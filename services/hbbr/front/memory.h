/*
 * memory: what the connections of the front hold together, BRIDGE_MEMORY at
 * most: buffers of bridges, unfinished messages, TLS records that are there in
 * part, what the unpaired have sent. Who holds a part tells of every change,
 * and looks once a second at what comes without an event.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/net/loop.h"

struct memory {
	struct loop *loop;
	size_t held; /* bytes */
	size_t max;
	void (*on_excess)(void *ctx);
	void *ctx;
	struct deferred excess;
	bool excess_due;
};

void memory_init(struct memory *m, struct loop *l, size_t max);
/* Who gives memory back: FN is called at the end of a turn in which too much
 * was held, not in the midst of anybody's events. */
void memory_relieve(struct memory *m, void (*fn)(void *ctx), void *ctx);

/* BEFORE was held by somebody until now, NOW is. False: that is too much. */
bool memory_change(struct memory *m, size_t before, size_t now);
bool memory_exceeded(const struct memory *m);
