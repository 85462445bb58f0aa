#include "services/utils/doctor/ask.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"

enum { URL_MAX = 512 };

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	return buf_append(ctx, data, size * n) == 0 ? size * n : 0;
}

/* NULL: out of memory. Wiped by the caller: it may hold the token. */
static struct curl_slist *header(const struct doctor *d, bool signed_in)
{
	size_t room = strlen(d->token) + sizeof("Authorization: Bearer ");
	char *text = signed_in ? malloc(room) : NULL;
	struct curl_slist *list = NULL;

	if (text) {
		snprintf(text, room, "Authorization: Bearer %s", d->token);
		list = curl_slist_append(NULL, text);
		explicit_bzero(text, room);
	}
	free(text);
	return list;
}

static bool get(struct doctor *d, const char *url, bool signed_in,
		struct buf *body)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *head = header(d, signed_in);
	const char *trusted = getenv("SSL_CERT_FILE"); /* as OpenSSL has it */
	long verify = signed_in && !d->insecure, status = 0;

	if (!easy) {
		curl_slist_free_all(head);
		return false;
	}
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)d->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	if (trusted)
		curl_easy_setopt(easy, CURLOPT_CAINFO, trusted);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	bool ok = curl_easy_perform(easy) == CURLE_OK &&
		  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) ==
			  CURLE_OK &&
		  status == 200;
	curl_easy_cleanup(easy);
	curl_slist_free_all(head);
	return ok;
}

static bool on_this_machine(const struct doctor *d)
{
	for (size_t i = 0; i < d->addrs.n; i++)
		if (!addr_is_loopback(&d->addrs.addrs[i]))
			return false;
	return d->addrs.n > 0;
}

struct json_object *ask_json(struct doctor *d, const char *path, bool signed_in)
{
	bool bare6 = strchr(d->host, ':') && d->host[0] != '[';
	struct json_object *o = NULL;
	char url[URL_MAX];
	struct buf body;

	buf_init(&body, ASK_ANSWER_MAX);
	snprintf(url, sizeof(url), "https://%s%s%s:%u%s", bare6 ? "[" : "",
		 d->host, bare6 ? "]" : "", d->https_port, path);
	bool ok = get(d, url, signed_in, &body);
	if (!ok && (!signed_in || on_this_machine(d))) {
		buf_consume(&body, buf_len(&body));
		snprintf(url, sizeof(url), "http://%s%s%s:%u%s",
			 bare6 ? "[" : "", d->host, bare6 ? "]" : "",
			 (unsigned)d->port - 2, path);
		ok = get(d, url, signed_in, &body);
	}
	if (ok && buf_append(&body, "", 1) == 0)
		o = json_tokener_parse((const char *)buf_head(&body));
	buf_fini(&body);
	return o;
}

const char *ask_text(struct json_object *o, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(o, name, &member)
		       ? json_object_get_string(member)
		       : "";
}
