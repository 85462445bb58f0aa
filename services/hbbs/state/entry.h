/*
 * entry: what an edge holds of this process: its loop, the core, and the
 * outbox's way out. An event enters the core, then entry_flush() carries out
 * what the core wants done.
 */
#pragma once

struct core;
struct loop;

struct entry {
	struct loop *loop;
	struct core *core;
	void (*flush)(void *ctx);
	void *ctx;
};

static inline void entry_flush(const struct entry *e)
{
	e->flush(e->ctx);
}
