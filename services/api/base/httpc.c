#include "services/api/base/httpc.h"

#include <curl/curl.h>
#include <string.h>

#include "common/base/buf.h"
#include "services/api/base/js.h"
#include "services/api/base/trust.h"

static size_t take(char *data, size_t size, size_t n, void *ctx)
{
	/* Less than asked for makes curl give up: the answer is too large. */
	return buf_append(ctx, data, size * n) == 0 ? size * n : 0;
}

static int set_options(CURL *h, const struct httpc *rq, struct buf *body)
{
	curl_easy_setopt(h, CURLOPT_URL, rq->url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)HTTPC_MS);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTPC_MS / 2);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, body);
	if (rq->form)
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, rq->form);
	if (rq->user) {
		curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(h, CURLOPT_USERNAME, rq->user);
		curl_easy_setopt(h, CURLOPT_PASSWORD, rq->password);
	}
	return trust_curl(h, rq->ca ? rq->ca : "");
}

static struct json_object *parse(struct pool *p, const struct buf *body)
{
	bool ok;
	size_t len = buf_len(body);
	struct json_object *o =
		js_parse(p, pool_memdup(p, buf_head(body), len), len, &ok);

	return json_object_is_type(o, json_type_object) ? o : NULL;
}

/* "invalid_client: the secret has expired" */
static const char *own_words(struct pool *p, struct httpc *rq,
			     struct json_object *o)
{
	const char *more = js_text(o, "error_description");

	rq->error = js_text(o, "error");
	if (!*rq->error)
		return pool_printf(p, "HTTP status %ld", rq->status);
	return pool_printf(p, "%.*s%s%.*s", HTTPC_WHY_MAX / 2, rq->error,
			   *more ? ": " : "", HTTPC_WHY_MAX / 2, more);
}

static struct json_object *judge(struct pool *p, struct httpc *rq, CURLcode rc,
				 const struct buf *body, const char **why)
{
	if (rc != CURLE_OK) {
		rq->silent =
			rc != CURLE_WRITE_ERROR && rc != CURLE_URL_MALFORMAT;
		*why = rc == CURLE_WRITE_ERROR ? "The answer is too large"
					       : curl_easy_strerror(rc);
		return NULL;
	}
	struct json_object *o = parse(p, body);
	if (rq->status == 200 && o)
		return o;
	rq->silent = rq->status >= 502 && rq->status <= 504;
	*why = rq->status == 200 ? "The answer is not JSON"
				 : own_words(p, rq, o);
	return NULL;
}

struct json_object *httpc_json(struct pool *p, struct httpc *rq,
			       const char **why)
{
	struct curl_slist *headers =
		curl_slist_append(NULL, "Accept: application/json");
	struct json_object *out = NULL;
	CURL *h = curl_easy_init();
	struct buf body;

	rq->error = "";
	buf_init(&body, HTTPC_BODY_MAX);
	if (rq->bearer)
		headers = curl_slist_append(
			headers,
			pool_printf(p, "Authorization: Bearer %s", rq->bearer));
	if (set_options(h, rq, &body) < 0) {
		*why = "ca: it is neither PEM nor a file that can be read";
	} else {
		curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
		CURLcode rc = curl_easy_perform(h);
		curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &rq->status);
		out = judge(p, rq, rc, &body, why);
	}
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
