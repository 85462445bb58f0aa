#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/proto/keys.h"
#include "common/proto/wire.h"
#include "tests/unit/unit.h"

/* Spec 5.1: seed 000102...1f. */
#define SECRET                                                                 \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8D"                         \
	"oQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA=="
#define PUBLIC "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

static struct keys server(void)
{
	struct keys k;

	ck_assert_int_eq(keys_setup(), 0);
	ck_assert_int_eq(keys_from_secret_text(&k, SECRET), 0);
	return k;
}

START_TEST(the_vector_of_the_specification_is_read)
{
	struct keys k = server();
	char text[KEYS_SK_TEXT];

	ck_assert_str_eq(k.pk_text, PUBLIC);
	ck_assert(k.can_sign);
	keys_secret_text(&k, text);
	ck_assert_str_eq(text, SECRET);
	ck_assert_int_eq(keys_from_secret_text(&k, " \t" SECRET "\r\n"), 0);
	ck_assert_str_eq(k.pk_text, PUBLIC);

	ck_assert_int_eq(keys_from_public_text(&k, PUBLIC "\n"), 0);
	ck_assert_str_eq(k.pk_text, PUBLIC);
	ck_assert(!k.can_sign);
	keys_wipe(&k);
	ck_assert_str_eq(k.pk_text, "");
}
END_TEST

START_TEST(texts_that_are_no_keys_are_refused)
{
	static const char *const rows[] = {
		"",
		" ",
		"xyz",
		"-",
		PUBLIC,
		PUBLIC PUBLIC,
		SECRET "A",
		"A" SECRET,
		SECRET " x",
		/* the public half is not that of the seed */
		("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8D"
		 "oQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuQ=="),
	};
	struct keys k = server();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(keys_from_secret_text(&k, rows[i]) == -EINVAL,
			      "%s", rows[i]);
	ck_assert_int_eq(keys_from_public_text(&k, SECRET), -EINVAL);
	ck_assert_int_eq(keys_from_public_text(&k, ""), -EINVAL);
	ck_assert_str_eq(k.pk_text, PUBLIC);
}
END_TEST

START_TEST(generated_keys_fit_into_file_names_and_sign)
{
	ck_assert_int_eq(keys_setup(), 0);
	for (int i = 0; i < 200; i++) {
		struct keys k;
		uint8_t out[KEYS_SIG + 3];
		char secret[KEYS_SK_TEXT];

		keys_generate(&k);
		ck_assert_ptr_null(strpbrk(k.pk_text, "/:"));
		keys_secret_text(&k, secret);
		ck_assert(keys_match(k.pk_text, secret));
		keys_sign(&k, "abc", 3, out);
		ck_assert(keys_verify(k.pk, out, out + KEYS_SIG, 3));
		out[0] ^= 1;
		ck_assert(!keys_verify(k.pk, out, "abc", 3));
	}
}
END_TEST

START_TEST(pairs_are_matched)
{
	struct keys other;

	ck_assert_int_eq(keys_setup(), 0);
	keys_generate(&other);
	ck_assert(keys_match(PUBLIC, SECRET));
	ck_assert(!keys_match(other.pk_text, SECRET));
	ck_assert(!keys_match("", SECRET));
	ck_assert(!keys_match(PUBLIC, ""));
}
END_TEST

START_TEST(the_signed_id_of_the_specification_is_made)
{
	static const char *const want =
		"5bc63d711b2e63ccd12004983dbe260287491cd5797b7b2114e1810b523e"
		"7074ce2f2f2d1d844c773b357fef6e0eb7402a16e957fa77c8afc4c9fe9a"
		"e3aa2b08"
		"0a09313233343536373839122029acbae141bccaf0b22e1a94d34d0bc736"
		"1e526d0bfe12c89794bc9322966dd7";
	struct keys k = server();
	Hbb__IdPk id = HBB__ID_PK__INIT;
	static char text[] = "123456789";
	uint8_t pk[32], packed[64], out[KEYS_SIG + sizeof(packed)];

	unhex("29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd"
	      "7",
	      pk, sizeof(pk));
	id.id = text;
	id.pk = (ProtobufCBinaryData){ sizeof(pk), pk };
	size_t len = hbb__id_pk__pack(&id, packed);
	keys_sign(&k, packed, len, out);
	ck_assert_str_eq(tohex(out, KEYS_SIG + len), want);
}
END_TEST

/* Spec 4.17: symmetric key 33... */
static struct keys_channel vector_channel(void)
{
	struct keys_channel ch = { .sent = 0 };

	memset(ch.send_key, 0x33, sizeof(ch.send_key));
	memset(ch.receive_key, 0x33, sizeof(ch.receive_key));
	return ch;
}

START_TEST(records_are_sealed_with_counting_nonces)
{
	struct keys_channel ch = vector_channel();
	uint8_t msg[8], out[64];
	size_t len = unhex("820102101e", msg, sizeof(msg));

	keys_seal(&ch, msg, len, out);
	ck_assert_str_eq(tohex(out, len + KEYS_SEAL),
			 "c4bab3ef19a5b227032672821ca04024a7f31b9f0d");
	len = unhex("5a00", msg, sizeof(msg));
	keys_seal(&ch, msg, len, out);
	ck_assert_str_eq(tohex(out, len + KEYS_SEAL),
			 "c43ea9d797f1f7d133bc8cfa47132c0a8337");
	ck_assert_uint_eq(ch.sent, 2);
	ck_assert_uint_eq(ch.received, 0);
}
END_TEST

