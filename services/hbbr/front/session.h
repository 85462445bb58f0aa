/*
 * session: a pair on its way, from the joining of its halves to the line in
 * the log. Two TCP ends go to a worker as two descriptors; as soon as one end
 * is WebSocket the pair stays on the front's loop, in a bridge, because a
 * WebSocket connection cannot leave its libwebsockets context.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/hbbr/state/reason.h"

struct conn;
struct ipset;
struct limits;
struct loop;
struct memory;
struct session;
struct sessions;
struct shared_limit;
struct usage_row;

struct sessions_opts {
	struct loop *loop;
	size_t threads; /* of the workers; 0: on LOOP */
	size_t max_sessions;
	size_t max_message;          /* bytes, where an end is WebSocket */
	uint64_t idle_ms;            /* 0: sessions may idle for ever */
	const struct limits *limits; /* of sessions that start now */
	struct shared_limit *total;  /* of all sessions together */
	const struct ipset *slow;    /* who is throttled */
	struct memory *memory;
	/* Logged and counted; the callee frees S. */
	void (*on_ended)(void *ctx, struct session *s);
	/* One part of the usage; the callee frees ROWS. */
	void (*on_usage)(void *ctx, struct usage_row *rows, size_t n);
	void (*on_closed)(void *ctx); /* after sessions_close() */
	void *ctx;
};

/* Starts the workers. 0 and *OUT, or -errno. */
MUST_USE int sessions_open(const struct sessions_opts *o,
			   struct sessions **out);
/* Ends all of them, which takes until on_closed. */
void sessions_close(struct sessions *ss);
/* After on_closed. */
void sessions_free(struct sessions *ss);

/* Relays S, whose halves are FIRST and SECOND, in order of arrival; takes
 * both. Ends in on_ended, at once if there is no room. */
void session_start(struct sessions *ss, struct session *s, struct conn *first,
		   struct conn *second);

/* Ends S for WHY instead. */
void session_refuse(struct sessions *ss, struct session *s, struct conn *first,
		    struct conn *second, enum reason why);

/* Idle and stuck sessions end; call about once a second. */
void sessions_tick(struct sessions *ss);
/* The lists have changed: cuts and throttles. */
void sessions_apply_lists(struct sessions *ss, const struct ipset *blocked,
			  const struct ipset *slow);
/* Asks for usage: on_usage is called sessions_usage_parts() times in all. */
void sessions_usage(struct sessions *ss);
size_t sessions_usage_parts(const struct sessions *ss);
