#include "services/api/base/s3.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct source {
	int fd;
	off_t at;
};

static size_t give(char *out, size_t size, size_t n, void *ctx)
{
	struct source *s = ctx;
	ssize_t got = pread(s->fd, out, size * n, s->at);

	if (got < 0)
		return CURL_READFUNC_ABORT;
	s->at += got;
	return (size_t)got;
}

static size_t discard(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * n;
}

static int sign(CURL *h, const struct s3 *s, const char *name)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "%s/%s", s->url, name);

	if (n < 0 || (size_t)n >= sizeof text)
		return -EIO;
	curl_easy_setopt(h, CURLOPT_URL, text);
	n = snprintf(text, sizeof text, "aws:amz:%s:s3", s->region);
	if (n < 0 || (size_t)n >= sizeof text)
		return -EIO;
	curl_easy_setopt(h, CURLOPT_AWS_SIGV4, text);
	curl_easy_setopt(h, CURLOPT_USERNAME, s->key);
	curl_easy_setopt(h, CURLOPT_PASSWORD, s->secret);
	return 0;
}

static int on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow,
		       curl_off_t ultotal, curl_off_t ulnow)
{
	const struct s3 *s = ctx;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;

	return s->stop && *s->stop;
}

static void bound(CURL *h, const struct s3 *s)
{
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)S3_CONNECT_S);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1024L);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)S3_STALL_S);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, discard);
}

/* 2xx is fine, and MISSING if it is not 0. */
static int perform(CURL *h, long missing, char why[static S3_ERROR])
{
	long status = 0;
	CURLcode rc = curl_easy_perform(h);

	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OK && (status / 100 == 2 || status == missing))
		return 0;
	if (rc != CURLE_OK)
		snprintf(why, S3_ERROR, "%s", curl_easy_strerror(rc));
	else
		snprintf(why, S3_ERROR, "HTTP status %ld", status);
	return -EIO;
}

int s3_put(const struct s3 *s, const char *name, int fd, int64_t size,
	   char why[static S3_ERROR])
{
	struct source from = { .fd = fd };
	/* The body is not hashed before it is sent: TLS protects it. */
	struct curl_slist *head = curl_slist_append(
		NULL, "x-amz-content-sha256: UNSIGNED-PAYLOAD");
	CURL *h = curl_easy_init();
	int r = -EIO;

	strcpy(why, "out of memory");
	if (h && head && sign(h, s, name) == 0) {
		bound(h, s);
		curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
		curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
		curl_easy_setopt(h, CURLOPT_READDATA, &from);
		curl_easy_setopt(h, CURLOPT_HTTPHEADER, head);
		r = perform(h, 0, why);
	}
	curl_slist_free_all(head);
	curl_easy_cleanup(h);
	return r;
}

int s3_get(CURL *h, const struct s3 *s, const char *name, uint64_t first,
	   uint64_t last, uint64_t size)
{
	char range[48];

	if (sign(h, s, name) < 0)
		return -EIO;
	bound(h, s);
	/* A stream of HTTP/2 that rests takes megabytes meanwhile. */
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	snprintf(range, sizeof range, "%" PRIu64 "-%" PRIu64, first, last);
	if (first > 0 || last + 1 < size)
		curl_easy_setopt(h, CURLOPT_RANGE, range);
	return 0;
}

int s3_delete(const struct s3 *s, const char *name, char why[static S3_ERROR])
{
	CURL *h = curl_easy_init();
	int r = -EIO;

	strcpy(why, "out of memory");
	if (h && sign(h, s, name) == 0) {
		bound(h, s);
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, "DELETE");
		r = perform(h, 404, why);
	}
	curl_easy_cleanup(h);
	return r;
}
