#include <errno.h>
#include <unistd.h>

#include "services/api/account/identity.h"
#include "services/api/account/oidc_person.h"
#include "services/api/base/breaker.h"
#include "services/api/base/html.h"
#include "services/api/base/message.h"
#include "services/api/core/app.h"
#include "services/api/core/base_url.h"
#include "services/api/core/lanes.h"
#include "services/api/core/outside.h"
#include "services/api/jobs/jobs.h"
#include "tests/unit/unit.h"

START_TEST(two_failures_open_the_breaker_and_one_probe_goes)
{
	struct breaker b = { 0 };

	ck_assert(breaker_ask(&b, 1000));
	breaker_failed(&b, 1000, 1500);
	ck_assert(breaker_ask(&b, 1500));
	breaker_failed(&b, 1500, 2000);
	ck_assert(breaker_down(&b));
	ck_assert(!breaker_ask(&b, 2001));
	ck_assert(breaker_ask(&b, 2000 + BREAKER_PAUSE_MS));
	ck_assert(!breaker_ask(&b, 2001 + BREAKER_PAUSE_MS));
	breaker_answered(&b, 5000, 5010);
	ck_assert(breaker_ask(&b, 5010) && !breaker_down(&b));
}
END_TEST

START_TEST(calls_under_way_together_are_one_failure)
{
	struct breaker b = { 0 };

	for (int i = 0; i < 50; i++)
		breaker_failed(&b, 1000, 6000);
	ck_assert_uint_eq(b.failures, BREAKER_FAILURES);
	ck_assert(breaker_ask(&b, 6000 + BREAKER_PAUSE_MS));
}
END_TEST

START_TEST(pauses_grow_to_a_limit_and_slowness_is_an_average)
{
	struct breaker b = { 0 };
	uint64_t now = 1000;

	for (int i = 0; i < 40; i++) {
		breaker_failed(&b, now, now);
		ck_assert_uint_le(b.retry_ms - (b.retry_ms ? now : 0),
				  BREAKER_PAUSE_MAX_MS);
		now += BREAKER_PAUSE_MAX_MS;
	}
	ck_assert_uint_eq(b.retry_ms,
			  now - BREAKER_PAUSE_MAX_MS + BREAKER_PAUSE_MAX_MS);
	breaker_answered(&b, now, now + 3000);
	ck_assert(!breaker_slow(&b));
	for (int i = 0; i < 10; i++)
		breaker_answered(&b, now, now + 3000);
	ck_assert(breaker_slow(&b));
}
END_TEST

static const char *id(struct pool *p, const char *attr, const char *data,
		      size_t len)
{
	return identity_text(p, attr, (const uint8_t *)data, len);
}

START_TEST(ids_are_bytes_with_a_length)
{
	static const char a[16] = "\x41\x00\xb2\x03\x04\x05\x06\x07\x08";
	static const char b[16] = "\x41\x00\xff\x03\x04\x05\x06\x07\x08";
	struct pool p = { 0 };

	ck_assert_str_eq(id(&p, "objectGUID", a, 16),
			 "03b20041-0504-0706-0800-000000000000");
	ck_assert_str_ne(id(&p, "OBJECTguid", a, 16),
			 id(&p, "objectGUID", b, 16));
	ck_assert_str_ne(id(&p, "x", a, 16), id(&p, "x", b, 16));
	ck_assert_str_ne(id(&p, "x", "a\0", 2), id(&p, "x", "a", 1));
	ck_assert_str_eq(id(&p, "entryUUID", "plain", 5), "plain");
	/* Text cannot pretend to be what bytes become. */
	ck_assert_str_ne(id(&p, "x", "hex-6100", 8), id(&p, "x", "a\0", 2));
	pool_fini(&p);
}
END_TEST

START_TEST(sender_forms)
{
	static const struct {
		const char *text, *name, *address;
	} good[] = {
		{ "a@b.c", "", "a@b.c" },
		{ " a@b.c ", "", "a@b.c" },
		{ "<a@b.c>", "", "a@b.c" },
		{ "Ann B <a@b.c>", "Ann B", "a@b.c" },
		{ "\"B, Ann \\\"x\\\"\" <a@b.c>", "B, Ann \"x\"", "a@b.c" },
	};
	static const char *const bad[] = {
		"",       "a",    "Ann",          "a@b c@d",   "x <a@b",
		"a@b> x", "x <>", "A\nB <a@b.c>", "<a@b><c@d", "a@b.c, d@e.f"
	};
	struct mailbox m;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ck_assert_int_eq(mailbox_parse(good[i].text, &m), 0);
		ck_assert_str_eq(m.name, good[i].name);
		ck_assert_str_eq(m.address, good[i].address);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(mailbox_parse(bad[i], &m) < 0, "%s", bad[i]);
}
END_TEST

START_TEST(a_message_has_only_its_own_headers)
{
	struct pool p = { 0 };
	char longest[3000];
	struct message m = { .to = "t@x.y",
			     .subject = "a\r\nBcc: e@v.il",
			     .body = "x\ny\rz",
			     .id = "i" };

	ck_assert_int_eq(mailbox_parse("N <f@x.y>", &m.from), 0);
	const char *text = message_compose(&p, &m);
	ck_assert_ptr_null(strstr(text, "Bcc"));
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nx\r\ny\r\nz\r\n"));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	m.body = longest;
	text = message_compose(&p, &m);
	ck_assert_ptr_nonnull(strstr(text, "base64"));
	while (text) {
		ck_assert_uint_le(strcspn(text, "\r"), 998);
		text = strstr(text, "\r\n");
		text = text ? text + 2 : NULL;
	}
	pool_fini(&p);
}
END_TEST

