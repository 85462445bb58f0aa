/*
 * pages: the console at / and the web client at /web/, from WEB_DIR and
 * WEB_CLIENT.
 *
 * The console finds its way by the path, so a path that names no file is its
 * index. A file that is gone is 404, never an index: the page of an older
 * version sees that and loads itself again.
 */
#pragma once

#include "services/api/core/call.h"

int web_page(struct call *c);
