/*
 * trust: certificates that a setting names, as PEM text or as a file.
 */
#pragma once

#include "common/base/attr.h"

/* For libraries that only read files. */
struct trust_file {
	char path[256]; /* "": the system's certificates */
	int fd;
};

/* CA "" is the system's. 0, or -errno: it is no PEM and no readable file. */
MUST_USE int trust_file_open(struct trust_file *f, const char *ca);
void trust_file_close(struct trust_file *f);

/* For a CURL handle. 0, or -errno as above. */
MUST_USE int trust_curl(void *curl, const char *ca);
