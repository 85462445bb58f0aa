#include <signal.h>
#include <sys/un.h>

#include "services/hbbr/edge/console.h"
#include "services/hbbr/front/entry.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/front/pairing.h"
#include "services/hbbr/pairing/handshake.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"
#include "tests/unit/common/live.h"

/* A whole front on a free port, its pumps on the same loop. */
static struct live live;
static struct settings cfg;
static struct front front;
static struct console *console;
static bool closed;
static char folder[32];
static char path[64];

static void on_console(void *ctx, int fd)
{
	(void)ctx;
	console_serve(console, fd);
}

static void on_usage(void *ctx, struct usage_row *rows, size_t n)
{
	(void)ctx;
	console_usage(console, rows, n);
}

static void on_closed(void *ctx)
{
	(void)ctx;
	closed = true;
}

static void setup_with(int64_t parked_per_ip)
{
	char any[] = "", *none = any;
	struct front_hooks hooks = {
		.is_command = console_sniff,
		.on_command = on_console,
		.on_usage = on_usage,
		.on_closed = on_closed,
	};

	signal(SIGPIPE, SIG_IGN);
	log_setup("test", LOG_ERROR, LOG_TEXT);
	snprintf(folder, sizeof(folder), "/tmp/hbbr-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/console", folder);
	live_start(&live);
	closed = false;
	cfg = (struct settings){
		.bind = none,
		.tls_cert = none,
		.tls_key = none,
		.max_sessions = 8,
		.max_parked = 8,
		.max_parked_per_ip = parked_per_ip,
		.max_message = 1 << 20,
		.bridge_memory = 64 << 20,
		.console = true,
	};
	ck_assert_int_eq(front_open(&front, &live.loop, &cfg, &hooks), 0);
	ck_assert_int_eq(console_open(&front, ".", path, &console), 0);
	ck_assert_int_eq(front_listen(&front, "KEY", NULL), 0);
}

static void setup(void)
{
	setup_with(4);
}

static size_t waiting(void)
{
	return pairing_waiting(front.pairing);
}

/* What a metric says now. */
static uint64_t told(enum hbbr_metric m)
{
	entry_tick(front.entry);
	return metric_get(&hbbr_metrics, m);
}

static void teardown(void)
{
	console_close(console);
	front_close(&front);
	live_until(&live, closed);
	live_end(&live);
	front_fini(&front);
	ck_assert_int_ne(access(path, F_OK), 0); /* the socket is gone */
	rmdir(folder);
}

static int dial(void)
{
	return live_connect(entry_port(front.entry));
}

/* Connects and sends a first frame. */
static int join(const char *uuid, const char *key)
{
	uint8_t frame[256];
	size_t u = strlen(uuid), k = strlen(key), n = 4 + u + k;
	int fd = dial();

	frame[0] = (uint8_t)((n + 3) << 2); /* at most 63 bytes */
	ck_assert_uint_le(n + 3, 63);
	frame[1] = 0x92;
	frame[2] = 0x01;
	frame[3] = (uint8_t)n;
	frame[4] = 0x12;
	frame[5] = (uint8_t)u;
	memcpy(frame + 6, uuid, u);
	frame[6 + u] = 0x32;
	frame[7 + u] = (uint8_t)k;
	memcpy(frame + 8 + u, key, k);
	live_write(fd, frame, n + 4);
	return fd;
}

static int join_parked(const char *uuid)
{
	size_t before = waiting();
	int fd = join(uuid, "KEY");

	live_until(&live, waiting() == before + 1);
	return fd;
}

static void join_pair(const char *uuid, int fds[2])
{
	size_t before = front_sessions(&front);

	fds[0] = join_parked(uuid);
	fds[1] = join(uuid, "KEY");
	live_until(&live, front_sessions(&front) == before + 1);
}

static void expect(int fd, const char *text)
{
	char got[4096];
	size_t have = 0, len = strlen(text);

	while (have < len) {
		ssize_t n = recv(fd, got + have, len - have, MSG_DONTWAIT);
		if (n > 0)
			have += (size_t)n;
		live_turn(&live, 1);
		ck_assert(!live.late);
	}
	ck_assert_mem_eq(got, text, len);
}

