/*
 * media: pure rules for serving a file: its type, who may keep it how long,
 * which compressed copy a browser takes, which bytes of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"

/* By the end of the name; unknown ones are application/octet-stream. */
const char *media_type(const char *path);
/* Does a browser run it, under the policy that comes with it? */
bool media_runs(const char *path);

/* Does Accept-Encoding (NULL: not sent) take CODING, "br" or "gzip"? */
bool media_accepts(const char *header, const char *coding);

/* Does If-None-Match (NULL: not sent) name ETAG? */
bool media_unchanged(const char *header, const char *etag);

enum media_range {
	MEDIA_WHOLE,   /* no range, or one that is ignored */
	MEDIA_PART,    /* *FIRST and *LAST are set */
	MEDIA_OUTSIDE, /* 416 */
};

/* What Range (NULL: not sent) asks of SIZE bytes. Several ranges at once are
 * ignored, as RFC 9110 allows. */
enum media_range media_range(const char *header, uint64_t size, uint64_t *first,
			     uint64_t *last);
