#include "common/base/log.h"
#include "services/hbbr/front/link.h"
#include "tests/unit/common/live.h"

/* Two relays: the first has the half, the second dials it. */
enum { OWNER, DIALER };
enum { OWNER_EPOCH = 7, DIALER_EPOCH = 8 };

static struct live live;
static struct links links[2];
static bool redis_up;
static uint8_t secrets[2][HELLO_SECRET];
static bool waits[2]; /* the half of each relay still does */
static int fds[2];    /* of the link, when it is joined */
static int nfailed;
static uint64_t stopped_ms; /* the clock stands still there, unless 0 */
static struct hello said;   /* to the owner */
static struct link_half half;

uint64_t __real_loop_now(const struct loop *l);
uint64_t __wrap_loop_now(const struct loop *l);

uint64_t __wrap_loop_now(const struct loop *l)
{
	return stopped_ms != 0 ? stopped_ms : __real_loop_now(l);
}

static bool is_up(const void *ctx)
{
	(void)ctx;
	return redis_up;
}

static struct claims claims[2] = {
	{ .up = is_up, .epoch = OWNER_EPOCH, .secret = secrets[OWNER] },
	{ .up = is_up, .epoch = DIALER_EPOCH, .secret = secrets[DIALER] },
};

static bool on_challenge(void *ctx, const struct link_half *h,
			 struct hello *out)
{
	(void)ctx;
	ck_assert_uint_eq(h->serial, half.serial);
	*out = (struct hello){ .controller = true, .ws = true };
	ck_assert_int_eq(addr_parse("192.0.2.1:1", 0, &out->client), 0);
	strcpy(out->uuid, h->uuid);
	return waits[DIALER];
}

static void on_joined(void *ctx, const struct link_half *h, int fd,
		      const struct addr *far)
{
	(void)ctx;
	ck_assert_str_eq(h->uuid, "u");
	ck_assert(addr_is_loopback(far));
	fds[DIALER] = fd;
}

static void on_failed(void *ctx, const struct link_half *h)
{
	(void)ctx;
	ck_assert_uint_eq(h->serial, half.serial);
	ck_assert_uint_eq(h->owner, half.owner);
	nfailed++;
}

static bool on_hello(void *ctx, const struct hello *h)
{
	(void)ctx;
	said = *h;
	return waits[OWNER];
}

static void on_accepted(void *ctx, const struct hello *h, int fd)
{
	(void)ctx;
	(void)h;
	fds[OWNER] = fd;
}

static const struct link_events events = {
	.on_challenge = on_challenge,
	.on_joined = on_joined,
	.on_failed = on_failed,
	.on_hello = on_hello,
	.on_accepted = on_accepted,
};

static void setup(void)
{
	log_setup("test", LOG_ERROR, LOG_TEXT);
	live_start(&live);
	redis_up = true;
	nfailed = 0;
	stopped_ms = 0;
	memset(secrets, 1, sizeof secrets);
	half = (struct link_half){ .uuid = "u",
				   .serial = 5,
				   .owner = OWNER_EPOCH };
	for (int i = 0; i < 2; i++) {
		waits[i] = true;
		fds[i] = -1;
		links_init(&links[i], &live.loop, &events, NULL);
		ck_assert_int_eq(links_listen(&links[i], &claims[i], "", 0), 0);
	}
}

static void dial_at(uint16_t port)
{
	struct addr to;

	ck_assert_int_eq(addr_parse("127.0.0.1", port, &to), 0);
	ck_assert_int_eq(link_dial(&links[DIALER], &half, &to), 0);
}

static void dial(void)
{
	dial_at(links_port(&links[OWNER]));
}

static void teardown(void)
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		links_close(&links[i]);
		ck_assert_uint_eq(links[i].n, 0);
	}
	live_end(&live);
}

/* The link is closed on both sides, and nobody has it. */
static void expect_nothing(int failed)
{
	live_until(&live, links[OWNER].n == 0 && links[DIALER].n == 0);
	ck_assert_int_eq(nfailed, failed);
	ck_assert_int_eq(fds[OWNER], -1);
	ck_assert_int_eq(fds[DIALER], -1);
	teardown();
}

START_TEST(two_relays_that_share_a_secret_join_their_halves)
{
	char got[2];

	setup();
	dial();
	live_until(&live, fds[OWNER] >= 0 && fds[DIALER] >= 0);
	ck_assert_str_eq(said.uuid, "u");
	ck_assert_uint_eq(said.epoch, DIALER_EPOCH);
	ck_assert(said.controller && said.ws && !said.tunnel);
	live_write(fds[OWNER], "to", 2);
	live_until(&live, recv(fds[DIALER], got, 2, MSG_PEEK) == 2);
	ck_assert_mem_eq(got, "to", 2);
	teardown();
}
END_TEST

