#include "common/base/log.h"
#include "services/hbbr/front/arrival.h"
#include "services/hbbr/state/metrics.h"
#include "tests/unit/common/live.h"

/* --- a pretended Redis, which answers when it is told to -------------------
 */

enum { ME = 7, OTHER = 8 };

static struct live live;
static struct match match;
static struct arrivals arrivals;
static bool up;
static int nasked, nreleased;
static uint32_t asked_dead;
static claims_admit_fn admit_fn;
static claims_find_fn find_fn;
static void *admit_ctx, *find_ctx;
static struct arrival_answer last;
static int nanswers;
static bool closed;

static bool is_up(const void *ctx)
{
	(void)ctx;
	return up;
}

static int admit(void *ctx, const char *uuid, bool tickets, uint32_t dead,
		 claims_admit_fn fn, void *fn_ctx)
{
	(void)ctx;
	ck_assert_str_eq(uuid, "u");
	ck_assert(tickets);
	ck_assert_ptr_null(admit_fn);
	nasked++;
	asked_dead = dead;
	admit_fn = fn;
	admit_ctx = fn_ctx;
	return 0;
}

static int find(void *ctx, uint32_t epoch, claims_find_fn fn, void *fn_ctx)
{
	(void)ctx;
	ck_assert_uint_eq(epoch, OTHER);
	find_fn = fn;
	find_ctx = fn_ctx;
	return 0;
}

static void give_back(void *ctx, const char *uuid)
{
	(void)ctx;
	ck_assert_str_eq(uuid, "u");
	nreleased++;
}

static const struct claims claims = {
	.up = is_up,
	.admit = admit,
	.release = give_back,
	.find = find,
	.epoch = ME,
};

static void admitted(bool answered, bool ticket, uint32_t owner)
{
	struct admit_reply r = {
		.answered = answered,
		.has_ticket = ticket,
		.owner = owner,
	};
	claims_admit_fn fn = admit_fn;

	admit_fn = NULL;
	fn(admit_ctx, &r);
}

/* --- one half --------------------------------------------------------------
 */

static void on_answer(void *ctx, struct session *s,
		      const struct arrival_answer *a)
{
	(void)ctx;
	(void)s;
	last = *a;
	nanswers++;
}

static void on_closed(void *ctx)
{
	(void)ctx;
	closed = true;
}

static void setup(const struct claims *with)
{
	log_setup("test", LOG_ERROR, LOG_TEXT);
	live_start(&live);
	match_init(&match, 4, 4);
	struct arrivals_opts o = {
		.loop = &live.loop,
		.match = &match,
		.tickets = true,
		.on_answer = on_answer,
		.on_closed = on_closed,
	};
	arrivals_init(&arrivals, &o);
	arrivals.claims = with;
	up = true;
	closed = false;
	nasked = nreleased = nanswers = 0;
	asked_dead = 0;
}

static struct session *begin(void)
{
	struct session *s = calloc(1, sizeof *s);

	strcpy(s->uuid, "u");
	ck_assert_int_eq(match_park(&match, s, loop_now(&live.loop)), 0);
	arrival_begin(&arrivals, s);
	return s;
}

static void end(struct session *s)
{
	arrival_end(&arrivals, s);
	match_end(&match, s, loop_now(&live.loop));
	free(s);
}

static void teardown(void)
{
	ck_assert_ptr_null(admit_fn);
	arrivals_close(&arrivals);
	live_until(&live, closed);
	match_fini(&match);
	live_end(&live);
}

START_TEST(without_redis_the_gate_is_never_shut)
{
	setup(NULL);
	struct session *s = begin();
	ck_assert(s->gate.open);
	ck_assert_int_eq(nanswers, 0);
	end(s);
	teardown();
}
END_TEST

START_TEST(a_ticket_opens_the_gate_and_the_claim_is_given_back)
{
	setup(&claims);
	struct session *s = begin();
	ck_assert(!s->gate.open);
	admitted(true, true, ME);
	ck_assert(s->gate.open && s->gate.claimed);
	ck_assert_int_eq(last.kind, ARRIVAL_OPEN);
	end(s);
	ck_assert_int_eq(nreleased, 1);
	teardown();
}
END_TEST

