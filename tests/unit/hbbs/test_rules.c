#include "../unit.h"

#include <errno.h>
#include <unistd.h>

#include "services/hbbs/state/rules.h"

/* The key of spec 5.1. */
#define SECRET                                                                 \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+T"  \
	"WMJulDV8d3IZkElUxuA=="
#define PUBLIC "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

#define OTHER "BBBBBvPOEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

static char dir[64];
static struct settings set;
static struct relay_list relays;

static char *text(const char *s)
{
	char *copy = strdup(s);
	ck_assert_ptr_nonnull(copy);
	return copy;
}

static void start(void)
{
	int rest;
	char program[] = "hbbs";
	char *argv[] = { program, NULL };

	strcpy(dir, "/tmp/rules-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(keys_setup(), 0);
	memset(&set, 0, sizeof set);
	ck_assert_int_eq(config_load(&settings_spec, 1, argv, &set, &rest),
			 CONFIG_OK);
	free(set.data_dir);
	set.data_dir = text(dir);
}

static void stop(void)
{
	char path[128];

	config_free(&settings_spec, &set);
	snprintf(path, sizeof path, "%s/id_ed25519", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/id_ed25519.pub", dir);
	unlink(path);
	rmdir(dir);
}

static void change(char **field, const char *value)
{
	free(*field);
	*field = text(value);
}

static void write_key(const char *content)
{
	char path[128];
	snprintf(path, sizeof path, "%s/id_ed25519", dir);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

START_TEST(the_key_option_says_what_is_required_and_what_signs)
{
	static const struct {
		const char *key, *required;
		bool signs;
	} rows[] = {
		{ "-", PUBLIC, true },
		{ "_", PUBLIC, true },
		{ "", "", true },
		{ SECRET, PUBLIC, true },
		{ "any text", "any text", false },
		{ PUBLIC, PUBLIC, true }, /* the pair's: the pair */
		{ " " PUBLIC "\n", PUBLIC, true },
		{ OTHER, OTHER, false },
		{ "id_ed25519", PUBLIC, true }, /* files in DATA_DIR */
		{ "id_ed25519.pub", PUBLIC, true },
	};
	start();
	write_key(SECRET "\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rules r;
		change(&set.key, rows[i].key);
		ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
		ck_assert_str_eq(r.required_key, rows[i].required);
		ck_assert_int_eq(r.keys.can_sign, rows[i].signs);
		ck_assert(rules_key_ok(&r, rows[i].required));
		ck_assert_int_eq(rules_key_ok(&r, "wrong"),
				 rows[i].required[0] == '\0');
		rules_fini(&r);
	}
	stop();
}
END_TEST

START_TEST(a_key_that_names_a_file_without_a_key_is_refused)
{
	struct rules r;
	char path[160];

	start();
	write_key("");
	change(&set.key, "id_ed25519");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -EINVAL);
	write_key(SECRET "\nmore\n");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -EINVAL);
	change(&set.key, "./nothing");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -ENOENT);
	change(&set.key, "nothing.pub");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -ENOENT);
	write_key(SECRET "\n");
	snprintf(path, sizeof path, "%s/id_ed25519", dir);
	change(&set.key, path);
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	ck_assert_str_eq(r.required_key, PUBLIC);
	ck_assert(r.keys.can_sign);
	rules_fini(&r);
	stop();
}
END_TEST

START_TEST(a_missing_key_is_made_and_a_broken_one_refused)
{
	struct rules r;
	char made[KEYS_PK_TEXT];

	start();
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	strcpy(made, r.required_key);
	ck_assert_uint_eq(strlen(made), 44);
	rules_fini(&r);
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	ck_assert_str_eq(r.required_key, made);
	rules_fini(&r);
	write_key("no key at all");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -EINVAL);
	stop();
}
END_TEST

START_TEST(bad_values_are_refused_before_anything_starts)
{
	struct rules r;

	start();
	change(&set.mask, "10.0.0.0/8");
	change(&set.local_ip, "10.0.0.1");
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	ck_assert(r.has_mask);
	ck_assert_str_eq(r.local_ip, "10.0.0.1");
	rules_fini(&r);
	change(&set.register_limits, "none");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -EINVAL);
	change(&set.register_limits, "reference");
	change(&set.relay_servers, "a,b:21117");
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	ck_assert_uint_eq(relays.n, 2);
	ck_assert(r.limits.reference);
	rules_fini(&r);
	stop();
}
END_TEST

START_TEST(the_legacy_server_list_is_split_and_capped)
{
	struct rules r;

	start();
	change(&set.rendezvous_servers, "a,,b");
	ck_assert_int_eq(rules_make(&set, &r, &relays), 0);
	ck_assert_uint_eq(r.nservers, 2);
	ck_assert_str_eq(r.servers[1], "b");
	rules_fini(&r);
	change(&set.rendezvous_servers,
	       "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17");
	ck_assert_int_eq(rules_make(&set, &r, &relays), -E2BIG);
	stop();
}
END_TEST

UNIT_MAIN("rules", the_key_option_says_what_is_required_and_what_signs,
	  a_key_that_names_a_file_without_a_key_is_refused,
	  a_missing_key_is_made_and_a_broken_one_refused,
	  bad_values_are_refused_before_anything_starts,
	  the_legacy_server_list_is_split_and_capped)
