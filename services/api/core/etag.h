/*
 * etag: two administrators at one object (RFC 9110, sections 8.8.3 and
 * 13.1.1). Whoever sends back the tag of what he read is refused if it has
 * changed since; without If-Match the last one wins, as scripts expect.
 *
 * RAW is the text in Redis that the write will expect to be there still, so
 * nothing can change between this check and the commit.
 */
#pragma once

#include <stdbool.h>

#include "services/api/core/call.h"
#include "services/api/core/page.h"

/* The tag with its quotes, in the call's pool; RAW may be NULL. */
const char *etag_of(struct call *c, const char *raw);
/* The same as the member "etag" of the last row of a page. */
void etag_last(struct page *p, const char *raw);
/* Answers with the header ETag. */
void etag_show(struct call *c, const char *raw);
/* False: answered with 412. */
bool etag_matches(struct call *c, const char *raw);
