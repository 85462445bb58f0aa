#include "../unit.h"

#include "services/api/jobs/recording.h"

START_TEST(a_recording_says_whose_it_is)
{
	static const struct {
		const char *name, *id;
	} rows[] = {
		{ "incoming_123456789_20260101123000123_display0_vp9.webm",
		  "123456789" },
		{ "incoming_my_pc-1_20260101123000123_display0_h264.mp4",
		  "my_pc-1" },
		{ "s123456789_20260101123000_VP9.webm", "123456789" },
		{ "incoming_1_2_20260101123000_x.webm", "1_2" },
		{ "incoming_123456789_2026_vp9.webm", NULL },
		{ "incoming__20260101123000_vp9.webm", NULL },
		{ "outgoing_123456789_20260101123000123_display0_vp9.webm",
		  NULL },
		{ "incoming_123456789", NULL },
		{ "c123456789_20260101123000_VP9.webm", NULL },
		{ "s", NULL },
		{ "", NULL },
	};
	char id[RECORDING_ID];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool found = recording_device(rows[i].name, id);
		ck_assert_msg(found == (bool)rows[i].id, "%s", rows[i].name);
		if (found)
			ck_assert_str_eq(id, rows[i].id);
	}
}
END_TEST

START_TEST(an_id_that_is_too_long_names_no_device)
{
	char name[RECORDING_NAME], id[RECORDING_ID];

	memset(name, 0, sizeof(name));
	strcpy(name, "incoming_");
	memset(name + 9, 'a', RECORDING_ID - 1);
	strcpy(name + 9 + RECORDING_ID - 1, "_20260101123000_");
	ck_assert(recording_device(name, id));
	strcpy(name + 9, "a");
	memset(name + 9, 'a', RECORDING_ID);
	strcpy(name + 9 + RECORDING_ID, "_20260101123000_");
	ck_assert(!recording_device(name, id));
}
END_TEST

START_TEST(a_kept_name_says_when_it_began_and_what_it_was_sent_as)
{
	static const struct {
		const char *name, *began, *sent_as;
	} rows[] = {
		{ "incoming_1_20260131123059123_display0_vp9.webm",
		  "2026-01-31 12:30:59",
		  "incoming_1_20260131123059123_display0_vp9.webm" },
		{ "s1_2_20260131123059_VP9~12.webm", "2026-01-31 12:30:59",
		  "s1_2_20260131123059_VP9.webm" },
		{ "incoming_1_20260131123059_x~2", "2026-01-31 12:30:59",
		  "incoming_1_20260131123059_x" },
		{ "other.webm", NULL, "other.webm" },
		{ "incoming_1_2026_x.webm", NULL, "incoming_1_2026_x.webm" },
	};
	char began[RECORDING_TIME], sent_as[RECORDING_NAME];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = rows[i].name;
		bool says = recording_began(name, began);

		ck_assert_msg(says == (bool)rows[i].began, "%s", name);
		if (says)
			ck_assert_str_eq(began, rows[i].began);
		recording_sent_as(name, sent_as);
		ck_assert_str_eq(sent_as, rows[i].sent_as);
		ck_assert(recording_kept_ok(name));
	}
	ck_assert(!recording_kept_ok(".ready.a") && !recording_kept_ok("") &&
		  !recording_kept_ok(NULL) && !recording_kept_ok("a/b"));
}
END_TEST

START_TEST(only_plain_file_names_are_taken)
{
	static const char *const bad[] = { "",         ".x",   "../x", "/x",
					   "a/b",      "a\\b", "a~2",  "a b",
					   "\xc3\xa4", "..",   "a:b",  "a\nb" };
	char longest[RECORDING_NAME_MAX + 2] = { 0 };

	ck_assert(!recording_name_ok(NULL));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!recording_name_ok(bad[i]), "%s", bad[i]);
	memset(longest, 'a', RECORDING_NAME_MAX);
	ck_assert(recording_name_ok(longest));
	longest[RECORDING_NAME_MAX] = 'a';
	ck_assert(!recording_name_ok(longest));
}
END_TEST

START_TEST(the_next_of_a_name_gets_a_number_before_its_ending)
{
	char longest[RECORDING_NAME_MAX + 1] = { 0 }, out[RECORDING_NAME];

	recording_name("a.b.webm", 1, out);
	ck_assert_str_eq(out, "a.b.webm");
	recording_name("a.b.webm", 2, out);
	ck_assert_str_eq(out, "a.b~2.webm");
	recording_name("plain", 99, out);
	ck_assert_str_eq(out, "plain~99");
	memset(longest, 'a', RECORDING_NAME_MAX);
	recording_name(longest, RECORDING_SAME_MAX, out);
	ck_assert_uint_eq(strlen(out), RECORDING_NAME_MAX + 3);
}
END_TEST

UNIT_MAIN("recording", a_recording_says_whose_it_is,
	  an_id_that_is_too_long_names_no_device,
	  a_kept_name_says_when_it_began_and_what_it_was_sent_as,
	  only_plain_file_names_are_taken,
	  the_next_of_a_name_gets_a_number_before_its_ending)
