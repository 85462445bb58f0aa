/*
 * ports: where clients connect: PORT for TCP, two above it for WebSocket.
 */
#pragma once

#include <stdint.h>

#include "common/base/attr.h"
#include "common/net/listen.h"
#include "common/net/ws.h"

struct settings;

struct ports_opts {
	struct loop *loop;
	const struct settings *cfg;
	accept_fn on_tcp;
	accept_fn on_web; /* is to be adopted by WS */
	const struct ws_events *on_ws;
	void *ctx; /* of all of them */
};

struct ports {
	struct listener *tcp;
	struct listener *web;
	struct ws_context *ws;
};

/* Opens them. 0 or -errno (logged). */
MUST_USE int ports_open(struct ports *p, const struct ports_opts *o);
/* Accepts nobody any more; WebSockets that are open go on. */
void ports_shut(struct ports *p);
/* Closes what is left. */
void ports_close(struct ports *p);
/* How many of which kind did not get in. */
void ports_gauges(const struct ports *p, const uint64_t foreign[FOREIGN_KINDS]);
