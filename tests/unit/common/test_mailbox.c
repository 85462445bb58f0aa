#include "common/net/mailbox.h"

#include <pthread.h>

#include "tests/unit/common/live.h"

enum { PRODUCERS = 4, EACH = 5000 };

struct letter {
	unsigned from;
	unsigned number;
};

struct box {
	struct mailbox *m;
	unsigned next[PRODUCERS]; /* number expected from each */
	unsigned total;
	unsigned close_at; /* close the mailbox inside this delivery */
};

static void on_letter(void *ctx, const void *item)
{
	struct box *b = ctx;
	const struct letter *l = item;

	ck_assert_uint_lt(l->from, PRODUCERS);
	ck_assert_uint_eq(l->number, b->next[l->from]);
	b->next[l->from]++;
	if (++b->total == b->close_at)
		mailbox_close(b->m);
}

struct producer {
	struct mailbox *m;
	unsigned from;
};

static void *produce(void *arg)
{
	const struct producer *p = arg;
	unsigned number = 0;

	while (number < EACH) {
		struct letter l = { .from = p->from, .number = number };
		if (mailbox_post(p->m, &l) == 0)
			number++;
		else
			sched_yield();
	}
	return NULL;
}

START_TEST(four_threads_deliver_everything_in_their_own_order)
{
	struct live l;
	struct box b = { 0 };
	struct producer p[PRODUCERS];
	pthread_t threads[PRODUCERS];

	live_start(&l);
	ck_assert_int_eq(mailbox_open(&l.loop, sizeof(struct letter), 64,
				      on_letter, &b, &b.m),
			 0);
	for (unsigned i = 0; i < PRODUCERS; i++) {
		p[i] = (struct producer){ .m = b.m, .from = i };
		pthread_create(&threads[i], NULL, produce, &p[i]);
	}
	live_until(&l, b.total == PRODUCERS * EACH);
	for (unsigned i = 0; i < PRODUCERS; i++)
		pthread_join(threads[i], NULL);
	mailbox_close(b.m);
	live_end(&l);
}
END_TEST

static void post(struct box *b, unsigned number)
{
	struct letter l = { .from = 0, .number = number };

	ck_assert_int_eq(mailbox_post(b->m, &l), 0);
}

START_TEST(a_full_mailbox_refuses_and_takes_again_when_emptied)
{
	struct live l;
	struct box b = { 0 };
	struct letter extra = { .from = 0, .number = 3 };

	live_start(&l);
	ck_assert_int_eq(mailbox_open(&l.loop, sizeof(struct letter), 3,
				      on_letter, &b, &b.m),
			 0);
	for (unsigned i = 0; i < 3; i++)
		post(&b, i);
	ck_assert_int_eq(mailbox_post(b.m, &extra), -ENOBUFS);
	live_until(&l, b.total == 3);
	ck_assert_int_eq(mailbox_post(b.m, &extra), 0);
	live_until(&l, b.total == 4);
	mailbox_close(b.m);
	live_end(&l);
}
END_TEST

START_TEST(closing_delivers_what_still_waits)
{
	struct live l;
	struct box b = { 0 };

	live_start(&l);
	ck_assert_int_eq(mailbox_open(&l.loop, sizeof(struct letter), 8,
				      on_letter, &b, &b.m),
			 0);
	for (unsigned i = 0; i < 5; i++)
		post(&b, i);
	mailbox_close(b.m);
	ck_assert_uint_eq(b.total, 5);
	live_end(&l);
}
END_TEST

START_TEST(a_message_may_close_the_mailbox)
{
	struct live l;
	struct box b = { .close_at = 2 };

	live_start(&l);
	ck_assert_int_eq(mailbox_open(&l.loop, sizeof(struct letter), 8,
				      on_letter, &b, &b.m),
			 0);
	for (unsigned i = 0; i < 5; i++)
		post(&b, i);
	live_until(&l, b.total == 5);
	live_end(&l);
}
END_TEST

LIVE_MAIN("mailbox", four_threads_deliver_everything_in_their_own_order,
	  a_full_mailbox_refuses_and_takes_again_when_emptied,
	  closing_delivers_what_still_waits, a_message_may_close_the_mailbox)
