/* The format of backups: its cap. */
#include "../unit.h"

#include <errno.h>

#include "services/utils/backup/backupfile.h"

/* argon2id is pretended: at its cap it takes a gigabyte. */
static unsigned long long asked_ops;
static size_t asked_mem;

int __wrap_crypto_pwhash(unsigned char *out, unsigned long long outlen,
			 const char *passwd, unsigned long long passwdlen,
			 const unsigned char *salt, unsigned long long opslimit,
			 size_t memlimit, int alg);

int __wrap_crypto_pwhash(unsigned char *out, unsigned long long outlen,
			 const char *passwd, unsigned long long passwdlen,
			 const unsigned char *salt, unsigned long long opslimit,
			 size_t memlimit, int alg)
{
	(void)passwd;
	(void)passwdlen;
	(void)salt;
	(void)alg;
	memset(out, 1, outlen);
	asked_ops = opslimit;
	asked_mem = memlimit;
	return 0;
}

/* A record of the largest size; too large for the stack. */
static uint8_t large[BACKUP_RECORD_MAX + 1];

START_TEST(a_record_of_the_largest_size_is_kept_and_not_a_byte_more)
{
	struct backup_file b;
	const uint8_t *got;
	size_t len;
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	large[0] = 1;
	large[BACKUP_RECORD_MAX - 1] = 2;
	ck_assert_int_eq(backup_create(&b, f, 1, "p"), 0);
	ck_assert_int_eq(backup_write(&b, large, BACKUP_RECORD_MAX + 1),
			 -EMSGSIZE);
	ck_assert_int_eq(backup_write(&b, large, BACKUP_RECORD_MAX), 0);
	ck_assert_int_eq(backup_end(&b), 0);
	backup_close(&b);

	rewind(f);
	ck_assert_int_eq(backup_open(&b, f, "p"), 0);
	ck_assert_int_eq(backup_read(&b, &got, &len), 1);
	ck_assert_uint_eq(len, BACKUP_RECORD_MAX);
	ck_assert(memcmp(got, large, len) == 0);
	ck_assert_int_eq(backup_read(&b, &got, &len), 0);
	backup_close(&b);
	fclose(f);
}
END_TEST

/* What a file of a record of one byte says of its length is replaced by LEN,
 * and so many bytes follow. */
static int read_claim(const char *passphrase, uint32_t len)
{
	struct backup_file b;
	const uint8_t *got;
	size_t n;
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(backup_create(&b, f, 1, passphrase), 0);
	long frame = ftell(f);
	ck_assert_int_eq(backup_write(&b, "x", 1), 0);
	backup_close(&b);
	ck_assert_int_eq(fseek(f, frame + 1, SEEK_SET), 0);
	for (int i = 0; i < 4; i++)
		fputc((int)(len >> 8 * i & 255), f);
	ck_assert_int_eq(fseek(f, frame + 5 + (long)len - 1, SEEK_SET), 0);
	fputc(0, f);
	rewind(f);
	ck_assert_int_eq(backup_open(&b, f, passphrase), 0);
	int r = backup_read(&b, &got, &n);
	ck_assert(r > 0 || !b.data);
	backup_close(&b);
	fclose(f);
	return r;
}

START_TEST(a_record_that_is_said_to_be_larger_is_damage_and_gets_no_memory)
{
	enum { SEAL = crypto_secretstream_xchacha20poly1305_ABYTES };

	ck_assert_int_eq(read_claim(NULL, BACKUP_RECORD_MAX), 1);
	ck_assert_int_eq(read_claim(NULL, BACKUP_RECORD_MAX + 1), -EBADMSG);
	ck_assert_int_eq(read_claim(NULL, UINT32_MAX), -EBADMSG);
	ck_assert_int_eq(read_claim("p", BACKUP_RECORD_MAX + SEAL + 1),
			 -EBADMSG);
}
END_TEST

static void put_le64(uint8_t *out, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

/* Opens a file whose head wants so many passes and so much memory. */
static int open_with(uint64_t ops, uint64_t mem)
{
	enum { OPS_AT = 32 + 16 };
	uint8_t wanted[16];
	struct backup_file b;
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(backup_create(&b, f, 1, "p"), 0);
	ck_assert_int_eq(backup_end(&b), 0);
	backup_close(&b);
	put_le64(wanted, ops);
	put_le64(wanted + 8, mem);
	ck_assert_int_eq(fseek(f, OPS_AT, SEEK_SET), 0);
	ck_assert_uint_eq(fwrite(wanted, 1, sizeof wanted, f), sizeof wanted);
	rewind(f);
	asked_ops = asked_mem = 0;
	int r = backup_open(&b, f, "p");
	backup_close(&b);
	fclose(f);
	return r;
}

START_TEST(a_file_is_tried_up_to_the_caps_of_argon2id_and_not_beyond)
{
	/* ARCHITECTURE.md, section 10 */
	const uint64_t ops = 16, mem = 1 << 30;

	ck_assert_int_eq(open_with(ops, mem), 0);
	ck_assert_uint_eq(asked_ops, ops);
	ck_assert_uint_eq(asked_mem, mem);
	ck_assert_int_eq(open_with(ops + 1, mem), -EBADMSG);
	ck_assert_int_eq(open_with(ops, mem + 1), -EBADMSG);
	ck_assert_int_eq(open_with(UINT64_MAX, UINT64_MAX), -EBADMSG);
	ck_assert_uint_eq(asked_mem, 0);
}
END_TEST

UNIT_MAIN("backupfile",
	  a_file_is_tried_up_to_the_caps_of_argon2id_and_not_beyond,

	  a_record_of_the_largest_size_is_kept_and_not_a_byte_more,
	  a_record_that_is_said_to_be_larger_is_damage_and_gets_no_memory)
