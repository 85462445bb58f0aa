/*
 * bridges: the set of all bridges: refill of tokens, time-outs, memory, lists,
 * usage.
 */
#pragma once

#include <stddef.h>

#include "common/base/ipset.h"
#include "services/hbbr/front/bridge.h"
#include "services/hbbr/state/usage.h"

struct bridges_opts {
	struct loop *loop;
	struct shared_limit *total; /* of all sessions of the process */
	struct memory *memory;      /* too much held: the largest bridge ends */
	size_t max_message;         /* bytes */
	uint64_t idle_ms;           /* 0: sessions may idle for ever */
	void (*on_ended)(void *ctx, void *token, enum reason why,
			 const uint64_t bytes[static 2], bool downgraded);
	void (*on_closed)(void *ctx); /* after bridges_close(); may be NULL */
	void *ctx;
};

void bridges_init(struct bridges *bs, const struct bridges_opts *o);
/* Ends all of them. */
void bridges_close(struct bridges *bs);
/* Idle and stuck sessions end; call about once a second. */
void bridges_tick(struct bridges *bs);
void bridges_apply_lists(struct bridges *bs, const struct ipset *blocked,
			 const struct ipset *slow);
/* Allocates *ROWS (the caller frees) and returns their number. */
size_t bridges_usage(struct bridges *bs, struct usage_row **rows);