static void expect_closed(int fd)
{
	live_until(&live, live_ended(fd));
	close(fd);
}

START_TEST(two_halves_are_joined_and_a_third_is_refused)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	live_write(fds[0], "to", 2);
	expect(fds[1], "to");
	live_write(fds[1], "fro", 3);
	expect(fds[0], "fro");
	expect_closed(join("u", "KEY"));
	close(fds[0]);
	expect_closed(fds[1]);
	live_until(&live, front_sessions(&front) == 0);
	/* The uuid is free again, and so are all places of the address. */
	static const char *const uuids[4] = { "u", "v", "w", "x" };
	int fd[4];
	for (int i = 0; i < 4; i++)
		fd[i] = join_parked(uuids[i]);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	live_until(&live, waiting() == 0);
	teardown();
}
END_TEST

START_TEST(a_wrong_key_is_refused_without_a_byte)
{
	setup();
	expect_closed(join("u", "KEX"));
	expect_closed(join("u", ""));
	expect_closed(join("", "KEY"));
	ck_assert_uint_eq(waiting(), 0);
	teardown();
}
END_TEST

START_TEST(data_behind_the_first_frame_survives_an_early_close)
{
	setup();
	int a = join_parked("u");
	live_write(a, "early", 5);
	close(a);
	int b = join("u", "KEY");
	expect(b, "early");
	expect_closed(b);
	teardown();
}
END_TEST

START_TEST(a_dead_half_is_not_paired)
{
	setup();
	int dead = join_parked("u");
	close(dead);
	live_until(&live, waiting() == 0);
	int reset = join_parked("u");
	live_write(reset, "early", 5);
	live_reset(reset);
	live_until(&live, waiting() == 0);
	int late = join_parked("u");
	live_write(late, "early", 5);
	close(late); /* and nobody joins within the grace */
	live_until(&live, waiting() == 0);
	ck_assert_uint_eq(front_sessions(&front), 0);
	int alive = join_parked("u");
	close(alive);
	teardown();
}
END_TEST

START_TEST(one_address_cannot_take_all_the_room)
{
	int fd[4];

	setup();
	fd[0] = dial(); /* says nothing, but counts */
	for (int i = 1; i < 4; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		fd[i] = join_parked(uuid);
	}
	expect_closed(join("u9", "KEY"));
	close(fd[0]); /* one leaves, one may come */
	live_until(&live, told(M_HANDSHAKING) == 0);
	int next = join_parked("u9");
	/* A paired connection does not count. */
	close(next);
	live_until(&live, waiting() == 3);
	int half = join("u1", "KEY");
	live_until(&live, front_sessions(&front) == 1);
	close(half);
	for (int i = 1; i < 4; i++)
		close(fd[i]);
	teardown();
}
END_TEST

START_TEST(the_oldest_without_a_frame_makes_room_for_who_has_one)
{
	enum { PLACES = 8 };
	int fd[PLACES];

	setup_with(0);
	for (int i = 0; i < PLACES; i++) {
		fd[i] = dial();
		live_until(&live, told(M_HANDSHAKING) == (size_t)i + 1);
	}
	int first = join_parked("u");
	expect_closed(fd[0]);
	ck_assert_uint_eq(told(M_HANDSHAKING), PLACES - 1);
	for (int i = 1; i < PLACES; i++)
		close(fd[i]);
	close(first);
	teardown();
}
END_TEST

START_TEST(who_waits_for_the_other_half_makes_no_room)
{
	enum { PLACES = 8 };
	int fd[PLACES];

	setup_with(0);
	for (int i = 0; i < PLACES; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		fd[i] = join_parked(uuid);
	}
	expect_closed(join("w", "KEY"));
	ck_assert_uint_eq(waiting(), PLACES);
	for (int i = 0; i < PLACES; i++)
		close(fd[i]);
	teardown();
}
END_TEST

START_TEST(other_protocols_are_known_by_their_first_bytes)
{
	static const struct {
		const char *data;
		size_t len;
		enum hbbr_metric what;
	} rows[] = {
		{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11,
		  M_FOREIGN_TLS },
		{ "\x16\x03\x03\x00\x50\x01\x00\x00\x4c\x03\x03", 11,
		  M_FOREIGN_TLS },
		{ "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n", 32, M_FOREIGN_PROXY },
		{ "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16, M_FOREIGN_PROXY },
	};

	setup();
	cfg.console = false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t before = told(rows[i].what);
		int fd = dial();
		live_write(fd, rows[i].data, rows[i].len);
		expect_closed(fd);
		ck_assert_uint_eq(told(rows[i].what), before + 1);
	}
	teardown();
}
END_TEST