START_TEST(a_relay_that_does_not_have_the_half_says_so)
{
	setup();
	waits[OWNER] = false;
	dial();
	live_until(&live, nfailed == 1);
	expect_nothing(1);
}
END_TEST

START_TEST(another_secret_opens_nothing)
{
	setup();
	secrets[DIALER][0]++;
	dial();
	live_until(&live, nfailed == 1);
	expect_nothing(1);
}
END_TEST

START_TEST(another_relay_at_that_address_is_not_told_a_word)
{
	setup();
	said = (struct hello){ 0 };
	half.owner++;
	dial();
	live_until(&live, nfailed == 1);
	ck_assert_str_eq(said.uuid, "");
	expect_nothing(1);
}
END_TEST

START_TEST(nobody_there_is_a_failure)
{
	struct sockaddr_in deaf = { .sin_family = AF_INET };
	socklen_t len = sizeof deaf;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setup();
	deaf.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&deaf, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&deaf, &len), 0);
	dial_at(ntohs(deaf.sin_port));
	live_until(&live, nfailed == 1);
	close(fd);
	expect_nothing(1);
}
END_TEST

START_TEST(a_half_that_has_left_meanwhile_ends_its_link_quietly)
{
	setup();
	waits[DIALER] = false;
	dial();
	live_until(&live, links[DIALER].n == 0 && links[OWNER].n == 0);
	expect_nothing(0);
}
END_TEST

START_TEST(without_redis_no_link_is_taken)
{
	setup();
	redis_up = false;
	dial();
	live_until(&live, nfailed == 1);
	expect_nothing(1);
}
END_TEST

START_TEST(one_link_too_many_is_neither_dialed_nor_taken)
{
	enum { OTHERS = LINKS_MAX - 1 }; /* known by their number alone */
	struct addr to;
	char c;

	setup();
	ck_assert_int_eq(
		addr_parse("127.0.0.1", links_port(&links[OWNER]), &to), 0);
	links[DIALER].n += OTHERS;
	dial();
	ck_assert_int_eq(link_dial(&links[DIALER], &half, &to), -ENOBUFS);
	links[DIALER].n -= OTHERS;
	live_until(&live, fds[OWNER] >= 0 && fds[DIALER] >= 0);
	ck_assert_int_eq(nfailed, 0);
	/* And where it is dialed: the last place, and none. */
	links[OWNER].n += OTHERS;
	int last = live_connect(links_port(&links[OWNER]));
	live_until(&live, links[OWNER].n == LINKS_MAX);
	int over = live_connect(links_port(&links[OWNER]));
	live_until(&live, live_ended(over));
	ck_assert_uint_eq(links[OWNER].n, LINKS_MAX);
	ck_assert_int_eq(recv(last, &c, 1, MSG_PEEK), 1); /* the challenge */
	links[OWNER].n -= OTHERS;
	close(over);
	close(last);
	live_until(&live, links[OWNER].n == 0);
	teardown();
}
END_TEST

START_TEST(a_link_that_is_not_joined_in_time_is_given_up)
{
	setup();
	stopped_ms = loop_now(&live.loop);
	int fd = live_connect(links_port(&links[OWNER]));
	live_until(&live, links[OWNER].n == 1);
	stopped_ms += LINK_MS - 1;
	links_tick(&links[OWNER]);
	ck_assert_uint_eq(links[OWNER].n, 1);
	stopped_ms++;
	links_tick(&links[OWNER]);
	ck_assert_uint_eq(links[OWNER].n, 0);
	stopped_ms = 0;
	char rest[HELLO_CHALLENGE];
	live_read(fd, rest, sizeof rest);
	live_until(&live, live_ended(fd));
	close(fd);
	teardown();
}
END_TEST

LIVE_MAIN("link", two_relays_that_share_a_secret_join_their_halves,
	  a_relay_that_does_not_have_the_half_says_so,
	  another_secret_opens_nothing,
	  another_relay_at_that_address_is_not_told_a_word,
	  nobody_there_is_a_failure,
	  a_half_that_has_left_meanwhile_ends_its_link_quietly,
	  without_redis_no_link_is_taken,
	  one_link_too_many_is_neither_dialed_nor_taken,
	  a_link_that_is_not_joined_in_time_is_given_up)
