/*
 * http_send: the answer of a call, as microhttpd sends it.
 */
#pragma once

#include <microhttpd.h>

#include "services/api/core/call.h"

/* Queues the answer; C and its pool live until the request is completed. */
enum MHD_Result http_send(struct MHD_Connection *conn, struct call *c);
