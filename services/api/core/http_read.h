/*
 * http_read: a call from what microhttpd has read of a request.
 */
#pragma once

#include <microhttpd.h>

#include "services/api/core/call.h"

/* Fills C, whose app is set, from a whole head: who asks (as a trusted proxy
 * tells it), for what, with which parameters. All is copied to its pool. */
void http_read(struct MHD_Connection *conn, struct call *c, const char *url,
	       const char *method);
