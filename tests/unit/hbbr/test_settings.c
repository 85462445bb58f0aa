#include <sys/stat.h>
#include <unistd.h>

#include "common/proto/keys.h"
#include "services/hbbr/state/licence.h"
#include "services/hbbr/state/lists.h"
#include "services/hbbr/state/settings.h"
#include "tests/unit/unit.h"

/* --- options ---------------------------------------------------------------
 */

static struct settings load(int argc, const char *const *args,
			    enum config_result want)
{
	char *argv[16];
	struct settings s = { 0 };
	int rest;

	for (int i = 0; i < argc; i++)
		argv[i] = strdup(args[i]);
	argv[argc] = NULL;
	ck_assert_int_eq(settings_load(&s, argc, argv, &rest), want);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return s;
}

static uint16_t port_of(int argc, const char *const *args)
{
	struct settings s = load(argc, args, CONFIG_OK);
	uint16_t port = s.port;

	settings_free(&s);
	return port;
}

START_TEST(a_port_variable_is_one_below_the_port_and_a_flag_is_not)
{
	const char *const none[] = { "hbbr" };
	const char *const shorts[] = { "hbbr", "-p", "4000" };
	const char *const longs[] = { "hbbr", "--port", "4000" };
	const char *const equals[] = { "hbbr", "--port=4000" };

	unsetenv("PORT");
	ck_assert_uint_eq(port_of(1, none), 21117);
	ck_assert_uint_eq(port_of(3, shorts), 4000);
	ck_assert_uint_eq(port_of(3, longs), 4000);
	ck_assert_uint_eq(port_of(2, equals), 4000);
	setenv("PORT", "3000", 1);
	ck_assert_uint_eq(port_of(1, none), 3001);
	ck_assert_uint_eq(port_of(3, shorts), 4000);
	setenv("PORT", "21117", 1); /* even if it is the default */
	ck_assert_uint_eq(port_of(1, none), 21118);
	unsetenv("PORT");
}
END_TEST

START_TEST(the_defaults_are_those_of_the_reference)
{
	const char *const none[] = { "hbbr" };
	struct settings s = load(1, none, CONFIG_OK);
	struct limits l = settings_limits(&s);

	ck_assert_str_eq(s.key, "-"); /* but for this: a key is required */
	ck_assert_uint_eq(l.single_bps, 128ull * 1048576);
	ck_assert_uint_eq(l.slow_bps, 32ull * 1048576);
	ck_assert_int_eq(s.total_bandwidth, 1024);
	ck_assert_double_eq(l.downgrade_threshold, 0.66);
	ck_assert_uint_eq(l.downgrade_start_ms, 1800000);
	ck_assert_int_ge(s.idle_ms, 3600000); /* tunnels may be quiet */
	ck_assert_int_ge(s.nworkers, 1);
	settings_free(&s);
}
END_TEST