START_TEST(records_are_opened_in_order_and_in_place)
{
	struct keys_channel ch = vector_channel();
	uint8_t data[64];
	size_t len = unhex("6451d468b458d34fc0421c0121cf088667f91386223bcdad55"
			   "b8f43666",
			   data, sizeof(data));

	ck_assert_int_eq(keys_unseal(&ch, data, KEYS_SEAL - 1, data), -EPROTO);
	data[20] ^= 1;
	ck_assert_int_eq(keys_unseal(&ch, data, len, data), -EPROTO);
	data[20] ^= 1;
	ck_assert_uint_eq(ch.received, 0);
	ck_assert_int_eq(keys_unseal(&ch, data, len, data), 0);
	ck_assert_str_eq(tohex(data, len - KEYS_SEAL),
			 "420b0a09313233343536373839");
	ck_assert_uint_eq(ch.received, 1);
	unhex("6451d468b458d34fc0421c0121cf088667f91386223bcdad55b8f43666",
	      data, sizeof(data)); /* a replay */
	ck_assert_int_eq(keys_unseal(&ch, data, len, data), -EPROTO);
}
END_TEST

static char folder[] = "/tmp/test-keys-XXXXXX";

static char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static const char *content_of(const char *name)
{
	static char text[256];
	FILE *f = fopen(path_of(name), "r");

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void new_folder(void)
{
	ck_assert_int_eq(keys_setup(), 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void drop_folder(void)
{
	unlink(path_of("id_ed25519"));
	unlink(path_of("id_ed25519.pub"));
	ck_assert_msg(rmdir(folder) == 0, "other files were left behind");
}

START_TEST(a_pair_is_made_once_and_then_loaded)
{
	struct keys first, second;
	struct stat st;

	new_folder();
	ck_assert_int_eq(keys_load_or_create(&first, folder), 0);
	ck_assert_int_eq(keys_load_or_create(&second, folder), 0);
	ck_assert_mem_eq(first.sk, second.sk, KEYS_SK);
	ck_assert_str_eq(content_of("id_ed25519.pub"), first.pk_text);
	ck_assert(keys_match(first.pk_text, content_of("id_ed25519")));
	ck_assert_uint_eq(strlen(content_of("id_ed25519")), 88);
	ck_assert_int_eq(stat(path_of("id_ed25519"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(path_of("id_ed25519.pub"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	drop_folder();
}
END_TEST

START_TEST(a_stale_public_file_is_corrected)
{
	struct keys k;

	new_folder();
	write_file("id_ed25519", SECRET "\n");
	write_file("id_ed25519.pub", "something else");
	ck_assert_int_eq(keys_load_or_create(&k, folder), 0);
	ck_assert_str_eq(k.pk_text, PUBLIC);
	ck_assert_str_eq(content_of("id_ed25519.pub"), PUBLIC);
	drop_folder();
}
END_TEST

START_TEST(a_file_that_is_no_key_is_an_error_and_is_kept)
{
	struct keys k;

	new_folder();
	write_file("id_ed25519", "not a key");
	ck_assert_int_eq(keys_load_or_create(&k, folder), -EINVAL);
	ck_assert_str_eq(content_of("id_ed25519"), "not a key");
	write_file("id_ed25519", "");
	ck_assert_int_eq(keys_load_or_create(&k, folder), -EINVAL);
	drop_folder();
	ck_assert_int_eq(keys_load_or_create(&k, folder), -ENOENT);
}
END_TEST

START_TEST(processes_that_start_together_agree)
{
	enum { N = 8 };
	pid_t pids[N];
	struct keys k;

	new_folder();
	for (int i = 0; i < N; i++) {
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0) {
			bool ok = keys_load_or_create(&k, folder) == 0;
			FILE *f = fopen(path_of("id_ed25519"), "r");
			char text[KEYS_SK_TEXT] = "";
			ok = ok && f && fread(text, 1, 88, f) == 88 &&
			     keys_match(k.pk_text, text);
			_exit(ok ? 0 : 1);
		}
	}
	for (int i = 0; i < N; i++) {
		int status = -1;
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(keys_load_or_create(&k, folder), 0);
	ck_assert_str_eq(content_of("id_ed25519.pub"), k.pk_text);
	drop_folder();
}
END_TEST

START_TEST(uuids_have_version_4_and_differ)
{
	char a[37], b[37];

	ck_assert_int_eq(keys_setup(), 0);
	for (int i = 0; i < 100; i++) {
		keys_uuid4(a);
		keys_uuid4(b);
		ck_assert_str_ne(a, b);
		ck_assert_uint_eq(strlen(a), 36);
		ck_assert_uint_eq(strspn(a, "0123456789abcdef-"), 36);
		ck_assert_int_eq(a[14], '4');
		ck_assert_ptr_nonnull(strchr("89ab", a[19]));
		for (int at = 8; at <= 23; at += 5)
			ck_assert_int_eq(a[at], '-');
	}
}
END_TEST

START_TEST(texts_are_compared)
{
	ck_assert(keys_text_eq("", ""));
	ck_assert(keys_text_eq("abc", "abc"));
	ck_assert(!keys_text_eq("abc", "abd"));
	ck_assert(!keys_text_eq("abc", "ab"));
	ck_assert(!keys_text_eq("", "a"));
}
END_TEST

UNIT_MAIN("keys", the_vector_of_the_specification_is_read,
	  texts_that_are_no_keys_are_refused,
	  generated_keys_fit_into_file_names_and_sign, pairs_are_matched,
	  the_signed_id_of_the_specification_is_made,
	  records_are_sealed_with_counting_nonces,
	  records_are_opened_in_order_and_in_place,
	  a_pair_is_made_once_and_then_loaded, a_stale_public_file_is_corrected,
	  a_file_that_is_no_key_is_an_error_and_is_kept,
	  processes_that_start_together_agree, uuids_have_version_4_and_differ,
	  texts_are_compared)
