/*
 * worker: an engine on its own thread, or on the front's loop.
 *
 * Orders go in and reports come out through mailboxes; nothing else crosses
 * the thread boundary but the shared total limit and the metrics, which are
 * atomics. With WORKERS=0 the same mailboxes connect the front to itself.
 *
 *	front --{pair, lists, usage?, stop}--> worker
 *	front <--{ended, usage, stopped}------ worker
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/ipset.h"
#include "common/net/loop.h"
#include "common/net/mailbox.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/reason.h"
#include "services/hbbr/state/usage.h"

struct worker;

enum report_kind { REPORT_ENDED, REPORT_USAGE, REPORT_STOPPED };

/* What a worker tells the front. */
struct report {
	enum report_kind kind;
	struct worker *worker;
	union {
		struct {
			void *token;
			enum reason why;
			bool downgraded;
			uint64_t bytes[2]; /* read from each end */
		} ended;
		struct {
			struct usage_row *rows; /* the front frees them */
			size_t n;
		} usage;
	};
};

struct worker_opts {
	struct loop *inline_loop; /* NULL: a thread of its own */
	struct mailbox *reports;  /* of struct report; must have room for one
				     ended per session it is given, and one
				     usage and one stopped */
	size_t max_sessions;      /* of the process: bounds the orders */
	uint64_t idle_ms;
	size_t max_pipes;
	struct shared_limit *total; /* shared by all workers */
};

MUST_USE int worker_start(const struct worker_opts *o, struct worker **out);

/* A pair to relay. The descriptors are the worker's if 0 is returned. */
struct worker_pair {
	void *token;
	int fd[2];
	struct addr client[2];
	struct limits limits;
	bool slow; /* an end is on the throttle list */
};

MUST_USE int worker_pair(struct worker *w, const struct worker_pair *p);
/* The lists have changed; copies them. 0, -ENOMEM or -ENOBUFS. */
MUST_USE int worker_lists(struct worker *w, const struct ipset *blocked,
			  const struct ipset *slow);
/* Asks for a usage report. */
MUST_USE int worker_usage(struct worker *w);
/* Ends every session (each is reported), then reports stopped. */
void worker_stop(struct worker *w);
/* After REPORT_STOPPED: joins the thread and frees. */
void worker_free(struct worker *w);
