#include "common/process/console.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/common/live.h"
#include "tests/unit/unit.h"

enum { BIG = CONSOLE_ANSWER_MAX }; /* more than a socket buffer holds */

static uint64_t hurried_ms; /* timers of so long fire at once; 0: none */

void __real_timer_start(struct timer *t, uint64_t after_ms, uint64_t repeat_ms);
void __wrap_timer_start(struct timer *t, uint64_t after_ms, uint64_t repeat_ms);

void __wrap_timer_start(struct timer *t, uint64_t after_ms, uint64_t repeat_ms)
{
	__real_timer_start(t, after_ms == hurried_ms ? 1 : after_ms, repeat_ms);
}

struct site {
	struct live l;
	struct console *console;
	struct console_call *waiting;
	char dir[32];
	char path[64];
	char line[CONSOLE_LINE_MAX + 1]; /* as it was run last */
	unsigned runs;
	unsigned gone;
	int other; /* handed over; -1: nothing */
	char *answer;
	size_t len;
};

/* "later" is answered later, "big" at length, what else is told back. */
static bool on_run(void *ctx, struct console_call *call, char *line,
		   struct buf *out)
{
	struct site *s = ctx;

	s->runs++;
	snprintf(s->line, sizeof s->line, "%s", line);
	if (strcmp(line, "later") == 0) {
		s->waiting = call;
		return false;
	}
	if (strcmp(line, "big") == 0) {
		uint8_t *to = buf_reserve(out, BIG);
		ck_assert_ptr_nonnull(to);
		for (size_t i = 0; i < BIG; i++)
			to[i] = (uint8_t)(i % 251);
		buf_wrote(out, BIG);
		ck_assert_int_lt(buf_append(out, "x", 1), 0);
		return true;
	}
	ck_assert_int_eq(buf_append(out, "ran ", 4), 0);
	ck_assert_int_eq(buf_append(out, line, strlen(line)), 0);
	return true;
}

static void on_gone(void *ctx, struct console_call *call)
{
	struct site *s = ctx;

	ck_assert_ptr_eq(call, s->waiting);
	s->waiting = NULL;
	s->gone++;
}

static void on_other(void *ctx, int fd, const struct addr *client)
{
	((struct site *)ctx)->other = fd;
	ck_assert_uint_eq(client->port, 77);
}