START_TEST(bad_values_are_refused)
{
	static const char *const rows[][2] = {
		{ "--trusted-proxies=x", "" },
		{ "--proxy-protocol=1.2.3", "" },
		{ "--log-level=loud", "" },
		{ "--log-format=xml", "" },
		{ "--mesh-address=relay.example.com", "" },
		{ "--mesh-bind=10.0.0.7:21122", "" },
		{ "--workers=-2", "" },
		{ "--relay-address=https://relay.example.com", "" },
		{ "--relay-address=relay.example.com:0", "" },
		{ "--relay-address=a.example.com,b.example.com", "" },
		{ "--relay-lan-address='192.168.1.7'", "" },
		{ "--single-bandwidth=-1", "" },
		{ "--no-such-option=1", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const args[] = { "hbbr", rows[i][0] };
		struct settings s = load(2, args, CONFIG_BAD);
		settings_free(&s);
	}
}
END_TEST

/* --- the key ---------------------------------------------------------------
 */

static char dir[64];

static void in_folder(void)
{
	snprintf(dir, sizeof(dir), "/tmp/hbbr-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static const char *write_file(const char *name, const char *text)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void out_of_folder(const char *path)
{
	unlink(path);
	rmdir(dir);
}

static enum licence_result licence(const char *option, const char *want)
{
	char got[LICENCE_TEXT] = "untouched";

	enum licence_result r = licence_load(option, dir, got);
	if (want)
		ck_assert_str_eq(got, want);
	return r;
}

START_TEST(the_key_file_may_come_later_and_must_be_a_key)
{
	struct keys k;
	char text[KEYS_PK_TEXT + 2];

	in_folder();
	ck_assert_int_eq(keys_setup(), 0);
	keys_generate(&k);
	ck_assert_int_eq(licence("-", "untouched"), LICENCE_MISSING);
	snprintf(text, sizeof(text), "%s\n", k.pk_text);
	const char *path = write_file("id_ed25519.pub", text);
	ck_assert_int_eq(licence("-", k.pk_text), LICENCE_READY);
	ck_assert_int_eq(licence("_", k.pk_text), LICENCE_READY);
	write_file("id_ed25519.pub", "not a key");
	ck_assert_int_eq(licence("-", NULL), LICENCE_BAD);
	write_file("id_ed25519.pub", "");
	ck_assert_int_eq(licence("-", NULL), LICENCE_BAD);
	out_of_folder(path);
}
END_TEST

START_TEST(a_key_that_names_a_file_is_its_content)
{
	struct keys k;
	char text[KEYS_PK_TEXT + 2];

	in_folder();
	ck_assert_int_eq(keys_setup(), 0);
	keys_generate(&k);
	snprintf(text, sizeof(text), "%s\n", k.pk_text);
	const char *path = write_file("other.pub", text);
	ck_assert_int_eq(licence(path, k.pk_text), LICENCE_READY);
	ck_assert_int_eq(licence("other.pub", k.pk_text), LICENCE_READY);
	ck_assert_int_eq(licence("absent.pub", NULL), LICENCE_BAD);
	write_file("other.pub", "\n");
	ck_assert_int_eq(licence("other.pub", NULL), LICENCE_BAD);
	out_of_folder(path);
}
END_TEST

START_TEST(a_given_key_is_taken_as_it_is)
{
	struct keys k;
	char secret[KEYS_SK_TEXT], padded[KEYS_PK_TEXT + 8];
	char big[LICENCE_TEXT + 8];

	ck_assert_int_eq(keys_setup(), 0);
	keys_generate(&k);
	keys_secret_text(&k, secret);
	snprintf(padded, sizeof(padded), " %s\n", k.pk_text);
	ck_assert_int_eq(licence(padded, k.pk_text), LICENCE_READY);
	ck_assert_int_eq(licence(secret, k.pk_text), LICENCE_READY);
	ck_assert_int_eq(licence("any text", "any text"), LICENCE_READY);
	ck_assert_int_eq(licence("", ""), LICENCE_READY);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	ck_assert_int_eq(licence(big, NULL), LICENCE_BAD);
}
END_TEST

/* --- list files ------------------------------------------------------------
 */

START_TEST(a_list_file_is_optional_but_must_be_readable)
{
	struct ipset s = { 0 };
	struct list_file none = { 0 }, gone = { 0 }, folder = { 0 };
	struct list_file full = { 0 }, relative = { 0 };

	in_folder();
	ck_assert_int_eq(lists_load(dir, "", &s, &none), 0);
	ck_assert_str_eq(none.path, "");
	ck_assert_int_eq(
		lists_load(dir, "/nonexistent/blocklist.txt", &s, &gone), 0);
	ck_assert(gone.missing);
	ck_assert_int_lt(lists_load("/", dir, &s, &folder), 0);
	const char *path = write_file("blocklist.txt",
				      "192.0.2.1 remark\nnonsense\n10.0.0.0/8");
	ck_assert_int_eq(lists_load("/nonexistent", path, &s, &full), 0);
	ck_assert_str_eq(full.path, path);
	ck_assert(!full.missing && full.bad.n == 1);
	ck_assert_str_eq(full.bad.first[0], "2: nonsense");
	ck_assert_uint_eq(s.n, 2);
	ipset_clear(&s);
	ck_assert_int_eq(lists_load(dir, "blocklist.txt", &s, &relative), 0);
	ck_assert_str_eq(relative.path, path);
	ck_assert_uint_eq(s.n, 2); /* relative to DATA_DIR */
	ipset_fini(&s);
	out_of_folder(path);
}
END_TEST

UNIT_MAIN("settings", a_port_variable_is_one_below_the_port_and_a_flag_is_not,
	  the_defaults_are_those_of_the_reference, bad_values_are_refused,
	  the_key_file_may_come_later_and_must_be_a_key,
	  a_key_that_names_a_file_is_its_content, a_given_key_is_taken_as_it_is,
	  a_list_file_is_optional_but_must_be_readable)
