#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common/base/log.h"
#include "tests/unit/unit.h"

static char output[1 << 20];
static int saved_stderr, capture;

static void start_capture(void)
{
	capture = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600);
	ck_assert_int_ge(capture, 0);
	saved_stderr = dup(2);
	dup2(capture, 2);
}

static const char *stop_capture(void)
{
	dup2(saved_stderr, 2);
	close(saved_stderr);
	ssize_t n = pread(capture, output, sizeof(output) - 1, 0);
	output[n > 0 ? n : 0] = '\0';
	close(capture);
	return output;
}

/* One line with the field v=VALUE, without its time stamp. */
static const char *line_with(enum log_format format, const char *value,
			     size_t len)
{
	struct log_line l;

	log_setup("svc", LOG_INFO, format);
	start_capture();
	log_begin(&l, LOG_INFO, "tested");
	log_bytes(&l, "v", value, len);
	log_int(&l, "n", -1);
	log_end(&l);
	return strstr(stop_capture(), "level") - (format == LOG_JSON);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* What a peer might send to forge a field or a line. */
static const struct {
	const char *value;
	size_t len;
	const char *text, *json;
} hostile[] = {
	{ "plain-1.2:3", 11, "plain-1.2:3", "\"plain-1.2:3\"" },
	{ "", 0, "\"\"", "\"\"" },
	{ "a b", 3, "\"a b\"", "\"a b\"" },
	{ "x level=error", 13, "\"x level=error\"", "\"x level=error\"" },
	{ "a=b", 3, "\"a=b\"", "\"a=b\"" },
	{ "a\nts=1", 6, "\"a\\u000ats=1\"", "\"a\\u000ats=1\"" },
	{ "a\r\n", 3, "\"a\\u000d\\u000a\"", "\"a\\u000d\\u000a\"" },
	{ "a\" b=\"c", 7, "\"a\\\" b=\\\"c\"", "\"a\\\" b=\\\"c\"" },
	{ "a\\", 2, "\"a\\\\\"", "\"a\\\\\"" },
	{ "a\\\" b=1", 7, "\"a\\\\\\\" b=1\"", "\"a\\\\\\\" b=1\"" },
	{ "\0\x1b[2J", 5, "\"\\u0000\\u001b[2J\"", "\"\\u0000\\u001b[2J\"" },
	{ "\x7f", 1, "\"\\u007f\"", "\"\\u007f\"" },
	{ "\xff\xc3", 2, "\"\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\"" },
	{ "\xc3\xa9", 2, "\"\\u00e9\"", "\"\\u00e9\"" },
	{ "\xe2\x80\xae", 3, "\"\\u202e\"", "\"\\u202e\"" },
	{ "\xc2\x85", 2, "\"\\u0085\"", "\"\\u0085\"" },
	{ "\xf0\x9f\x98\x80", 4, "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"" },
	{ "\",\"level\":\"error", 16, "\"\\\",\\\"level\\\":\\\"error\"",
	  "\"\\\",\\\"level\\\":\\\"error\"" },
};

START_TEST(no_bytes_can_forge_a_field_or_a_line_of_text)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		char want[256];
		snprintf(want, sizeof(want),
			 "level=info svc=svc event=tested v=%s n=-1\n",
			 hostile[i].text);
		ck_assert_str_eq(
			line_with(LOG_TEXT, hostile[i].value, hostile[i].len),
			want);
	}
}
END_TEST

START_TEST(no_bytes_can_forge_a_field_or_a_line_of_json)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		char want[256];
		snprintf(want, sizeof(want),
			 "\"level\":\"info\",\"svc\":\"svc\",\"event\":"
			 "\"tested\",\"v\":%s,\"n\":-1}\n",
			 hostile[i].json);
		ck_assert_str_eq(
			line_with(LOG_JSON, hostile[i].value, hostile[i].len),
			want);
		struct json_object *o = json_tokener_parse(output);
		ck_assert_ptr_nonnull(o);
		ck_assert_int_eq(json_object_object_length(o), 6);
		json_object_put(o);
	}
}
END_TEST

START_TEST(every_byte_string_gives_one_printable_line)
{
	unsigned seed = 3;

	for (int turn = 0; turn < 300; turn++) {
		char value[64];
		for (size_t i = 0; i < sizeof(value); i++) {
			seed = seed * 1103515245 + 12345;
			value[i] = (char)(seed >> 16);
		}
		line_with(turn % 2 ? LOG_JSON : LOG_TEXT, value, sizeof(value));
		size_t len = strlen(output);
		for (size_t i = 0; i < len - 1; i++)
			ck_assert(output[i] >= ' ' && output[i] < 0x7f);
		ck_assert_int_eq(output[len - 1], '\n');
	}
}
END_TEST

START_TEST(all_kinds_of_fields_are_written)
{
	struct log_line l;
	struct addr a;

	ck_assert_int_eq(addr_parse("[2001:db8::1]:5", 0, &a), 0);
	log_setup("svc", LOG_DEBUG, LOG_TEXT);
	start_capture();
	log_begin(&l, LOG_DEBUG, "tested");
	log_str(&l, "s", "x");
	log_str(&l, "null", NULL);
	log_int(&l, "i", INT64_MIN);
	log_uint(&l, "u", UINT64_MAX);
	log_addr(&l, "peer", &a);
	log_err(&l, "err", -ECONNREFUSED);
	log_end(&l);
	log_end(&l);
	const char *text = stop_capture();
	ck_assert_str_eq(strstr(text, "level"),
			 "level=debug svc=svc event=tested s=x null=\"\" "
			 "i=-9223372036854775808 u=18446744073709551615 "
			 "peer=[2001:db8::1]:5 err=\"Connection refused\"\n");
	ck_assert_int_eq(text[0], 't');
	ck_assert_int_eq(text[strlen("ts=2026-11-23T10:00:00.000")], 'Z');
}
END_TEST