static void site_open(struct site *s)
{
	struct console_hooks h = { on_run, on_gone, on_other, s };

	*s = (struct site){ .other = -1, .answer = malloc(BIG + 2) };
	strcpy(s->dir, "/tmp/console-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	snprintf(s->path, sizeof s->path, "%s/x.sock", s->dir);
	live_start(&s->l);
	ck_assert_int_eq(
		console_open(&s->l.loop, s->dir, "x.sock", &h, &s->console), 0);
}

static void site_close(struct site *s)
{
	console_close(s->console);
	live_end(&s->l);
	ck_assert_int_eq(rmdir(s->dir), 0); /* the socket is gone */
	free(s->answer);
}

static int call_in(const struct site *s)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(to.sun_path, s->path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Takes what is here; true at the end. */
static bool answered(struct site *s, int fd)
{
	ssize_t n =
		recv(fd, s->answer + s->len, BIG + 1 - s->len, MSG_DONTWAIT);

	if (n > 0)
		s->len += (size_t)n;
	s->answer[s->len] = '\0';
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void read_answer(struct site *s, int fd)
{
	s->len = 0;
	live_until(&s->l, answered(s, fd));
	close(fd);
}

static void ask(struct site *s, const char *line)
{
	int fd = call_in(s);

	live_write(fd, line, strlen(line));
	read_answer(s, fd);
}

START_TEST(a_command_is_run_without_its_line_end)
{
	static const char *const ends[] = { "", "\n", "\r\n", "\nnot this" };
	struct stat st;
	struct site s;
	char line[32];

	site_open(&s);
	ck_assert_int_eq(stat(s.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(line, sizeof line, "aur Y%s", ends[i]);
		ask(&s, line);
		ck_assert_str_eq(s.answer, "ran aur Y");
	}
	site_close(&s);
}
END_TEST

START_TEST(an_answer_is_sent_whole_to_a_slow_reader)
{
	struct site s;

	site_open(&s);
	int fd = call_in(&s);
	live_write(fd, "big\n", 4);
	live_until(&s.l, s.runs == 1);
	live_until(&s.l, answered(&s, fd));
	ck_assert_uint_eq(s.len, BIG);
	size_t good = 0;
	while (good < BIG && (uint8_t)s.answer[good] == good % 251)
		good++;
	ck_assert_uint_eq(good, BIG);
	close(fd);
	site_close(&s);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_refused_and_not_run_in_part)
{
	char line[CONSOLE_LINE_MAX + 3];
	struct site s;

	site_open(&s);
	memset(line, 'x', sizeof line);
	line[CONSOLE_LINE_MAX] = '\n';
	line[CONSOLE_LINE_MAX + 1] = '\0';
	ask(&s, line);
	ck_assert_uint_eq(strlen(s.line), CONSOLE_LINE_MAX);
	line[CONSOLE_LINE_MAX] = 'x';
	ask(&s, line);
	ck_assert_str_eq(s.answer, "a command has at most 1024 characters\n");
	ck_assert_uint_eq(s.runs, 1);
	site_close(&s);
}
END_TEST

START_TEST(a_line_an_answer_and_its_reading_have_their_time)
{
	struct site s;

	site_open(&s);
	hurried_ms = CONSOLE_LINE_MS;
	read_answer(&s, call_in(&s)); /* says nothing */
	ck_assert_uint_eq(s.len, 0);
	ck_assert_uint_eq(s.runs, 0);
	hurried_ms = CONSOLE_ANSWER_MS;
	ask(&s, "later"); /* and nobody answers it */
	ck_assert_uint_eq(s.len, 0);
	ck_assert_uint_eq(s.gone, 1);
	int fd = call_in(&s);
	live_write(fd, "big", 3); /* and nobody reads it */
	struct pollfd end = { .fd = fd };
	live_until(&s.l, poll(&end, 1, 0) == 1 && end.revents & POLLHUP);
	read_answer(&s, fd);
	ck_assert_uint_gt(s.len, 0);
	ck_assert_uint_lt(s.len, BIG);
	hurried_ms = 0;
	site_close(&s);
}
END_TEST

START_TEST(an_answer_may_come_later_and_its_caller_may_be_gone)
{
	struct site s;

	site_open(&s);
	int fd = call_in(&s);
	live_write(fd, "later\n", 6);
	live_until(&s.l, s.waiting);
	ask(&s, "meanwhile");
	ck_assert_str_eq(s.answer, "ran meanwhile");
	ck_assert_int_eq(buf_append(console_out(s.waiting), "done", 4), 0);
	console_answer(s.waiting);
	s.waiting = NULL;
	read_answer(&s, fd);
	ck_assert_str_eq(s.answer, "done");

	fd = call_in(&s);
	live_write(fd, "later\n", 6);
	live_until(&s.l, s.waiting);
	console_close(s.console);
	ck_assert_uint_eq(s.gone, 1);
	s.console = NULL;
	read_answer(&s, fd);
	ck_assert_uint_eq(s.len, 0);
	site_close(&s);
}
END_TEST

START_TEST(more_callers_than_admins_are_turned_away)
{
	int fds[CONSOLE_CALLS_MAX];
	struct site s;

	site_open(&s);
	for (size_t i = 0; i < CONSOLE_CALLS_MAX; i++)
		fds[i] = call_in(&s);
	ask(&s, "one too many");
	ck_assert_uint_eq(s.len, 0);
	ck_assert_uint_eq(s.runs, 0);
	live_write(fds[0], "h", 1);
	read_answer(&s, fds[0]);
	ck_assert_str_eq(s.answer, "ran h");
	ask(&s, "there is room");
	ck_assert_uint_eq(s.runs, 2);
	for (size_t i = 1; i < CONSOLE_CALLS_MAX; i++)
		close(fds[i]);
	site_close(&s);
}
END_TEST

START_TEST(what_is_offered_is_a_command_or_handed_over_unread)
{
	struct addr client = { .port = 77 };
	char first[2];
	struct site s;
	int fds[2];

	site_open(&s);
	for (unsigned i = 0; i < 2; i++) { /* a lone letter, a word */
		live_pair(fds);
		console_offer(s.console, fds[0], &client);
		live_write(fds[1], "rs", i + 1);
		read_answer(&s, fds[1]);
		ck_assert_str_eq(s.answer, i == 0 ? "ran r" : "ran rs");
	}
	live_pair(fds);
	console_offer(s.console, fds[0], &client);
	live_write(fds[1], "\x14\xa2", 2);
	live_until(&s.l, s.other >= 0);
	live_read(s.other, first, 2);
	ck_assert_int_eq(memcmp(first, "\x14\xa2", 2), 0);
	close(s.other);
	close(fds[1]);
	ck_assert_uint_eq(s.runs, 2);
	site_close(&s);
}
END_TEST

START_TEST(a_socket_that_cannot_be_made_is_done_without)
{
	struct console_hooks h = { .run = on_run };
	struct console *c = NULL;
	struct live l;

	live_start(&l);
	ck_assert_int_eq(console_open(&l.loop, "/proc/none", "x.sock", &h, &c),
			 0);
	ck_assert_ptr_nonnull(c);
	console_close(c);
	live_end(&l);
}
END_TEST

START_TEST(commands_and_frames_are_told_apart)
{
	static const struct {
		const char *hex;
		int verdict;
	} rows[] = {
		{ "", 0 },
		{ "68", 0 },
		{ "680a", 1 },
		{ "7273", 1 },
		{ "7220", 1 },
		{ "6220312e322e332e340d0a", 1 }, /* b 1.2.3.4 */
		{ "727320c3bc2e6578616d706c65", 1 },
		{ "0a", -1 },
		{ "31", -1 },
		{ "14a2", -1 },
		{ "68ba", -1 },
		{ "00", -1 },
		{ "6101ba", -1 },
		{ "16030100", -1 },
		{ "68920118", -1 }, /* 'h' as a head of 26 bytes */
		{ "619201", -1 },
		{ "5192014e", -1 },
		{ "7a4092", -1 },
		{ "7a404a4a9201", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t data[16];
		size_t len = unhex(rows[i].hex, data, sizeof data);
		ck_assert_msg(console_judge(data, len) == rows[i].verdict, "%s",
			      rows[i].hex);
	}
}
END_TEST

LIVE_MAIN("console", a_command_is_run_without_its_line_end,
	  an_answer_is_sent_whole_to_a_slow_reader,
	  a_line_that_is_too_long_is_refused_and_not_run_in_part,
	  a_line_an_answer_and_its_reading_have_their_time,
	  an_answer_may_come_later_and_its_caller_may_be_gone,
	  more_callers_than_admins_are_turned_away,
	  what_is_offered_is_a_command_or_handed_over_unread,
	  a_socket_that_cannot_be_made_is_done_without,
	  commands_and_frames_are_told_apart)
