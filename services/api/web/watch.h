/*
 * watch: one thread that follows the change stream and presence for the index
 * of devices and for open pages, and says that this process lives.
 */
#pragma once

#include "services/api/index/index.h"
#include "services/api/web/hub.h"

struct watch;

enum {
	WATCH_WAIT_MS = 500,   /* for the next change: pages are told in time */
	WATCH_ROUND_MS = 2000, /* own lease, living nodes, history */
};

MUST_USE int watch_start(struct app *app, struct watch **out);
/* Ends the open pages' streams; they come again elsewhere. */
void watch_drain(struct watch *w);
/* After http_close(). Accepts NULL. */
void watch_stop(struct watch *w);

struct hub *watch_hub(struct watch *w);
/* The index, or NULL while it is built. watch_done() gives it back. */
struct index *watch_index(struct watch *w);
void watch_done(struct watch *w);

/* GET /api/web/events */
int web_events(struct call *c);
