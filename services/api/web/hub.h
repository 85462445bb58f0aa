/*
 * hub: what changed, to the pages that are open (server-sent events).
 *
 * The last HUB_EVENTS changes are kept, so a page that lost its connection
 * goes on where it was. A waiting page holds a socket and 4 kB, no thread. A
 * stream carries kinds and guids only, and guids only to those who may see
 * all of a kind; it ends when the rights of its user may have changed, and the
 * page signs in to it again.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	HUB_EVENTS = 1024,    /* kept: some minutes of a busy site */
	HUB_PER_USER = 8,     /* streams; a browser uses one for its tabs */
	HUB_STREAMS = 4096,   /* in all; each is a connection */
	HUB_HEARTBEAT_S = 25, /* proxies close after 60 s of silence */
	HUB_STREAM_S = 3600,  /* then the page comes again */
};

struct hub;

struct hub_event {
	uint64_t ms, seq; /* id in the stream of Redis */
	const char *kind, *guid, *op;
};

struct hub *hub_new(void); /* NULL: no memory */
/* All streams have ended by then. */
void hub_free(struct hub *h);

void hub_publish(struct hub *h, const struct hub_event *e);
/* What came before this id is not known: pages from before read everything
 * again. */
void hub_reset(struct hub *h, uint64_t ms, uint64_t seq);
/* Every second: heartbeats. */
void hub_tick(struct hub *h);
/* Ends all streams, and new ones at once. */
void hub_close(struct hub *h);

/* Answers with a stream. */
int hub_answer(struct hub *h, struct call *c);
