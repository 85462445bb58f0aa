/*
 * tls_load: browsers that come, ask for nothing much and go.
 *
 *	tls_load MODE [host= wss= n= proxy=]
 *
 *	new      every handshake is a whole one
 *	resumed  every one after the first resumes the session before it
 *
 * n= connections to the proxy at wss=, one after another; proxy= is its
 * process. Prints one JSON object.
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/gen.h"

/* Asks and reads the answer: a session of TLS 1.3 can be resumed only once
 * its ticket has come, which is before the answer. */
static void ask(SSL *tls)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: bench\r\n"
				  "Connection: close\r\n\r\n";
	char in[1024];

	if (SSL_write(tls, get, sizeof(get) - 1) != sizeof(get) - 1 ||
	    SSL_read(tls, in, sizeof(in)) <= 0)
		die("no answer");
}

/* One connection; true: it resumed *LAST, which is then its own session. */
static bool visit(SSL_CTX *ctx, SSL_SESSION **last)
{
	SSL *tls = SSL_new(ctx);
	int fd = dial((uint16_t)num("wss", 443), 0);

	SSL_set_fd(tls, fd);
	if (last && *last)
		SSL_set_session(tls, *last);
	if (SSL_connect(tls) != 1)
		die("TLS handshake");
	ask(tls);
	bool resumed = SSL_session_reused(tls) != 0;
	if (last) {
		SSL_SESSION_free(*last);
		*last = SSL_get1_session(tls);
	}
	SSL_set_quiet_shutdown(tls, 1);
	SSL_shutdown(tls); /* without it the session counts as broken */
	SSL_free(tls);
	close(fd);
	return resumed;
}

int main(int argc, char **argv)
{
	SSL_SESSION *last = NULL;
	unsigned resumed = 0;

	gen_init("tls_load", argc, argv);
	if (argc < 2 ||
	    (strcmp(argv[1], "new") != 0 && strcmp(argv[1], "resumed") != 0))
		return 2;
	bool resume = strcmp(argv[1], "resumed") == 0;
	unsigned n = (unsigned)num("n", 200);
	const char *proxy = arg("proxy", "");
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		die("TLS");

	visit(ctx, resume ? &last : NULL);
	double cpu = cpu_of(proxy);
	for (unsigned i = 0; i < n; i++)
		resumed += visit(ctx, resume ? &last : NULL);
	cpu = cpu_of(proxy) - cpu;
	printf("{\"us\": %.2f, \"resumed\": %u}\n", cpu * 1e6 / n, resumed);
	SSL_SESSION_free(last);
	SSL_CTX_free(ctx);
	return 0;
}
