/*
 * html: text inside a page. Pure.
 */
#pragma once

#include "services/api/base/pool.h"

/* TEXT with & < > " ' as entities: it stays text, between tags and quotes. */
const char *html_escape(struct pool *p, const char *text);
