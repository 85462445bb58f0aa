/*
 * engine: many TCP pairs on one loop.
 *
 * All descriptors sit edge-triggered in one epoll set of their own, entered
 * once and never changed again, and the loop watches only that set: a busy
 * session costs no epoll_ctl, an idle one no libuv handle. Events only mark
 * ends as ready and put flows into queues; turns run afterwards, so a pair
 * can be freed in its own turn.
 *
 *	epoll --ready--> quick (small messages, served first) --+
 *	            `--> bulk  (a few turns per loop turn)    --+--> pump_turn
 *	20 ms tick  <--- slow  (no tokens)  <-------------------+
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/ipset.h"
#include "common/net/io.h"
#include "common/net/loop.h"
#include "services/hbbr/splice/pump.h"

TAILQ_HEAD(pair_list, pair);

/* The pair's descriptors are closed; it is freed afterwards. */
typedef void (*pair_ended_fn)(void *ctx, struct pair *pair, enum reason why);

struct engine {
	struct loop *loop;
	struct io io; /* watches the epoll set */
	int epoll;
	struct deferred turns;
	bool scheduled; /* TURNS will run at the end of this loop turn */
	bool closing;
	struct flow_list quick;
	struct flow_list bulk;
	struct flow_list slow;
	struct pair_list pairs; /* most recently active last */
	struct pair_list ending;
	size_t npairs;
	struct timer refill; /* runs while SLOW is not empty */
	struct timer second;
	uint64_t idle_ms; /* 0: sessions may idle for ever */
	struct pump pump;
	pair_ended_fn on_ended;
	void (*on_closed)(void *ctx);
	void *ctx;
	int handles; /* not yet closed */
};

struct engine_opts {
	uint64_t idle_ms;
	size_t max_pipes;
	struct shared_limit *total;
	pair_ended_fn on_ended;
	void (*on_closed)(void *ctx);
	void *ctx;
};

MUST_USE int engine_open(struct engine *e, struct loop *l,
			 const struct engine_opts *o);
/* Ends every pair with REASON_SHUTDOWN; E may be freed after on_closed. */
void engine_close(struct engine *e);

/* Takes both descriptors (also on failure). 0 and *OUT, or -errno. */
MUST_USE int engine_add(struct engine *e, const int fd[static 2],
			const struct limits *l, struct pair **out);

/* The lists have changed: cuts and throttles running sessions. */
void engine_apply_lists(struct engine *e, const struct ipset *blocked,
			const struct ipset *slow);
