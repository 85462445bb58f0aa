#include "services/api/base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/api/base/text.h"

enum {
	PW_OPS = 2,
	PW_MEM = 19 << 20,
	SEALED_MAX = 64 * 1024, /* the longest secret: a PEM bundle */
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

static int create_key(const char *path)
{
	uint8_t key[SEAL_KEY];
	char text[64], tmp[512];

	if (strlen(path) + 8 > sizeof(tmp))
		return -ENAMETOOLONG;
	strcpy(tmp, path);
	strcat(tmp, ".XXXXXX");
	randombytes_buf(key, sizeof(key));
	text_base64(key, sizeof(key), text, sizeof(text));
	int fd = mkstemp(tmp);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, text, strlen(text));
	int r = n == (ssize_t)strlen(text) && fsync(fd) == 0 ? 0 : -EIO;
	close(fd);
	/* link() fails if another process was first: then its key counts. */
	if (r == 0 && link(tmp, path) < 0 && errno != EEXIST)
		r = -errno;
	unlink(tmp);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	return r;
}

static int read_key(struct seal *s, const char *path)
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	while (n > 0 && (unsigned char)text[n - 1] <= ' ')
		n--;
	text[n] = 0;
	int len = text_unbase64(text, s->key, sizeof(s->key));
	sodium_memzero(text, sizeof(text));
	return len == SEAL_KEY ? 0 : -EINVAL;
}

int seal_load(struct seal *s, const char *path, bool create)
{
	int r = read_key(s, path);

	if (r != -ENOENT || !create)
		return r;
	r = create_key(path);
	return r ? r : read_key(s, path);
}

void seal_password(const char *password, char out[static SEAL_PASSWORD])
{
	int r = crypto_pwhash_str(out, password, strlen(password), PW_OPS,
				  PW_MEM);

	if (r != 0)
		abort(); /* no memory: see pool.h */
}

bool seal_password_ok(const char *stored, const char *password)
{
	char fixed[SEAL_PASSWORD] = { 0 };

	if (!stored || strlen(stored) >= sizeof(fixed) || !*stored)
		return false;
	memcpy(fixed, stored, strlen(stored));
	return crypto_pwhash_str_verify(fixed, password, strlen(password)) == 0;
}

void seal_password_waste(const char *password)
{
	/* Also called where many wait for a directory: bounds the memory. */
	static pthread_mutex_t wasting = PTHREAD_MUTEX_INITIALIZER;
	char out[SEAL_PASSWORD];

	pthread_mutex_lock(&wasting);
	seal_password(password, out);
	pthread_mutex_unlock(&wasting);
}

void seal_token(char out[static SEAL_TOKEN])
{
	uint8_t raw[32];

	randombytes_buf(raw, sizeof(raw));
	text_base64url(raw, sizeof(raw), out, SEAL_TOKEN);
	sodium_memzero(raw, sizeof(raw));
}

void seal_hash(const char *text, char out[static SEAL_HASH])
{
	uint8_t h[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(h, (const uint8_t *)text, strlen(text));
	text_hex(h, sizeof(h), out);
}

void seal_digits(unsigned n, char *out)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (char)('0' + randombytes_uniform(10));
	out[n] = 0;
}

char *seal_close(const struct seal *s, struct pool *p, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return pool_strdup(p, "");
	uint8_t *box = pool_alloc(p, NONCE + len + TAG);
	randombytes_buf(box, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL,
						   (const uint8_t *)text, len,
						   NULL, 0, NULL, box, s->key);
	size_t total = NONCE + len + TAG;
	char *out = pool_alloc(p, total * 4 / 3 + 8);
	text_base64(box, total, out, total * 4 / 3 + 8);
	return out;
}

char *seal_open(const struct seal *s, struct pool *p, const char *sealed)
{
	size_t size = strlen(sealed);

	if (size == 0)
		return pool_strdup(p, "");
	if (size > SEALED_MAX)
		return NULL;
	uint8_t *box = pool_alloc(p, size);
	int len = text_unbase64(sealed, box, size);
	if (len < NONCE + TAG)
		return NULL;
	char *out = pool_alloc(p, (size_t)len);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    (uint8_t *)out, NULL, NULL, box + NONCE,
		    (size_t)len - NONCE, NULL, 0, box, s->key) != 0)
		return NULL;
	return out;
}

void seal_hmac(const struct seal *s, const char *text,
	       char out[static SEAL_HASH])
{
	uint8_t h[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256(h, (const uint8_t *)text, strlen(text), s->key);
	text_hex(h, sizeof(h), out);
}
