#include "services/utils/backup/backupfile.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAGIC = 8,
	HEAD = 32,
	SEALED_HEAD = 32 + 24,
	FRAME_HEAD = 5,
	FLAG_ENCRYPTED = 1,
	ADDED = crypto_secretstream_xchacha20poly1305_ABYTES,
	KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	OPS_MAX = 16,
	MEM_MAX = 1 << 30, /* a file must not demand any amount of memory */
};
static const char magic[MAGIC + 1] = "RDSBACK1";

static void put_le(uint8_t *out, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get_le(const uint8_t *in, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)in[i] << 8 * i;
	return v;
}

static int put(struct backup_file *b, const void *data, size_t len)
{
	crypto_generichash_update(&b->hash, data, len);
	errno = 0;
	if (fwrite(data, 1, len, b->f) == len)
		return 0;
	return errno ? -errno : -EIO;
}

static int get(struct backup_file *b, void *data, size_t len)
{
	if (fread(data, 1, len, b->f) != len)
		return ferror(b->f) ? -EIO : -EBADMSG;
	crypto_generichash_update(&b->hash, data, len);
	return 0;
}

static int grow(uint8_t **data, size_t *size, size_t want)
{
	if (want <= *size)
		return 0;
	uint8_t *p = realloc(*data, want);
	if (!p)
		return -ENOMEM;
	*data = p;
	*size = want;
	return 0;
}

