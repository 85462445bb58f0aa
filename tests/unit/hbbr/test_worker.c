#include <signal.h>

#include "services/hbbr/splice/worker.h"
#include "tests/unit/common/live.h"

/* The front's side of one worker. */
struct rig {
	struct live live;
	struct shared_limit total;
	struct mailbox *reports;
	struct worker *worker;
	struct report last; /* of the kind ended */
	int ended;
	int usages;
	struct usage_row *rows;
	size_t nrows;
	bool stopped;
};

static struct rig rig;

static void on_report(void *ctx, const void *item)
{
	struct rig *r = ctx;
	const struct report *rep = item;

	switch (rep->kind) {
	case REPORT_ENDED:
		r->last = *rep;
		r->ended++;
		break;
	case REPORT_USAGE:
		r->rows = rep->usage.rows;
		r->nrows = rep->usage.n;
		r->usages++;
		break;
	case REPORT_STOPPED:
		worker_free(rep->worker);
		mailbox_close(r->reports);
		r->stopped = true;
		break;
	}
}

static void rig_open(bool threaded, uint64_t idle_ms)
{
	rig = (struct rig){ 0 };
	signal(SIGPIPE, SIG_IGN);
	live_start(&rig.live);
	shared_limit_init(&rig.total, 0);
	ck_assert_int_eq(mailbox_open(&rig.live.loop, sizeof(struct report),
				      100, on_report, &rig, &rig.reports),
			 0);
	struct worker_opts o = {
		.inline_loop = threaded ? NULL : &rig.live.loop,
		.reports = rig.reports,
		.max_sessions = 64,
		.idle_ms = idle_ms,
		.max_pipes = 8,
		.total = &rig.total,
	};
	ck_assert_int_eq(worker_start(&o, &rig.worker), 0);
}

static void rig_close(void)
{
	worker_stop(rig.worker);
	live_until(&rig.live, rig.stopped);
	live_end(&rig.live);
}

static struct addr client(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(text, 1, &a), 0);
	return a;
}

/* Gives the worker a pair; CLIENTS are the far ends, blocking. */
static void give_pair(void *token, int clients[2])
{
	struct worker_pair wp = {
		.token = token,
		.client = { client("192.0.2.1"), client("192.0.2.2") },
	};

	for (int i = 0; i < 2; i++) {
		int fds[2];
		live_pair(fds);
		wp.fd[i] = fds[0];
		clients[i] = fds[1];
	}
	ck_assert_int_eq(worker_pair(rig.worker, &wp), 0);
}

/* Reads LEN bytes from FD while the loop turns (an inline worker needs it) */
static void expect(int fd, const char *data, size_t len)
{
	char got[64];
	size_t have = 0;

	live_nonblock(fd);
	while (have < len) {
		ssize_t n = recv(fd, got + have, len - have, 0);
		if (n > 0)
			have += (size_t)n;
		else
			live_turn(&rig.live, 1);
		ck_assert(!rig.live.late);
	}
	ck_assert_mem_eq(got, data, len);
}

static void relays_and_reports(bool threaded)
{
	int c[2];
	char token;

	rig_open(threaded, 0);
	give_pair(&token, c);
	live_write(c[0], "hello", 5);
	expect(c[1], "hello", 5);
	live_write(c[1], "world!", 6);
	expect(c[0], "world!", 6);
	close(c[0]);
	live_until(&rig.live, live_ended(c[1]));
	close(c[1]);
	live_until(&rig.live, rig.ended == 1);
	ck_assert_ptr_eq(rig.last.ended.token, &token);
	ck_assert_int_eq(rig.last.ended.why, REASON_CLOSED);
	ck_assert_uint_eq(rig.last.ended.bytes[0], 5);
	ck_assert_uint_eq(rig.last.ended.bytes[1], 6);
	rig_close();
}

START_TEST(a_thread_relays_a_pair_and_reports_its_end)
{
	relays_and_reports(true);
}
END_TEST

START_TEST(the_front_loop_relays_a_pair_and_reports_its_end)
{
	relays_and_reports(false);
}
END_TEST

