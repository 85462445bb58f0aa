#include "services/api/base/trust.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool is_pem(const char *ca)
{
	return strstr(ca, "-----BEGIN ");
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int trust_file_open(struct trust_file *f, const char *ca)
{
	*f = (struct trust_file){ .fd = -1 };
	if (!*ca)
		return 0;
	if (!is_pem(ca)) {
		if (strlen(ca) >= sizeof(f->path))
			return -ENAMETOOLONG;
		strcpy(f->path, ca);
		return access(ca, R_OK) < 0 ? -errno : 0;
	}
	f->fd = memfd_create("ca", MFD_CLOEXEC);
	if (f->fd < 0)
		return -errno;
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	return write_all(f->fd, ca, strlen(ca));
}

void trust_file_close(struct trust_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

int trust_curl(void *curl, const char *ca)
{
	struct curl_blob blob = { (void *)(uintptr_t)ca, strlen(ca),
				  CURL_BLOB_COPY };

	if (!*ca)
		return 0;
	if (is_pem(ca)) {
		curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
		return 0;
	}
	if (access(ca, R_OK) < 0)
		return -errno;
	curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	return 0;
}
