#include "common/net/ws.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tests/unit/common/ws_site.h"

static char cert_path[] = "/tmp/ws-cert-XXXXXX";
static char key_path[] = "/tmp/ws-key-XXXXXX";

static FILE *temporary(char *path)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	return fdopen(fd, "w");
}

/* A self-signed certificate that is valid for an hour. */
static void make_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	FILE *f;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)"example.org", -1, -1,
				   0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	f = temporary(cert_path);
	PEM_write_X509(f, x);
	fclose(f);
	f = temporary(key_path);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void remove_certificate(void)
{
	unlink(cert_path);
	unlink(key_path);
}

struct tls {
	SSL_CTX *cx;
	SSL *ssl;
	char data[200000];
	size_t len;
};

static bool shaken(struct tls *t)
{
	return SSL_connect(t->ssl) == 1;
}

/* Reads what is here; true once there are at least WANT bytes. */
static bool has(struct tls *t, size_t want)
{
	int n;

	while ((n = SSL_read(t->ssl, t->data + t->len,
			     (int)(sizeof t->data - t->len))) > 0)
		t->len += (size_t)n;
	return t->len >= want;
}

static void tls_write(struct tls *t, const void *data, size_t len)
{
	ck_assert_int_eq(SSL_write(t->ssl, data, (int)len), (int)len);
}

static void tls_join(struct site *s, struct tls *t, struct wsc *c)
{
	static const char request[] =
		"GET /ws/id HTTP/1.1\r\nHost: example.org\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n";

	*c = site_dial(s);
	live_nonblock(c->fd);
	t->len = 0;
	t->cx = SSL_CTX_new(TLS_client_method());
	t->ssl = SSL_new(t->cx);
	SSL_set_fd(t->ssl, c->fd);
	live_until(&s->l, shaken(t));
	tls_write(t, request, sizeof request - 1);
	live_until(&s->l, has(t, 4) && memmem(t->data, t->len, "\r\n\r\n", 4));
	ck_assert_mem_eq(t->data, "HTTP/1.1 101", 12);
	t->len = 0;
}

static void tls_leave(struct tls *t, struct wsc *c)
{
	SSL_free(t->ssl);
	SSL_CTX_free(t->cx);
	wsc_close(c);
}

START_TEST(tls_and_plain_share_one_port)
{
	static struct tls t;
	struct site s = { 0 };
	struct wsc secure;
	uint8_t frame[64];

	make_certificate();
	site_start(&s, cert_path, key_path, 10000);
	s.echo = true;
	tls_join(&s, &t, &secure);
	tls_write(&t, frame, wsc_build(frame, WSC_BINARY, true, "hello", 5));
	live_until(&s.l, has(&t, 7));
	ck_assert_mem_eq(t.data, "\x82\x05hello", 7);
	ck_assert(s.seen[0].binary);
	tls_leave(&t, &secure);
	live_until(&s.l, s.closed == 1);

	struct wsc plain = site_join(&s, "/ws/id", "");
	wsc_send(&plain, WSC_BINARY, true, "hello", 5);
	live_until(&s.l, wsc_frame(&plain));
	ck_assert_mem_eq(plain.body, "hello", 5);
	wsc_close(&plain);
	site_close(&s);
	remove_certificate();
}
END_TEST

START_TEST(a_large_message_passes_through_tls_whole)
{
	static struct tls t;
	struct site s = { 0 };
	struct wsc c;
	uint8_t *data = malloc(100000), *frame = malloc(100014);

	for (size_t i = 0; i < 100000; i++)
		data[i] = (uint8_t)(i % 251);
	make_certificate();
	site_start(&s, cert_path, key_path, 10000);
	s.echo = true;
	tls_join(&s, &t, &c);
	tls_write(&t, frame, wsc_build(frame, WSC_BINARY, true, data, 100000));
	live_until(&s.l, has(&t, 100000 + 8)); /* two fragments */
	ck_assert_uint_eq(s.seen[0].len, 100000);
	ck_assert_int_eq(memcmp(s.seen[0].data, data, 100000), 0);
	ck_assert_int_eq(memcmp(t.data + 4, data, 65532), 0);
	ck_assert_int_eq(memcmp(t.data + 65540, data + 65532, 34468), 0);
	free(data);
	free(frame);
	tls_leave(&t, &c);
	site_close(&s);
	remove_certificate();
}
END_TEST

