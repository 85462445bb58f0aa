#include "services/utils/doctor/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { ANSWER_MAX = 4096 }; /* bytes of the HTTP answer that are looked at */

static void problem(struct tls_result *out, const char *fmt, ...) PRINTF(2, 3);

static void problem(struct tls_result *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out->problem, sizeof(out->problem), fmt, args);
	va_end(args);
}

/* OpenSSL reads and writes the descriptor itself: blocking, with a limit. */
static void make_blocking(const struct link *l)
{
	struct timeval limit = {
		.tv_sec = l->timeout_ms / 1000,
		.tv_usec = l->timeout_ms % 1000 * 1000,
	};

	fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) & ~O_NONBLOCK);
	setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(l->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* A certificate is issued for a name or for an address. */
static bool expect_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct in6_addr ip;

	if (inet_pton(AF_INET, name, &ip) == 1 ||
	    inet_pton(AF_INET6, name, &ip) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	return SSL_set_tlsext_host_name(ssl, name) == 1 &&
	       SSL_set1_host(ssl, name) == 1;
}

static bool handshake(SSL *ssl, const struct link *l, const char *name,
		      bool insecure, struct tls_result *out)
{
	if (!expect_name(ssl, name) || SSL_set_fd(ssl, l->fd) != 1) {
		problem(out, "no memory for TLS");
		return false;
	}
	if (SSL_connect(ssl) != 1) {
		unsigned long e = ERR_get_error();
		const char *why = e ? ERR_reason_error_string(e) : NULL;
		problem(out, "the TLS handshake failed (%s)",
			why ? why : "no answer");
		return false;
	}
	long verdict = SSL_get_verify_result(ssl);
	out->untrusted = verdict != X509_V_OK;
	if (out->untrusted && !insecure) {
		problem(out, "the certificate is not trusted (%s)",
			X509_verify_cert_error_string(verdict));
		return false;
	}
	return true;
}

/* When the certificate ends, whether it is trusted or not. */
static void note_expiry(SSL *ssl, struct tls_result *out)
{
	X509 *cert = SSL_get1_peer_certificate(ssl);
	struct tm tm;

	if (cert && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1)
		out->expires_s = (int64_t)timegm(&tm);
	X509_free(cert);
}

/* One way to read and write, with TLS or without. */
struct wire {
	SSL *ssl; /* NULL: without */
	int fd;
};

static int wire_read(const struct wire *w, char *out, int len)
{
	return w->ssl ? SSL_read(w->ssl, out, len)
		      : (int)recv(w->fd, out, (size_t)len, 0);
}

static bool wire_write(const struct wire *w, const char *text, int len)
{
	return (w->ssl ? SSL_write(w->ssl, text, len)
		       : (int)send(w->fd, text, (size_t)len, MSG_NOSIGNAL)) ==
	       len;
}

/* Reads until the end of the HTTP head; true if there was a status line. */
static bool read_head(const struct wire *w, struct tls_result *out)
{
	char answer[ANSWER_MAX + 1] = "";
	struct tm tm = { .tm_year = 0 };
	int len = 0;

	while (len < ANSWER_MAX && !strstr(answer, "\r\n\r\n")) {
		int n = wire_read(w, answer + len, ANSWER_MAX - len);
		if (n <= 0)
			break;
		len += n;
		answer[len] = '\0';
	}
	const char *date = strcasestr(answer, "\r\ndate: ");
	if (date && strptime(date + 8, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		out->date_s = (int64_t)timegm(&tm);
	return sscanf(answer, "HTTP/1.1 %3d", &out->status) == 1;
}

static void ask(const struct wire *w, const char *name, const char *path,
		int want, struct tls_result *out)
{
	static const char upgrade[] =
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const char once[] = "Connection: close\r\n\r\n";
	char request[512];
	int n = snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\nHost: %s\r\n%s", path, name,
			 want == 101 ? upgrade : once);

	if (n < 0 || n >= (int)sizeof(request) || !wire_write(w, request, n) ||
	    !read_head(w, out))
		problem(out, "no HTTP answer");
	else if (out->status != want)
		problem(out, "HTTP status %d instead of %s", out->status,
			want == 101 ? "a WebSocket" : "200");
}

static void by_tls(struct link *l, const char *name, const char *path,
		   bool insecure, int want, struct tls_result *out)
{
	SSL_CTX *cx = SSL_CTX_new(TLS_client_method());
	struct wire w = { .ssl = NULL };

	*out = (struct tls_result){ .status = 0 };
	make_blocking(l);
	if (cx && SSL_CTX_set_default_verify_paths(cx) == 1)
		w.ssl = SSL_new(cx);
	if (!w.ssl) {
		problem(out, "no memory for TLS");
	} else {
		bool good = handshake(w.ssl, l, name, insecure, out);
		note_expiry(w.ssl, out);
		if (good)
			ask(&w, name, path, want, out);
	}
	SSL_free(w.ssl);
	SSL_CTX_free(cx);
}

void tls_upgrade(struct link *l, const char *name, const char *path,
		 bool insecure, struct tls_result *out)
{
	by_tls(l, name, path, insecure, 101, out);
}

void tls_get(struct link *l, const char *name, const char *path, bool insecure,
	     struct tls_result *out)
{
	by_tls(l, name, path, insecure, 200, out);
}

void plain_get(struct link *l, const char *name, const char *path,
	       struct tls_result *out)
{
	struct wire w = { .fd = l->fd };

	*out = (struct tls_result){ .status = 0 };
	make_blocking(l);
	ask(&w, name, path, 200, out);
}
