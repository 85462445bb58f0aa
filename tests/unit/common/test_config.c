#include <fcntl.h>
#include <unistd.h>

#include "common/config/config.h"
#include "common/config/config_text.h"
#include "tests/unit/unit.h"

struct settings {
	char *relays;
	char *key;
	bool relay_always;
	int64_t limit;
	uint16_t port;
	int64_t idle_ms;
	int64_t queue;
	double ratio;
	char *cert_file;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	{ "RELAY_SERVERS", 'r', "RELAYS RELAY-HOSTS", OPT_STRING, AT(relays),
	  "r.example", 0, 0,
	  "Relay servers, a list that is long enough to need a second line of "
	  "help, and more." },
	{ "KEY", 'k', NULL, OPT_SECRET, AT(key), "default-secret", 0, 0,
	  "The key." },
	{ "ALWAYS_USE_RELAY", 0, NULL, OPT_BOOL, AT(relay_always), "n", 0, 0,
	  "Relay always." },
	{ "LIMIT", 'l', NULL, OPT_INT, AT(limit), "5", -10, 10, "A limit." },
	{ "PORT", 'p', NULL, OPT_PORT, AT(port), "21116", 1, 0, "The port." },
	{ "IDLE", 0, NULL, OPT_DURATION, AT(idle_ms), "30s", 100, 3600000,
	  "Idle time." },
	{ "QUEUE", 0, NULL, OPT_SIZE, AT(queue), "64k", 0, 0,
	  "Queue | buffer." },
	{ "RATIO", 0, NULL, OPT_RATIO, AT(ratio), "0.5", 0, 0, "A ratio." },
	{ "CERT_FILE", 0, NULL, OPT_STRING, AT(cert_file), "", 0, 0,
	  "Certificate." },
};
static const struct config_spec spec = {
	.program = "prog",
	.about = "tests options",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.size = sizeof(struct settings),
	.arguments = "WORD",
};

static char folder[] = "/tmp/test-config-XXXXXX";
static char output[16384]; /* what the last load() printed, both streams */
static int rest;