START_TEST(a_long_line_is_cut_at_a_field_boundary)
{
	static char value[LOG_LINE_MAX];

	memset(value, 'x', sizeof(value));
	for (size_t len = 0; len < sizeof(value); len += 7) {
		const char *text = line_with(LOG_JSON, value, len);
		struct json_object *o = json_tokener_parse(output);
		ck_assert_msg(o, "length %zu: %s", len, text);
		ck_assert_uint_le(strlen(output), LOG_LINE_MAX);
		bool cut = json_object_object_get(o, "cut");
		ck_assert_int_eq(cut, !json_object_object_get(o, "n"));
		json_object_put(o);
	}
	line_with(LOG_TEXT, value, sizeof(value));
	ck_assert_ptr_nonnull(strstr(output, "event=tested cut=true\n"));
}
END_TEST

START_TEST(lines_below_the_level_are_not_written)
{
	log_setup("svc", LOG_WARN, LOG_TEXT);
	start_capture();
	log_debug("a", "x");
	log_info("b", "x");
	log_warn("c", "%d %s", 7, "sheep");
	log_error("d", "x");
	const char *text = stop_capture();
	ck_assert_uint_eq(count(text, "\n"), 2);
	ck_assert_ptr_nonnull(strstr(text, "event=c msg=\"7 sheep\"\n"));
	ck_assert(log_enabled(LOG_ERROR) && !log_enabled(LOG_INFO));
}
END_TEST

/* The limit counts by seconds of the monotonic clock: be at the start of one,
 * so that what follows lies within it. */
static void start_a_second(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec++;
	t.tv_nsec = 0;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

START_TEST(a_burst_of_one_event_is_limited_and_counted)
{
	log_setup("svc", LOG_INFO, LOG_TEXT);
	start_a_second();
	start_capture();
	for (int i = 0; i < 1000; i++)
		log_warn("noisy", "x");
	log_warn("other", "x");
	for (int i = 0; i < 100; i++)
		log_info("lifecycle", "x");
	stop_capture();
	ck_assert_uint_eq(count(output, "event=noisy"), LOG_BURST);
	ck_assert_uint_eq(count(output, "event=other"), 1);
	ck_assert_uint_eq(count(output, "event=lifecycle"), 100);

	start_a_second();
	start_capture();
	log_warn("noisy", "x");
	log_warn("noisy", "x");
	stop_capture();
	ck_assert_uint_eq(count(output, "suppressed=990"), 1);
	ck_assert_uint_eq(count(output, "event=noisy"), 2);
}
END_TEST

START_TEST(more_event_names_than_rows_still_log)
{
	static char names[300][32];

	log_setup("svc", LOG_INFO, LOG_TEXT);
	start_capture();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(names[i], sizeof(names[i]), "event%zu", i);
		log_warn(names[i], "x");
	}
	stop_capture();
	ck_assert_uint_ge(count(output, "\n"), 127);
	ck_assert_uint_le(count(output, "\n"), 127 + 2 * LOG_BURST);
}
END_TEST

static void *log_many(void *ctx)
{
	for (int i = 0; i < 200; i++)
		log_info(ctx, "the same words in every line of this thread");
	return NULL;
}

START_TEST(lines_of_several_threads_do_not_mix)
{
	static char names[4][4] = { "one", "two", "six", "ten" };
	pthread_t threads[4];

	log_setup("svc", LOG_INFO, LOG_TEXT);
	start_capture();
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, log_many, names[i]),
			0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	stop_capture();
	ck_assert_uint_eq(count(output, "\n"), 800);
	ck_assert_uint_eq(count(output, "\nts="), 799);

	ck_assert_uint_eq(count(output, "of this thread\"\n"), 800);
}
END_TEST

START_TEST(levels_and_formats_are_parsed)
{
	enum log_level level;
	enum log_format format;

	ck_assert_int_eq(log_level_parse("warn", &level), 0);
	ck_assert_int_eq(level, LOG_WARN);
	ck_assert_int_eq(log_format_parse("json", &format), 0);
	ck_assert_int_eq(format, LOG_JSON);
	ck_assert_int_eq(log_level_parse("loud", &level), -EINVAL);
	ck_assert_int_eq(log_format_parse("xml", &format), -EINVAL);
}
END_TEST

UNIT_MAIN("log", no_bytes_can_forge_a_field_or_a_line_of_text,
	  no_bytes_can_forge_a_field_or_a_line_of_json,
	  every_byte_string_gives_one_printable_line,
	  all_kinds_of_fields_are_written,
	  a_long_line_is_cut_at_a_field_boundary,
	  lines_below_the_level_are_not_written,
	  a_burst_of_one_event_is_limited_and_counted,
	  more_event_names_than_rows_still_log,
	  lines_of_several_threads_do_not_mix, levels_and_formats_are_parsed)
