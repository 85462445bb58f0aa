#include "services/api/base/httpc.h"

#include <curl/curl.h>
#include <string.h>

#include "common/base/buf.h"

static size_t take(char *data, size_t size, size_t n, void *ctx)
{
	/* Less than asked for makes curl give up: the answer is too large. */
	return buf_append(ctx, data, size * n) == 0 ? size * n : 0;
}

static void set_options(CURL *h, const struct httpc *rq, struct buf *body)
{
	struct curl_blob ca = { (void *)(uintptr_t)rq->ca,
				rq->ca ? strlen(rq->ca) : 0, CURL_BLOB_COPY };

	curl_easy_setopt(h, CURLOPT_URL, rq->url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)HTTPC_MS);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, body);
	if (rq->form)
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, rq->form);
	if (ca.len)
		curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &ca);
}

const char *httpc_do(struct pool *p, const struct httpc *rq, const char **why)
{
	struct curl_slist *headers =
		curl_slist_append(NULL, "Accept: application/json");
	CURL *h = curl_easy_init();
	const char *out = NULL;
	struct buf body;
	long status = 0;

	buf_init(&body, HTTPC_BODY_MAX);
	set_options(h, rq, &body);
	if (rq->bearer)
		headers = curl_slist_append(
			headers,
			pool_printf(p, "Authorization: Bearer %s", rq->bearer));
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	CURLcode rc = curl_easy_perform(h);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OK && status == 200)
		out = pool_memdup(p, buf_head(&body), buf_len(&body));
	else
		*why = rc != CURLE_OK
			       ? curl_easy_strerror(rc)
			       : pool_printf(p, "HTTP status %ld", status);
	buf_fini(&body);
	curl_slist_free_all(headers);
	curl_easy_cleanup(h);
	return out;
}

const char *httpc_escape(struct pool *p, const char *text)
{
	char *s = curl_easy_escape(NULL, text, (int)strlen(text));
	const char *out = pool_strdup(p, s ? s : "");

	curl_free(s);
	return out;
}
