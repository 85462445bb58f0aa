#include "services/utils/doctor/web.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 512 };

struct head {
	struct web_answer *out;
	bool alone; /* nobody wants the body */
	bool whole;
};

/* The empty line ends it, and with it the transfer if it came ALONE. */
static size_t on_line(char *line, size_t one, size_t len, void *ctx)
{
	static const char date[] = "date: ";
	struct head *h = ctx;
	char text[64];

	(void)one;
	if (len > sizeof(date) && len < sizeof(text) &&
	    strncasecmp(line, date, sizeof(date) - 1) == 0) {
		snprintf(text, sizeof(text), "%.*s", (int)len, line);
		time_t at = curl_getdate(text + sizeof(date) - 1, NULL);
		h->out->date_s = at < 0 ? 0 : (int64_t)at;
	}
	h->whole = len == 2 && memcmp(line, "\r\n", 2) == 0;
	return h->whole && h->alone ? 0 : len;
}

static size_t on_body(char *data, size_t one, size_t len, void *ctx)
{
	(void)one;
	return buf_append(ctx, data, len) == 0 ? len : 0;
}

static struct curl_slist *upgrade_headers(void)
{
	static const char *const lines[] = {
		"Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
	};
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct curl_slist *longer = curl_slist_append(list, lines[i]);
		if (longer)
			list = longer;
	}
	return list;
}

static void note_expiry(CURL *h, struct web_answer *out)
{
	static const char label[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(h, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    !info || info->num_of_certs < 1)
		return;
	for (struct curl_slist *i = info->certinfo[0]; i; i = i->next)
		if (strncmp(i->data, label, sizeof(label) - 1) == 0)
			out->expires_s = (int64_t)curl_getdate(
				i->data + sizeof(label) - 1, NULL);
}

static void prepare(CURL *h, const struct web_ask *ask, const char *url,
		    char *why)
{
	const char *ca = getenv("SSL_CERT_FILE"); /* as OpenSSL has it */

	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROXY, ""); /* clients take none */
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)ask->timeout_ms);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_line);
	if (ask->body) {
		curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(h, CURLOPT_WRITEDATA, ask->body);
	}
	if (ask->token) {
		curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(h, CURLOPT_XOAUTH2_BEARER, ask->token);
	}
	if (ca && *ca)
		curl_easy_setopt(h, CURLOPT_CAINFO, ca);
}

/* The first time with a look at the certificate. */
static CURLcode perform(CURL *h, const struct web_ask *ask, struct head *head)
{
	CURLcode rc = curl_easy_perform(h);

	head->out->untrusted = rc == CURLE_PEER_FAILED_VERIFICATION;
	if (!head->out->untrusted || !ask->insecure)
		return rc;
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
	return curl_easy_perform(h);
}

/* libcurl's code to ours: 0, or -errno for "no connection". */
static int judge(CURL *h, CURLcode rc, const struct web_ask *ask,
		 const struct head *head, const char *why)
{
	struct web_answer *out = head->out;
	double connected = 0;
	long error = 0, want = ask->upgrade ? 101 : 200;

	curl_easy_getinfo(h, CURLINFO_CONNECT_TIME, &connected);
	curl_easy_getinfo(h, CURLINFO_OS_ERRNO, &error);
	if (rc == CURLE_COULDNT_RESOLVE_HOST)
		return -EHOSTUNREACH;
	if (rc == CURLE_COULDNT_CONNECT)
		return error ? -(int)error : -ECONNREFUSED;
	if (rc == CURLE_OPERATION_TIMEDOUT && connected <= 0)
		return -ETIMEDOUT;
	if (head->whole && out->status != want)
		snprintf(out->problem, sizeof(out->problem),
			 "HTTP status %ld instead of %s", out->status,
			 ask->upgrade ? "a WebSocket" : "200");
	else if (rc == CURLE_PEER_FAILED_VERIFICATION)
		snprintf(out->problem, sizeof(out->problem),
			 "the certificate is not trusted (%.100s)", why);
	else if (rc == CURLE_SSL_CONNECT_ERROR)
		snprintf(out->problem, sizeof(out->problem),
			 "the TLS handshake failed (%.100s)", why);
	else if (!head->whole || (ask->body && rc != CURLE_OK))
		snprintf(out->problem, sizeof(out->problem), "no HTTP answer");
	return 0;
}

int web_get(const struct web_ask *ask, struct web_answer *out)
{
	char url[URL_MAX], why[CURL_ERROR_SIZE] = "";
	struct head head = { .out = out, .alone = !ask->body };
	CURL *h = curl_easy_init();

	*out = (struct web_answer){ .status = 0 };
	if (!h)
		return -ENOMEM;
	struct curl_slist *headers = ask->upgrade ? upgrade_headers() : NULL;
	bool bare = strchr(ask->host, ':') && *ask->host != '[';
	snprintf(url, sizeof(url), "%s://%s%s%s:%u%s",
		 ask->plain ? "http" : "https", bare ? "[" : "", ask->host,
		 bare ? "]" : "", ask->port, ask->path);
	prepare(h, ask, url, why);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, &head);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	CURLcode rc = perform(h, ask, &head);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &out->status);
	note_expiry(h, out);
	int r = judge(h, rc, ask, &head, why);
	curl_easy_cleanup(h);
	curl_slist_free_all(headers);
	return r;
}