START_TEST(the_ticket_is_asked_for_again)
{
	setup(&claims);
	struct session *s = begin();
	for (int i = 1; i <= 2; i++) {
		admitted(true, false, 0);
		ck_assert_int_eq(nanswers, 0);
		live_until(&live, nasked == 1 + i);
	}
	admitted(true, true, ME);
	ck_assert_int_eq(last.kind, ARRIVAL_OPEN);
	end(s);
	teardown();
}
END_TEST

START_TEST(who_gets_no_ticket_in_time_is_refused)
{
	setup(&claims);
	struct session *s = begin();
	s->since_ms -= ADMIT_WAIT_MS;
	admitted(true, false, 0);
	ck_assert_int_eq(nanswers, 1);
	ck_assert_int_eq(last.kind, ARRIVAL_REFUSED);
	ck_assert(!s->gate.open);
	end(s);
	teardown();
}
END_TEST

START_TEST(redis_away_admits_by_the_key)
{
	uint64_t blind = metric_get(&hbbr_metrics, M_ADMIT_BLIND);

	setup(&claims);
	up = false;
	struct session *s = begin();
	ck_assert_int_eq(nasked, 0);
	ck_assert(s->gate.open);
	end(s);
	up = true;
	s = begin(); /* and if it goes while it is asked */
	admitted(false, false, 0);
	ck_assert(s->gate.open && !s->gate.claimed);
	ck_assert_int_eq(last.kind, ARRIVAL_OPEN);
	ck_assert_uint_eq(metric_get(&hbbr_metrics, M_ADMIT_BLIND), blind + 2);
	end(s);
	ck_assert_int_eq(nreleased, 0);
	teardown();
}
END_TEST

START_TEST(owners_that_do_not_have_it_are_tried_three_times)
{
	setup(&claims);
	struct session *s = begin();
	for (int i = 0; i < ADMIT_LINKS_MAX; i++) {
		ck_assert_uint_eq(asked_dead, i == 0 ? 0 : OTHER);
		admitted(true, true, OTHER);
		find_fn(find_ctx, i == 0 ? NULL : "192.0.2.1:1");
		ck_assert_int_eq(nanswers, i + 1);
		ck_assert_int_eq(last.kind, ARRIVAL_ELSEWHERE);
		ck_assert_uint_eq(last.owner, OTHER);
		ck_assert((!last.address) == (i == 0));
		arrival_lost(&arrivals, s, OTHER);
	}
	ck_assert(s->gate.open); /* it waits here then */
	ck_assert_int_eq(last.kind, ARRIVAL_OPEN);
	end(s);
	teardown();
}
END_TEST

START_TEST(an_answer_for_who_has_left_gives_the_claim_back)
{
	setup(&claims);
	end(begin());
	admitted(true, true, ME);
	ck_assert_int_eq(nreleased, 1);
	teardown();
}
END_TEST

START_TEST(an_answer_for_who_has_left_is_nobody_elses)
{
	setup(&claims);
	end(begin());
	claims_admit_fn fn = admit_fn;
	void *ctx = admit_ctx;
	admit_fn = NULL;
	struct session *s = begin(); /* under the same uuid */
	fn(ctx, &(struct admit_reply){ .answered = true, .owner = OTHER });
	ck_assert_int_eq(nanswers, 0);
	admitted(true, true, ME);
	ck_assert(s->gate.open);
	end(s);
	teardown();
}
END_TEST

LIVE_MAIN("arrival", without_redis_the_gate_is_never_shut,
	  a_ticket_opens_the_gate_and_the_claim_is_given_back,
	  the_ticket_is_asked_for_again, who_gets_no_ticket_in_time_is_refused,
	  redis_away_admits_by_the_key,
	  owners_that_do_not_have_it_are_tried_three_times,
	  an_answer_for_who_has_left_gives_the_claim_back,
	  an_answer_for_who_has_left_is_nobody_elses)