START_TEST(bytes_that_came_before_the_hand_over_are_relayed_first)
{
	int c[2], fds[2][2];
	struct worker_pair wp = { 0 };

	rig_open(true, 0);
	for (int i = 0; i < 2; i++) {
		live_pair(fds[i]);
		wp.fd[i] = fds[i][0];
		c[i] = fds[i][1];
	}
	live_write(c[0], "early", 5);
	ck_assert_int_eq(worker_pair(rig.worker, &wp), 0);
	live_write(c[0], " late", 5);
	expect(c[1], "early late", 10);
	close(c[0]);
	close(c[1]);
	live_until(&rig.live, rig.ended == 1);
	rig_close();
}
END_TEST

START_TEST(a_quiet_pair_ends_when_it_may_not_idle_longer)
{
	int c[2];

	rig_open(true, 1500);
	give_pair(NULL, c);
	live_until(&rig.live, rig.ended == 1);
	ck_assert_int_eq(rig.last.ended.why, REASON_IDLE);
	ck_assert(live_ended(c[0]));
	ck_assert(live_ended(c[1]));
	close(c[0]);
	close(c[1]);
	rig_close();
}
END_TEST

START_TEST(a_new_block_list_cuts_running_pairs)
{
	struct ipset blocked = { 0 }, slow = { 0 };
	int c[2];

	rig_open(true, 0);
	give_pair(NULL, c);
	ck_assert_int_eq(ipset_add(&blocked, "192.0.2.77"), 0);
	ck_assert_int_eq(worker_lists(rig.worker, &blocked, &slow), 0);
	live_write(c[0], "still", 5);
	expect(c[1], "still", 5);
	ck_assert_int_eq(ipset_add(&blocked, "192.0.2.2"), 0);
	ck_assert_int_eq(worker_lists(rig.worker, &blocked, &slow), 0);
	live_until(&rig.live, rig.ended == 1);
	ck_assert_int_eq(rig.last.ended.why, REASON_BLOCKED);
	ck_assert(live_ended(c[0]));
	close(c[0]);
	close(c[1]);
	ipset_fini(&blocked);
	rig_close();
}
END_TEST

START_TEST(usage_names_the_second_end)
{
	int c[2];

	rig_open(true, 0);
	give_pair(NULL, c);
	live_write(c[0], "12345678", 8);
	expect(c[1], "12345678", 8);
	ck_assert_int_eq(worker_usage(rig.worker), 0);
	live_until(&rig.live, rig.usages == 1);
	ck_assert_uint_eq(rig.nrows, 1);
	struct addr second = client("192.0.2.2");
	ck_assert(addr_same_ip(&rig.rows[0].client, &second));
	ck_assert_uint_eq(rig.rows[0].bytes, 8);
	free(rig.rows);
	close(c[0]);
	close(c[1]);
	live_until(&rig.live, rig.ended == 1);
	rig_close();
}
END_TEST

static void stops_with_pairs(bool threaded)
{
	int c[32][2];

	rig_open(threaded, 0);
	for (int i = 0; i < 32; i++)
		give_pair(NULL, c[i]);
	rig_close();
	ck_assert_int_eq(rig.ended, 32);
	ck_assert_int_eq(rig.last.ended.why, REASON_SHUTDOWN);
	for (int i = 0; i < 32; i++) {
		ck_assert(live_ended(c[i][0]));
		close(c[i][0]);
		close(c[i][1]);
	}
}

START_TEST(stopping_ends_and_reports_every_pair)
{
	stops_with_pairs(true);
	stops_with_pairs(false);
}
END_TEST

LIVE_MAIN("worker", a_thread_relays_a_pair_and_reports_its_end,
	  the_front_loop_relays_a_pair_and_reports_its_end,
	  bytes_that_came_before_the_hand_over_are_relayed_first,
	  a_quiet_pair_ends_when_it_may_not_idle_longer,
	  a_new_block_list_cuts_running_pairs, usage_names_the_second_end,
	  stopping_ends_and_reports_every_pair)