/* The key of the stream: of the passphrase, and of this head alone. */
static int make_key(uint8_t key[static KEY], const char *passphrase,
		    const uint8_t head[static HEAD],
		    const uint8_t sealed[static 32])
{
	assert(passphrase);
	uint8_t slow[KEY];
	uint64_t ops = get_le(sealed + 16, 8), mem = get_le(sealed + 24, 8);
	crypto_generichash_state s;

	if (ops < crypto_pwhash_OPSLIMIT_MIN || ops > OPS_MAX ||
	    mem < crypto_pwhash_MEMLIMIT_MIN || mem > MEM_MAX)
		return -EBADMSG;
	if (crypto_pwhash(slow, sizeof(slow), passphrase, strlen(passphrase),
			  sealed, ops, (size_t)mem,
			  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return -ENOMEM;
	crypto_generichash_init(&s, slow, sizeof(slow), KEY);
	crypto_generichash_update(&s, head, HEAD);
	crypto_generichash_update(&s, sealed, 32);
	crypto_generichash_final(&s, key, KEY);
	sodium_memzero(slow, sizeof(slow));
	return 0;
}

static int seal_head(struct backup_file *b, const uint8_t head[static HEAD],
		     const char *passphrase)
{
	uint8_t sealed[SEALED_HEAD], key[KEY];

	randombytes_buf(sealed, crypto_pwhash_SALTBYTES);
	put_le(sealed + 16, crypto_pwhash_OPSLIMIT_MODERATE, 8);
	put_le(sealed + 24, crypto_pwhash_MEMLIMIT_INTERACTIVE, 8);
	int r = make_key(key, passphrase, head, sealed);
	if (r == 0)
		crypto_secretstream_xchacha20poly1305_init_push(
			&b->stream, sealed + 32, key);
	sodium_memzero(key, sizeof(key));
	return r < 0 ? r : put(b, sealed, sizeof(sealed));
}

int backup_create(struct backup_file *b, FILE *f, int64_t created_s,
		  const char *passphrase)
{
	uint8_t head[HEAD] = { 0 };

	*b = (struct backup_file){ .f = f };
	b->head.created_s = created_s;
	b->head.encrypted = passphrase && *passphrase;
	crypto_generichash_init(&b->hash, NULL, 0, BACKUP_HASH);
	memcpy(head, magic, MAGIC);
	head[MAGIC] = b->head.encrypted ? FLAG_ENCRYPTED : 0;
	strncpy((char *)head + MAGIC + 1, VERSION, BACKUP_VERSION_MAX - 1);
	put_le(head + 24, (uint64_t)created_s, 8);
	int r = put(b, head, sizeof(head));
	if (r == 0 && b->head.encrypted)
		r = seal_head(b, head, passphrase);
	return r;
}

static int write_frame(struct backup_file *b, char kind, const void *payload,
		       size_t len)
{
	uint8_t head[FRAME_HEAD] = { (uint8_t)kind };
	size_t total = b->head.encrypted ? len + ADDED : len;

	put_le(head + 1, total, 4);
	int r = put(b, head, sizeof(head));
	if (r < 0 || !b->head.encrypted)
		return r < 0 ? r : put(b, payload, len);
	r = grow(&b->data, &b->size, total);
	if (r < 0)
		return r;
	crypto_secretstream_xchacha20poly1305_push(
		&b->stream, b->data, NULL, payload, len, head, sizeof(head),
		kind == 'E' ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			    : 0);
	return put(b, b->data, total);
}

int backup_write(struct backup_file *b, const void *record, size_t len)
{
	if (len > BACKUP_RECORD_MAX)
		return -EMSGSIZE;
	b->records++;
	return write_frame(b, 'R', record, len);
}

int backup_end(struct backup_file *b)
{
	uint8_t count[8], hash[BACKUP_HASH];

	put_le(count, b->records, 8);
	int r = write_frame(b, 'E', count, sizeof(count));
	if (r < 0)
		return r;
	crypto_generichash_final(&b->hash, hash, sizeof(hash));
	errno = 0;
	if (fwrite(hash, 1, sizeof(hash), b->f) != sizeof(hash))
		return errno ? -errno : -EIO;
	return 0;
}

int backup_open(struct backup_file *b, FILE *f, const char *passphrase)
{
	uint8_t head[HEAD], sealed[SEALED_HEAD], key[KEY];

	*b = (struct backup_file){ .f = f };
	crypto_generichash_init(&b->hash, NULL, 0, BACKUP_HASH);
	int r = get(b, head, sizeof(head));
	if (r == -EIO)
		return r;
	if (r < 0 || memcmp(head, magic, MAGIC) != 0 ||
	    head[MAGIC] > FLAG_ENCRYPTED)
		return -EPROTO;
	b->head.encrypted = head[MAGIC] == FLAG_ENCRYPTED;
	memcpy(b->head.version, head + MAGIC + 1, BACKUP_VERSION_MAX - 1);
	b->head.created_s = (int64_t)get_le(head + 24, 8);
	if (!b->head.encrypted)
		return 0;
	r = get(b, sealed, sizeof(sealed));
	if (r < 0)
		return r;
	if (!passphrase || !*passphrase)
		return -ENOKEY;
	r = make_key(key, passphrase, head, sealed);
	if (r == 0 && crypto_secretstream_xchacha20poly1305_init_pull(
			      &b->stream, sealed + 32, key) != 0)
		r = -EBADMSG;
	sodium_memzero(key, sizeof(key));
	return r;
}

/* Opens the payload in b->data; *RECORD and *LEN become the plain one. */
static int unseal(struct backup_file *b, const uint8_t head[static FRAME_HEAD],
		  const uint8_t **record, size_t *len)
{
	unsigned char tag;

	if (*len < ADDED)
		return -EBADMSG;
	int r = grow(&b->plain, &b->plain_size, *len - ADDED + 1);
	if (r < 0)
		return r;
	if (crypto_secretstream_xchacha20poly1305_pull(
		    &b->stream, b->plain, NULL, &tag, b->data, *len, head,
		    FRAME_HEAD) != 0)
		return b->records == 0 ? -EACCES : -EBADMSG;
	if ((tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) !=
	    (head[0] == 'E'))
		return -EBADMSG;
	*record = b->plain;
	*len -= ADDED;
	return 0;
}

/* What follows the end: the hash, and nothing more. */
static int check_hash(struct backup_file *b)
{
	uint8_t want[BACKUP_HASH], hash[BACKUP_HASH];

	crypto_generichash_final(&b->hash, hash, sizeof(hash));
	if (fread(want, 1, sizeof(want), b->f) != sizeof(want))
		return ferror(b->f) ? -EIO : -EBADMSG;
	if (memcmp(want, hash, sizeof(hash)) != 0 || fgetc(b->f) != EOF)
		return -EBADMSG;
	return 0;
}

int backup_read(struct backup_file *b, const uint8_t **record, size_t *len)
{
	uint8_t head[FRAME_HEAD];
	int r = get(b, head, sizeof(head));

	if (r < 0)
		return r;
	*len = (size_t)get_le(head + 1, 4);
	size_t most = BACKUP_RECORD_MAX + (b->head.encrypted ? ADDED : 0);
	if ((head[0] != 'R' && head[0] != 'E') || *len > most)
		return -EBADMSG;
	r = grow(&b->data, &b->size, *len + 1);
	if (r == 0)
		r = get(b, b->data, *len);
	if (r < 0)
		return r;
	*record = b->data;
	if (b->head.encrypted)
		r = unseal(b, head, record, len);
	if (r < 0)
		return r;
	if (head[0] == 'R') {
		b->records++;
		return 1;
	}
	if (*len != 8 || get_le(*record, 8) != b->records)
		return -EBADMSG;
	return check_hash(b);
}

void backup_close(struct backup_file *b)
{
	if (b->plain)
		sodium_memzero(b->plain, b->plain_size);
	free(b->plain);
	free(b->data);
	sodium_memzero(b, sizeof(*b));
}
