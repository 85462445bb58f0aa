/*
 * s3: puts objects into S3-compatible storage and takes them out again
 * (libcurl, signature version 4). The base URL names the bucket in its path
 * ("https://s3.example.com/bucket") or its host, with a prefix if wanted.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	S3_CONNECT_S = 10,
	S3_STALL_S = 60, /* below 1 KiB/s for so long ends a transfer */
	S3_ERROR = 256,
};

struct s3 {
	const char *url;
	const char *region;
	const char *key;
	const char *secret;
	const _Atomic bool *stop; /* ends a transfer when set; or NULL */
};

/* The first SIZE bytes of FD become the object NAME (a plain file name).
 * 0, or -EIO with the reason in WHY. Blocks. */
MUST_USE int s3_put(const struct s3 *s, const char *name, int fd, int64_t size,
		    char why[static S3_ERROR]);
/* 0 also when there is no such object. */
MUST_USE int s3_delete(const struct s3 *s, const char *name,
		       char why[static S3_ERROR]);
