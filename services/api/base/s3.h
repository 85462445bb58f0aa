/*
 * s3: puts objects into S3-compatible storage and takes them out again
 * (libcurl, signature version 4). The base URL names the bucket in its path
 * ("https://s3.example.com/bucket") or its host, with a prefix if wanted.
 */
#pragma once

#include <curl/curl.h>
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
/* Prepares H to read the bytes FIRST to LAST of the object NAME, which has
 * SIZE; who performs the transfer takes them (CURLOPT_WRITEFUNCTION). S must
 * live as long. 0 or -EIO. */
MUST_USE int s3_get(CURL *h, const struct s3 *s, const char *name,
		    uint64_t first, uint64_t last, uint64_t size);
/* 0 also when there is no such object. */
MUST_USE int s3_delete(const struct s3 *s, const char *name,
		       char why[static S3_ERROR]);
