#include "tests/unit/hbbr/halves.h"

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

START_TEST(a_banned_address_is_cut_and_refused_until_the_ban_ends)
{
	struct ipset banned = { 0 }, none = { 0 };
	int fds[2];

	setup();
	ck_assert_int_eq(ipset_add(&banned, "127.0.0.0/8"), 0);
	join_pair("u", fds);
	ck_assert_int_eq(front_ban(&front, &banned), 0);
	expect_closed(fds[0]);
	expect_closed(fds[1]);
	expect_closed(dial());
	/* What the console lists is the file's. */
	ck_assert_uint_eq(front.blocked.n, 0);
	live_until(&live, front_sessions(&front) == 0);
	ck_assert_int_eq(front_ban(&front, &none), 0);
	join_pair("u", fds);
	close(fds[0]);
	expect_closed(fds[1]);
	ipset_fini(&banned);
	teardown();
}
END_TEST

static void ban_all(void)
{
	struct ipset banned = { 0 };

	ck_assert_int_eq(ipset_add(&banned, "127.0.0.0/8"), 0);
	ck_assert_int_eq(front_ban(&front, &banned), 0);
	ipset_fini(&banned);
}

static void block_all(void)
{
	command(dial_console(), "Ba 127.0.0.1", "");
}

START_TEST(halves_that_came_before_a_ban_are_not_joined_after_it)
{
	void (*const keep_out[])(void) = { ban_all, block_all };

	setup();
	for (int i = 0; i < 2; i++) {
		int first = join_parked("u"), second = dial();

		live_until(&live, told(M_HANDSHAKING) == 1);
		keep_out[i]();
		send_first(second, "u", "KEY");
		expect_closed(first);
		expect_closed(second);
		live_until(&live, front_sessions(&front) == 0);
		ck_assert_uint_eq(waiting(), 0);
		ck_assert_int_eq(front_ban(&front, &(struct ipset){ 0 }), 0);
	}
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

LIVE_MAIN("console", the_console_answers_on_its_socket_and_on_loopback,
	  relay_frames_from_loopback_are_no_commands,
	  a_blocked_address_is_cut_and_refused,
	  a_banned_address_is_cut_and_refused_until_the_ban_ends,
	  halves_that_came_before_a_ban_are_not_joined_after_it,
	  the_console_drops_who_says_nothing)