START_TEST(a_silent_or_broken_handshake_is_cut_at_the_deadline)
{
	struct site s = { 0 };

	make_certificate();
	site_start(&s, cert_path, key_path, 1000);
	struct wsc silent = site_dial(&s), half = site_dial(&s),
		   broken = site_dial(&s);
	live_write(half.fd, "\x16\x03\x01\x02\x00\x01", 6);
	live_write(broken.fd, "\x16\x03\x01\x00\x05gabel", 10);
	live_until(&s.l, (wsc_read(&broken), broken.ended));
	live_until(&s.l, (wsc_read(&half), half.ended));
	live_until(&s.l, (wsc_read(&silent), silent.ended));
	ck_assert_int_eq(s.opened, 0);
	wsc_close(&silent);
	wsc_close(&half);
	wsc_close(&broken);
	site_close(&s);
	remove_certificate();
}
END_TEST

START_TEST(a_certificate_that_cannot_be_read_is_an_error)
{
	struct live l;
	struct ws_context *cx;
	struct trusted nobody = { 0 };
	struct ws_opts o = {
		.name = "test",
		.max_message = 1000,
		.max_queue = 1000,
		.handshake_ms = 1000,
		.trusted = &nobody,
		.cert_file = "/nonexistent/cert.pem",
		.key_file = "/nonexistent/key.pem",
	};

	live_start(&l);
	ck_assert_int_eq(ws_context_open(&l.loop, &o, &site_events, NULL, &cx),
			 -EINVAL);
	live_end(&l);
}
END_TEST

/* Sends DATA as a TLS record, but for its last byte, which it returns. */
static uint8_t tls_write_most(struct tls *t, int fd, const void *data,
			      size_t len)
{
	static uint8_t record[20000];
	BIO *mem = BIO_new(BIO_s_mem());

	SSL_set0_wbio(t->ssl, mem);
	tls_write(t, data, len);
	int n = BIO_read(mem, record, sizeof record);
	ck_assert_int_gt(n, (int)len);
	live_write(fd, record, (size_t)n - 1);
	return record[n - 1];
}

START_TEST(what_tls_holds_of_a_record_or_for_a_slow_reader_counts)
{
	enum { RECORD = 16384, LARGE = 300000 };
	static uint8_t frame[RECORD], large[LARGE];
	static struct tls t;
	struct site s = { 0 };
	struct wsc c;

	make_certificate();
	site_start(&s, cert_path, key_path, 10000);
	tls_join(&s, &t, &c);
	live_until(&s.l, ws_memory(s.ws) < RECORD);
	size_t n = wsc_build(frame, WSC_BINARY, true, (char *)large, 10000);
	uint8_t last = tls_write_most(&t, c.fd, frame, n);
	live_until(&s.l, ws_memory(s.ws) >= RECORD);
	ck_assert_int_eq(s.messages, 0);
	live_write(c.fd, &last, 1);
	live_until(&s.l, s.messages == 1);
	live_until(&s.l, ws_memory(s.ws) < RECORD);
	/* Until nothing more goes into the socket. */
	for (size_t queued = 0; queued == 0; queued = ws_queued(s.ws)) {
		ck_assert_int_eq(ws_send(s.ws, large, LARGE), 0);
		live_turn(&s.l, 4);
	}
	ck_assert_uint_ge(ws_memory(s.ws), ws_queued(s.ws) + RECORD);
	tls_leave(&t, &c);
	live_until(&s.l, s.closed == 1);
	site_close(&s);
	remove_certificate();
}
END_TEST

LIVE_MAIN("ws_tls", tls_and_plain_share_one_port,
	  what_tls_holds_of_a_record_or_for_a_slow_reader_counts,
	  a_large_message_passes_through_tls_whole,
	  a_silent_or_broken_handshake_is_cut_at_the_deadline,
	  a_certificate_that_cannot_be_read_is_an_error)