START_TEST(known_hosts)
{
	static const char names[] = "a.example, b.example:8443";
	static const char *const good[] = { "localhost",   "LOCALHOST:1",
					    "127.0.0.1:9", "[::1]",
					    "[::1]:21114", "a.example",
					    "A.example:5", "b.example:8443" };
	static const char *const bad[] = { "",
					   ":",
					   ":80",
					   "b.example",
					   "a.example:x",
					   "a.example/",
					   "a.example@e",
					   "[::1",
					   "[::1].evil",
					   "localhost.evil",
					   "xa.example" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(base_url_known(names, good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!base_url_known(names, bad[i]), "%s", bad[i]);
	ck_assert(!base_url_known("", "a.example"));
}
END_TEST

START_TEST(text_stays_text)
{
	struct pool p = { 0 };

	ck_assert_str_eq(html_escape(&p, "<a href=\"x\">'&"),
			 "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
	ck_assert_str_eq(oidc_person_name(&p, "short", "s"), "short");
	pool_fini(&p);
}
END_TEST

/* --- what is remembered of services ----------------------------------------
 */

static bool fails(struct app *app, unsigned n)
{
	char name[16];

	snprintf(name, sizeof(name), "hook %u", n);
	for (unsigned i = 0; i < BREAKER_FAILURES; i++)
		outside_note(app, OUTSIDE_WEBHOOK, name, app_tick_ms(), "gone");
	return !outside_ask(app, OUTSIDE_WEBHOOK, name);
}

START_TEST(a_target_rests_longer_each_time_up_to_a_limit)
{
	static const uint64_t seconds[] = { 10, 40, 160, 600, 600, 600 };

	for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
		int64_t failures = (int64_t)i + 1;

		ck_assert_uint_eq(jobs_pause_ms(failures, false),
				  seconds[i] * 1000);
		ck_assert_uint_eq(jobs_pause_ms(failures, true),
				  i == 0 ? JOBS_PAUSE_MS
					 : JOBS_SIGN_IN_PAUSE_MS);
	}
	ck_assert_uint_eq(jobs_pause_ms(INT64_MAX, false), JOBS_PAUSE_MAX_MS);
}
END_TEST

START_TEST(of_so_many_services_it_is_known_that_they_are_down)
{
	static _Atomic uint64_t values[API_METRICS];
	static struct app app;

	app.metrics = (struct metric_set){ NULL, values, API_METRICS };
	app.outside = outside_open();
	for (unsigned i = 0; i < OUTSIDE_MAX; i++)
		ck_assert(fails(&app, i));
	ck_assert(!outside_ask(&app, OUTSIDE_WEBHOOK, "hook 0"));
	ck_assert(fails(&app, OUTSIDE_MAX)); /* in the place of another one */
	unsigned forgotten = 0;
	for (unsigned i = 0; i < OUTSIDE_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "hook %u", i);
		forgotten += outside_ask(&app, OUTSIDE_WEBHOOK, name);
	}
	ck_assert_uint_ge(forgotten, 1);
	outside_close(app.outside);
}
END_TEST

/* --- lanes ---------------------------------------------------------------- */

struct counted {
	struct lane_task task;
	_Atomic int *ran, *late, *running, *most;
	_Atomic bool *go;
};

static void count(struct lane_task *t, bool late)
{
	struct counted *c = container_of(t, struct counted, task);

	if (late) {
		++*c->late;
	} else {
		int now = ++*c->running;

		if (now > *c->most)
			*c->most = now;
		while (!*c->go)
			usleep(1000);
		--*c->running;
	}
	++*c->ran;
}

START_TEST(a_key_and_an_address_have_their_shares)
{
	static _Atomic uint64_t values[API_METRICS];
	struct metric_set metrics = { NULL, values, API_METRICS };
	_Atomic int ran = 0, late = 0, running = 0, most = 0;
	_Atomic bool go = false;
	static struct counted tasks[LANE_QUEUE_MAX * 2];
	struct lanes *l;
	int taken = 0;

	ck_assert_int_eq(lanes_open(&metrics, &l), 0);
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
		tasks[i] = (struct counted){ .ran = &ran,
					     .late = &late,
					     .running = &running,
					     .most = &most,
					     .go = &go };
		tasks[i].task.run = count;
		strcpy(tasks[i].task.key, "k");
		tasks[i].task.from.ip[15] = (uint8_t)(i / 50 + 1);
		taken += lanes_put(l, LANE_WORLD, &tasks[i].task) == 0;
	}
	ck_assert_int_eq(taken, LANE_QUEUE_MAX / 2);
	/* Another key finds room and a thread. */
	struct counted other = tasks[0];
	_Atomic int other_ran = 0;
	other.ran = &other_ran;
	strcpy(other.task.key, "other");
	other.task.from.ip[15] = 99;
	ck_assert_int_eq(lanes_put(l, LANE_WORLD, &other.task), 0);
	while (running < 5)
		usleep(1000);
	ck_assert_int_eq(running, 5); /* four of one key and the other */
	go = true;
	lanes_stop(l);
	ck_assert_int_eq(ran, taken);
	ck_assert_int_eq(other_ran, 1);
	ck_assert_int_eq(lanes_put(l, LANE_WORLD, &other.task), -EBUSY);
	lanes_close(l);
}
END_TEST

UNIT_MAIN("outside", two_failures_open_the_breaker_and_one_probe_goes,
	  calls_under_way_together_are_one_failure,
	  pauses_grow_to_a_limit_and_slowness_is_an_average,
	  ids_are_bytes_with_a_length, sender_forms,
	  a_message_has_only_its_own_headers, known_hosts, text_stays_text,
	  a_target_rests_longer_each_time_up_to_a_limit,
	  of_so_many_services_it_is_known_that_they_are_down,
	  a_key_and_an_address_have_their_shares)