START_TEST(what_an_unfinished_first_frame_holds_counts)
{
	uint8_t head[FRAME_HEAD_MAX];

	setup();
	int fd = dial();
	live_write(fd, head, frame_put_head(head, HANDSHAKE_MAX));
	live_until(&live, front.memory.held >= HANDSHAKE_MAX);
	front.memory.max = HANDSHAKE_MAX + 100; /* and one more is too much */
	int other = dial();
	live_write(other, head, frame_put_head(head, HANDSHAKE_MAX));
	expect_closed(other);
	int small = join_parked("u"); /* an ordinary one gets in */
	close(small);
	close(fd);
	live_until(&live, front.memory.held == 0);
	teardown();
}
END_TEST

START_TEST(sessions_have_a_cap)
{
	int fds[8][2];

	setup();
	for (int i = 0; i < 8; i++) {
		char uuid[16];
		snprintf(uuid, sizeof(uuid), "u%d", i);
		join_pair(uuid, fds[i]);
	}
	int first = join_parked("v");
	expect_closed(join("v", "KEY"));
	ck_assert_uint_eq(waiting(), 1); /* it may still be joined */
	close(first);
	for (int i = 0; i < 8; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	teardown();
}
END_TEST

START_TEST(everything_ends_with_the_front)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	int silent = dial(), parked = join_parked("v");
	live_until(&live, told(M_HANDSHAKING) == 1);
	teardown();
	ck_assert(live_ended(fds[0]) && live_ended(fds[1]));
	ck_assert(live_ended(silent) && live_ended(parked));
	close(fds[0]);
	close(fds[1]);
	close(silent);
	close(parked);
}
END_TEST

/* --- the console -----------------------------------------------------------
 */

static int dial_console(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(to.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void command(int fd, const char *text, const char *answer)
{
	live_write(fd, text, strlen(text));
	expect(fd, answer);
	expect_closed(fd);
}

START_TEST(the_console_answers_on_its_socket_and_on_loopback)
{
	setup();
	command(dial_console(), "t", "0s\n");
	command(dial_console(), "sb 16\n", "");
	command(dial_console(), "sb", "16Mb/s\n");
	command(dial(), "sb", "16Mb/s\n");
	command(dial(), "u", "");
	teardown();
}
END_TEST

START_TEST(relay_frames_from_loopback_are_no_commands)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	close(fds[0]);
	expect_closed(fds[1]);
	teardown();
}
END_TEST

START_TEST(a_blocked_address_is_cut_and_refused)
{
	int fds[2];

	setup();
	join_pair("u", fds);
	command(dial_console(), "Ba 127.0.0.1", "");
	expect_closed(fds[0]);
	expect_closed(fds[1]);
	live_until(&live, front_sessions(&front) == 0);
	expect_closed(dial());
	command(dial_console(), "Br all", "");
	close(join_parked("u"));
	teardown();
}
END_TEST

START_TEST(the_console_drops_who_says_nothing)
{
	setup();
	int fd = dial_console();
	expect_closed(fd);
	teardown();
}
END_TEST

LIVE_MAIN("front", two_halves_are_joined_and_a_third_is_refused,
	  a_wrong_key_is_refused_without_a_byte,
	  data_behind_the_first_frame_survives_an_early_close,
	  a_dead_half_is_not_paired, one_address_cannot_take_all_the_room,
	  the_oldest_without_a_frame_makes_room_for_who_has_one,
	  who_waits_for_the_other_half_makes_no_room,
	  other_protocols_are_known_by_their_first_bytes,
	  what_an_unfinished_first_frame_holds_counts, sessions_have_a_cap,
	  everything_ends_with_the_front,
	  the_console_answers_on_its_socket_and_on_loopback,
	  relay_frames_from_loopback_are_no_commands,
	  a_blocked_address_is_cut_and_refused,
	  the_console_drops_who_says_nothing)
