#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/api/base/seal.h"
#include "tests/unit/unit.h"

START_TEST(a_sealed_text_opens_with_its_key_only)
{
	struct seal a, b;
	struct pool pool = { 0 };

	ck_assert_int_ge(sodium_init(), 0);
	randombytes_buf(a.key, sizeof(a.key));
	randombytes_buf(b.key, sizeof(b.key));
	char *box = seal_close(&a, &pool, "secret");
	ck_assert_ptr_null(strstr(box, "secret"));
	ck_assert_str_eq(seal_open(&a, &pool, box), "secret");
	ck_assert_ptr_null(seal_open(&b, &pool, box));
	ck_assert_str_ne(box, seal_close(&a, &pool, "secret"));
	box[5] ^= 1;
	ck_assert_ptr_null(seal_open(&a, &pool, box));
	ck_assert_ptr_null(seal_open(&a, &pool, "AAAA"));
	ck_assert_str_eq(seal_open(&a, &pool, seal_close(&a, &pool, "")), "");
	pool_fini(&pool);
}
END_TEST

START_TEST(passwords_are_checked_against_their_hash)
{
	char hash[SEAL_PASSWORD];

	ck_assert_int_ge(sodium_init(), 0);
	seal_password("correct horse", hash);
	ck_assert(strncmp(hash, "$argon2id$", 10) == 0);
	ck_assert(seal_password_ok(hash, "correct horse"));
	ck_assert(!seal_password_ok(hash, "Correct horse"));
	ck_assert(!seal_password_ok("", "") && !seal_password_ok(NULL, "x"));
	ck_assert(!seal_password_ok("nonsense", "x"));
}
END_TEST

START_TEST(the_key_file_is_made_once_and_private)
{
	char dir[] = "/tmp/seal-XXXXXX", path[64];
	struct seal a, b;
	struct stat st;

	ck_assert_int_ge(sodium_init(), 0);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	ck_assert_int_eq(seal_load(&a, path, false), -ENOENT);
	ck_assert_int_eq(seal_load(&a, path, true), 0);
	ck_assert_int_eq(seal_load(&b, path, true), 0);
	ck_assert_mem_eq(a.key, b.key, sizeof(a.key));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	int fd = open(path, O_WRONLY | O_TRUNC);
	ck_assert_int_eq(write(fd, "short\n", 6), 6);
	close(fd);
	ck_assert_int_eq(seal_load(&a, path, true), -EINVAL);
	unlink(path);
	rmdir(dir);
}
END_TEST

UNIT_MAIN("seal", a_sealed_text_opens_with_its_key_only,
	  passwords_are_checked_against_their_hash,
	  the_key_file_is_made_once_and_private)
