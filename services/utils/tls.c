#include "services/utils/tls.h"

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

/* Reads until the end of the HTTP head; true if there was a status line. */
static bool read_status(SSL *ssl, struct tls_result *out)
{
	char answer[ANSWER_MAX + 1] = "";
	int len = 0;

	while (len < ANSWER_MAX && !strstr(answer, "\r\n")) {
		int n = SSL_read(ssl, answer + len, ANSWER_MAX - len);
		if (n <= 0)
			break;
		len += n;
		answer[len] = '\0';
	}
	return sscanf(answer, "HTTP/1.1 %3d", &out->status) == 1;
}

static void ask(SSL *ssl, const char *name, const char *path,
		struct tls_result *out)
{
	char request[512];
	int n = snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\n"
			 "Host: %s\r\n"
			 "Upgrade: websocket\r\n"
			 "Connection: Upgrade\r\n"
			 "Sec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
			 path, name);

	if (n < 0 || n >= (int)sizeof(request) ||
	    SSL_write(ssl, request, n) != n || !read_status(ssl, out))
		problem(out, "no HTTP answer");
	else if (out->status != 101)
		problem(out, "HTTP status %d instead of a WebSocket",
			out->status);
}

void tls_upgrade(struct link *l, const char *name, const char *path,
		 bool insecure, struct tls_result *out)
{
	SSL_CTX *cx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	*out = (struct tls_result){ .status = 0 };
	make_blocking(l);
	if (cx && SSL_CTX_set_default_verify_paths(cx) == 1)
		ssl = SSL_new(cx);
	if (!ssl)
		problem(out, "no memory for TLS");
	else if (handshake(ssl, l, name, insecure, out))
		ask(ssl, name, path, out);
	SSL_free(ssl);
	SSL_CTX_free(cx);
}