/* Each test runs in a process and a folder of its own (Check forks). */
static void enter_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void leave_folder(void)
{
	char command[64];

	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* config_load() with LINE split at spaces; the output is caught. */
static enum config_result load(const char *line, struct settings *s)
{
	static char program[] = "prog", empty[] = "";
	char copy[512], *argv[32] = { program };
	int argc = 1, saved[2] = { dup(1), dup(2) };
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	ck_assert_int_ge(fd, 0);
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = strcmp(w, "''") == 0 ? empty : w;
	memset(s, 0, sizeof(*s));
	fflush(stdout);
	dup2(fd, 1);
	dup2(fd, 2);
	enum config_result r = config_load(&spec, argc, argv, s, &rest);
	fflush(stdout);
	dup2(saved[0], 1);
	dup2(saved[1], 2);
	ssize_t n = pread(fd, output, sizeof(output) - 1, 0);
	output[n > 0 ? n : 0] = '\0';
	close(saved[0]);
	close(saved[1]);
	close(fd);
	return r;
}

static void must_load(const char *line, struct settings *s)
{
	ck_assert_msg(load(line, s) == CONFIG_OK, "%s: %s", line, output);
}

START_TEST(defaults_fill_the_struct)
{
	struct settings s;

	must_load("", &s);
	ck_assert_str_eq(s.relays, "r.example");
	ck_assert_str_eq(s.key, "default-secret");
	ck_assert(!s.relay_always);
	ck_assert_int_eq(s.limit, 5);
	ck_assert_uint_eq(s.port, 21116);
	ck_assert_int_eq(s.idle_ms, 30000);
	ck_assert_int_eq(s.queue, 65536);
	ck_assert_double_eq(s.ratio, 0.5);
	ck_assert_str_eq(s.cert_file, "");
	config_free(&spec, &s);
	ck_assert_ptr_null(s.key);
	config_free(&spec, &s);
}
END_TEST

START_TEST(flags_come_in_every_usual_form)
{
	static const char *const rows[] = {
		"-r a,b",
		"-ra,b",
		"-r=a,b",
		"--relay-servers a,b",
		"--relay-servers=a,b",
		"--RELAY_SERVERS=a,b",
		"--relays a,b",
		"--relay_hosts=a,b",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;
		must_load(rows[i], &s);
		ck_assert_str_eq(s.relays, "a,b");
		config_free(&spec, &s);
	}
}
END_TEST

START_TEST(odd_values_are_values)
{
	struct settings s;

	must_load("-k -", &s);
	ck_assert_str_eq(s.key, "-");
	config_free(&spec, &s);
	must_load("-k ''", &s);
	ck_assert_str_eq(s.key, "");
	config_free(&spec, &s);
	must_load("--key=", &s);
	ck_assert_str_eq(s.key, "");
	config_free(&spec, &s);
	must_load("-k --port", &s);
	ck_assert_str_eq(s.key, "--port");
	config_free(&spec, &s);
	must_load("--key=a=b==", &s);
	ck_assert_str_eq(s.key, "a=b==");
	config_free(&spec, &s);
}
END_TEST

START_TEST(a_boolean_flag_may_stand_alone)
{
	static const struct {
		const char *line;
		bool value;
		int rest;
	} rows[] = {
		{ "--always-use-relay", true, 2 },
		{ "--always-use-relay n", false, 3 },
		{ "--always-use-relay=off", false, 2 },
		{ "--always-use-relay word", true, 2 },
		{ "--always-use-relay --port 1", true, 4 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;
		must_load(rows[i].line, &s);
		ck_assert_int_eq(s.relay_always, rows[i].value);
		ck_assert_int_eq(rest, rows[i].rest);
		config_free(&spec, &s);
	}
}
END_TEST

START_TEST(what_is_no_flag_is_left_to_the_caller)
{
	struct settings s;

	must_load("--port 7 doctor -x host", &s);
	ck_assert_int_eq(rest, 3);
	config_free(&spec, &s);
	must_load("-- --port", &s);
	ck_assert_int_eq(rest, 2);
	config_free(&spec, &s);
	must_load("-", &s);
	ck_assert_int_eq(rest, 1);
	config_free(&spec, &s);
}
END_TEST

START_TEST(the_stronger_source_wins)
{
	struct settings s;

	enter_folder();
	setenv("PORT", "1", 1);
	must_load("", &s);
	ck_assert_uint_eq(s.port, 1);
	config_free(&spec, &s);

	write_file(".env", "# a comment\n\nexport PORT=2\nUNKNOWN=x\n");
	must_load("", &s);
	ck_assert_uint_eq(s.port, 2);
	config_free(&spec, &s);

	write_file("c.ini", "[section]\n; comment\nport = 3\n");
	must_load("-c c.ini", &s);
	ck_assert_uint_eq(s.port, 3);
	config_free(&spec, &s);

	must_load("-p 4 --config=c.ini", &s);
	ck_assert_uint_eq(s.port, 4);
	ck_assert_int_eq(s.limit, 5);
	config_free(&spec, &s);
	leave_folder();
}
END_TEST

START_TEST(names_ignore_case_and_dashes)
{
	struct settings s;

	enter_folder();
	setenv("RELAY-SERVERS", "one", 1);
	must_load("", &s);
	ck_assert_str_eq(s.relays, "one");
	config_free(&spec, &s);
	write_file("c.ini", "relay-hosts = \"two words\"\nAlways-Use_Relay=Y\n"
			    "key = 'a#b' \r\n");
	must_load("-c c.ini", &s);
	ck_assert_str_eq(s.relays, "two words");
	ck_assert_str_eq(s.key, "a#b");
	ck_assert(s.relay_always);
	config_free(&spec, &s);
	leave_folder();
}
END_TEST

START_TEST(an_empty_variable_is_unset_but_an_empty_key_is_a_key)
{
	struct settings s;

	setenv("PORT", "", 1);
	setenv("ALWAYS_USE_RELAY", "", 1);
	setenv("KEY", "", 1);
	must_load("", &s);
	ck_assert_uint_eq(s.port, 21116);
	ck_assert_str_eq(s.key, "");
	config_free(&spec, &s);
}
END_TEST

START_TEST(a_secret_can_come_from_a_file)
{
	struct settings s;

	enter_folder();
	write_file("secret", "from-file\n");
	setenv("KEY_FILE", "secret", 1);
	must_load("", &s);
	ck_assert_str_eq(s.key, "from-file");
	config_free(&spec, &s);

	must_load("-k plain", &s); /* a stronger source may say it plainly */
	ck_assert_str_eq(s.key, "plain");
	config_free(&spec, &s);

	write_file("other", "flag-file");
	must_load("--key-file other", &s);
	ck_assert_str_eq(s.key, "flag-file");
	config_free(&spec, &s);

	must_load("--cert-file secret", &s); /* an option of its own */
	ck_assert_str_eq(s.cert_file, "secret");
	config_free(&spec, &s);

	setenv("KEY", "both", 1);
	ck_assert_int_eq(load("", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "KEY (environment): given both"));
	unsetenv("KEY");
	setenv("KEY_FILE", "missing", 1);
	ck_assert_int_eq(load("", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "KEY_FILE"));
	ck_assert_ptr_nonnull(strstr(output, "No such file"));
	leave_folder();
}
END_TEST

START_TEST(values_are_understood)
{
	static const struct {
		const char *line;
		int64_t limit, idle_ms, queue;
	} rows[] = {
		{ "--limit -10", -10, 30000, 65536 },
		{ "--limit 10", 10, 30000, 65536 },
		{ "--idle 250ms", 5, 250, 65536 },
		{ "--idle 7", 5, 7000, 65536 },
		{ "--idle 5m", 5, 300000, 65536 },
		{ "--idle 1H", 5, 3600000, 65536 },
		{ "--queue 1m", 5, 30000, 1 << 20 },
		{ "--queue 2G", 5, 30000, 1LL << 31 },
		{ "--queue 123", 5, 30000, 123 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;
		must_load(rows[i].line, &s);
		ck_assert_int_eq(s.limit, rows[i].limit);
		ck_assert_int_eq(s.idle_ms, rows[i].idle_ms);
		ck_assert_int_eq(s.queue, rows[i].queue);
		config_free(&spec, &s);
	}
}
END_TEST

START_TEST(a_bad_value_is_an_error_that_names_the_option)
{
	static const struct {
		const char *line, *name;
	} rows[] = {
		{ "--port 0", "--port" },
		{ "--port 65536", "--port" },
		{ "-p x", "-p" },
		{ "--port=", "--port" },
		{ "--port 12x", "--port" },
		{ "--port +1", "--port" },
		{ "--limit 11", "--limit" },
		{ "--limit -11", "--limit" },
		{ "--limit 99999999999999999999", "--limit" },
		{ "--limit 1.5", "--limit" },
		{ "--idle 99ms", "--idle" },
		{ "--idle 2h", "--idle" },
		{ "--idle 5x", "--idle" },
		{ "--idle -5", "--idle" },
		{ "--idle 9223372036854775807d", "--idle" },
		{ "--queue 9999999999g", "--queue" },
		{ "--queue 1t", "--queue" },
		{ "--ratio 1.1", "--ratio" },
		{ "--ratio -0.1", "--ratio" },
		{ "--ratio nan", "--ratio" },
		{ "--ratio 0.5x", "--ratio" },
		{ "--always-use-relay=maybe", "--always-use-relay" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char start[64];
		struct settings s;
		ck_assert_msg(load(rows[i].line, &s) == CONFIG_BAD, "%s",
			      rows[i].line);
		snprintf(start, sizeof(start),
			 "prog: %s (flag): ", rows[i].name);
		ck_assert_msg(strstr(output, start) == output, "%s", output);
		ck_assert_ptr_nonnull(strstr(output, "must be"));
		ck_assert_ptr_null(s.relays);
	}
}
END_TEST

START_TEST(an_error_tells_the_bounds)
{
	struct settings s;

	ck_assert_int_eq(load("--limit 11", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "'11': must be a whole number, "
					     "from -10 to 10\n"));
	ck_assert_int_eq(load("--idle 2h", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "from 100 to 3600000 "
					     "milliseconds\n"));
	ck_assert_int_eq(load("--port 0", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "1 to 65535\n"));
}
END_TEST

START_TEST(an_unknown_name_is_an_error_that_names_it)
{
	struct settings s;

	enter_folder();
	ck_assert_int_eq(load("--colour=red", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "--colour (flag): unknown"));
	ck_assert_ptr_null(strstr(output, "red"));
	ck_assert_int_eq(load("-xyz", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "-x (flag): unknown"));
	ck_assert_int_eq(load("--port", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "--port (flag): needs a value"));
	ck_assert_int_eq(load("-c", &s), CONFIG_BAD);

	write_file("c.ini", "colour = red\n");
	ck_assert_int_eq(load("-c c.ini", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "colour (c.ini): unknown"));
	write_file("c.ini", "port = 1\nno equals sign\n");
	ck_assert_int_eq(load("-c c.ini", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "line 2 (c.ini)"));
	write_file("c.ini", "= 1\n");
	ck_assert_int_eq(load("-c c.ini", &s), CONFIG_BAD);
	ck_assert_int_eq(load("-c missing.ini", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "missing.ini"));
	leave_folder();
}
END_TEST

START_TEST(files_that_are_no_text_are_refused)
{
	static char big[70000];
	struct settings s;

	enter_folder();
	memset(big, '\n', sizeof(big) - 1);
	write_file("big.ini", big);
	ck_assert_int_eq(load("-c big.ini", &s), CONFIG_BAD);
	ck_assert_ptr_nonnull(strstr(output, "big.ini"));
	FILE *f = fopen("nul.ini", "w");
	fwrite("port=1\n\0key=x\n", 1, 14, f);
	fclose(f);
	ck_assert_int_eq(load("-c nul.ini", &s), CONFIG_BAD);
	ck_assert_int_eq(load("-c .", &s), CONFIG_BAD);
	leave_folder();
}
END_TEST

START_TEST(help_names_every_option_and_no_secret)
{
	static const char *const lines[] = { "--help", "-h", "-k x --help",
					     "--help-markdown" };
	struct settings s;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		ck_assert_int_eq(load(lines[i], &s), CONFIG_EXIT);
		ck_assert_ptr_nonnull(strstr(output, "--relay-servers"));
		ck_assert_ptr_nonnull(strstr(output, "-p"));
		ck_assert_ptr_nonnull(strstr(output, "21116"));
		ck_assert_ptr_nonnull(strstr(output, "A ratio."));
		ck_assert_ptr_null(strstr(output, "default-secret"));
	}
	ck_assert_ptr_nonnull(
		strstr(output, "| `PORT` | `--port`, `-p` | `21116` | The "
			       "port. |\n"));
	ck_assert_ptr_nonnull(strstr(output, "Queue \\| buffer."));
	ck_assert_int_eq(load("--help", &s), CONFIG_EXIT);
	ck_assert_ptr_nonnull(strstr(output, "usage: prog [options] WORD\n"));
	for (char *l = strtok(output, "\n"); l; l = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(l), 79);
	ck_assert_int_eq(load("-V", &s), CONFIG_EXIT);
	ck_assert_str_eq(output, "prog " VERSION "\n");
	ck_assert_int_eq(load("-k --help", &s), CONFIG_OK);
	config_free(&spec, &s);
}
END_TEST

START_TEST(the_text_reader_tells_the_line_of_an_error)
{
	char text[] = "a=1\n\n  b = ' 2 ' \n[x]\n#c=3\nd\n";
	struct config_text t;
	const char *name, *value;

	config_text_init(&t, text);
	ck_assert_int_eq(config_text_next(&t, &name, &value), 1);
	ck_assert_str_eq(name, "a");
	ck_assert_str_eq(value, "1");
	ck_assert_int_eq(config_text_next(&t, &name, &value), 1);
	ck_assert_str_eq(name, "b");
	ck_assert_str_eq(value, " 2 ");
	ck_assert_int_lt(config_text_next(&t, &name, &value), 0);
	ck_assert_uint_eq(t.line, 6);
	ck_assert_int_eq(config_text_next(&t, &name, &value), 0);
}
END_TEST

UNIT_MAIN("config", defaults_fill_the_struct, flags_come_in_every_usual_form,
	  odd_values_are_values, a_boolean_flag_may_stand_alone,
	  what_is_no_flag_is_left_to_the_caller, the_stronger_source_wins,
	  names_ignore_case_and_dashes,
	  an_empty_variable_is_unset_but_an_empty_key_is_a_key,
	  a_secret_can_come_from_a_file, values_are_understood,
	  a_bad_value_is_an_error_that_names_the_option,
	  an_error_tells_the_bounds, an_unknown_name_is_an_error_that_names_it,
	  files_that_are_no_text_are_refused,
	  help_names_every_option_and_no_secret,
	  the_text_reader_tells_the_line_of_an_error)
