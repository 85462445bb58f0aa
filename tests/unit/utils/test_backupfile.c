/* The format of backups: its cap. */
#include "../unit.h"

#include <errno.h>

#include "services/utils/backup/backupfile.h"

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
	ck_assert(r > 0 || b.data == NULL);
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

UNIT_MAIN("backupfile",
	  a_record_of_the_largest_size_is_kept_and_not_a_byte_more,
	  a_record_that_is_said_to_be_larger_is_damage_and_gets_no_memory)
