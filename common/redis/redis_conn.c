#include "common/redis/redis_conn.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct redis_tls {
	SSL_CTX *ctx;
	BIO_METHOD *socket; /* as OpenSSL's own, but without SIGPIPE */
};

static bool again(int error)
{
	return error == EAGAIN || error == EINTR;
}

static int bio_fd(BIO *b)
{
	return (int)(intptr_t)BIO_get_data(b);
}

static int bio_read(BIO *b, char *to, int len)
{
	ssize_t n = recv(bio_fd(b), to, (size_t)len, 0);

	BIO_clear_retry_flags(b);
	if (n < 0 && again(errno))
		BIO_set_retry_read(b);
	return (int)n;
}

static int bio_write(BIO *b, const char *from, int len)
{
	ssize_t n = send(bio_fd(b), from, (size_t)len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(b);
	if (n < 0 && again(errno))
		BIO_set_retry_write(b);
	return (int)n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)b;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

static int load_files(SSL_CTX *ctx, const struct redis_url *u, const char **why)
{
	*why = "cannot load the authorities (ca)";
	if (u->ca[0] && SSL_CTX_load_verify_locations(ctx, u->ca, NULL) != 1)
		return -EINVAL;
	if (!u->ca[0] && SSL_CTX_set_default_verify_paths(ctx) != 1)
		return -EINVAL;
	*why = "cannot load the client certificate (cert, key)";
	if (u->cert[0] &&
	    (SSL_CTX_use_certificate_chain_file(ctx, u->cert) != 1 ||
	     SSL_CTX_use_PrivateKey_file(ctx, u->key, SSL_FILETYPE_PEM) != 1 ||
	     SSL_CTX_check_private_key(ctx) != 1))
		return -EINVAL;
	return 0;
}

int redis_tls_create(const struct redis_url *u, struct redis_tls **out,
		     const char **why)
{
	*out = NULL;
	if (!u->tls)
		return 0;

	*why = "out of memory";
	struct redis_tls *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	int r = -ENOMEM;
	t->ctx = SSL_CTX_new(TLS_client_method());
	t->socket = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "redis");
	if (!t->ctx || !t->socket)
		goto err_destroy;
	BIO_meth_set_read(t->socket, bio_read);
	BIO_meth_set_write(t->socket, bio_write);
	BIO_meth_set_ctrl(t->socket, bio_ctrl);
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	/* The send buffer moves as it grows; what was not taken is offered
	 * again from another address. */
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	r = load_files(t->ctx, u, why);
	if (r < 0)
		goto err_destroy;
	*out = t;
	return 0;

err_destroy:
	redis_tls_destroy(t);
	ERR_clear_error();
	return r;
}

void redis_tls_destroy(struct redis_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->socket);
	free(t);
}

/* An address must be in the certificate as an address, a name as a name. */
static int expect_host(SSL *ssl, const char *host)
{
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1)
		return 0;
	ERR_clear_error();
	/* OpenSSL's macro wants a name that is not const. */
	char name[REDIS_HOST_MAX];
	snprintf(name, sizeof(name), "%s", host);
	if (SSL_set1_host(ssl, name) != 1 ||
	    SSL_set_tlsext_host_name(ssl, name) != 1)
		return -ENOMEM;
	return 0;
}

int redis_conn_init(struct redis_conn *c, int fd, struct redis_tls *t,
		    const char *host)
{
	*c = (struct redis_conn){ .fd = fd };
	if (!t)
		return 0;

	BIO *bio = BIO_new(t->socket);
	if (!bio)
		return -ENOMEM;
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	c->ssl = SSL_new(t->ctx);
	if (!c->ssl) {
		BIO_free(bio);
		return -ENOMEM;
	}
	SSL_set_bio(c->ssl, bio, bio);
	SSL_set_connect_state(c->ssl);
	return expect_host(c->ssl, host);
}

void redis_conn_fini(struct redis_conn *c)
{
	/* A notice to the server; whether it arrives does not matter. */
	if (c->ssl && SSL_is_init_finished(c->ssl))
		(void)SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	ERR_clear_error();
	*c = (struct redis_conn){ .fd = -1 };
}

static int ssl_result(struct redis_conn *c, int result)
{
	int error = errno;

	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		c->wait = POLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		c->wait = POLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return -ECONNRESET;
	case SSL_ERROR_SYSCALL:
		return error ? -error : -ECONNRESET;
	default:
		if (ERR_GET_REASON(ERR_peek_error()) ==
		    SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return -ECONNRESET;
		return -EPROTO;
	}
}

int redis_conn_handshake(struct redis_conn *c, const char **why)
{
	if (!c->ssl)
		return 0;
	ERR_clear_error();
	errno = 0;
	int r = SSL_do_handshake(c->ssl);
	if (r == 1)
		return 0;

	r = ssl_result(c, r);
	long verdict = SSL_get_verify_result(c->ssl);
	const char *text = ERR_reason_error_string(ERR_peek_error());
	if (verdict != X509_V_OK)
		*why = X509_verify_cert_error_string(verdict);
	else
		*why = text ? text : "TLS handshake failed";
	return r;
}

static ssize_t plain_result(struct redis_conn *c, ssize_t n, int wait)
{
	if (n >= 0)
		return n;
	if (!again(errno))
		return -errno;
	c->wait = wait;
	return -EAGAIN;
}

static int int_len(size_t len)
{
	return len > INT_MAX ? INT_MAX : (int)len;
}

ssize_t redis_conn_read(struct redis_conn *c, void *to, size_t len)
{
	if (!c->ssl) {
		ssize_t n = recv(c->fd, to, len, 0);
		return n == 0 ? -ECONNRESET : plain_result(c, n, POLLIN);
	}
	ERR_clear_error();
	errno = 0;
	int n = SSL_read(c->ssl, to, int_len(len));
	return n > 0 ? n : ssl_result(c, n);
}

ssize_t redis_conn_write(struct redis_conn *c, const void *from, size_t len)
{
	if (!c->ssl) {
		ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL);
		return plain_result(c, n, POLLOUT);
	}
	ERR_clear_error();
	errno = 0;
	int n = SSL_write(c->ssl, from, int_len(len));
	return n > 0 ? n : ssl_result(c, n);
}

bool redis_conn_pending(const struct redis_conn *c)
{
	return c->ssl && SSL_has_pending(c->ssl);
}

bool redis_addrs_numeric(struct redis_addrs *a, const struct redis_host *h)
{
	struct addr one;

	if (addr_parse(h->name, h->port, &one) < 0)
		return false;
	one.port = h->port;
	*a = (struct redis_addrs){ .list = { one }, .n = 1 };
	return true;
}

void redis_addrs_resolved(struct redis_addrs *a, const struct addrinfo *ai,
			  uint16_t port)
{
	*a = (struct redis_addrs){ .n = 0 };
	for (; ai && a->n < REDIS_ADDRS_MAX; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		a->list[a->n] = addr_from_sockaddr(ai->ai_addr);
		a->list[a->n++].port = port;
	}
}
