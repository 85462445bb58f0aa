#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "services/api/core/app.h"
#include "services/api/core/lanes.h"
#include "tests/unit/unit.h"

static struct lanes *lanes;
static _Atomic uint64_t values[API_METRICS];
static struct metric_set metrics = { NULL, values, API_METRICS };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char order[256]; /* names of tasks, as they ran */
static size_t allowed;  /* how many may end */
static size_t begun, nlate;
static _Atomic uint64_t now_ms; /* the clock, which stands still */

uint64_t __wrap_app_tick_ms(void);

uint64_t __wrap_app_tick_ms(void)
{
	return now_ms;
}

struct job {
	struct lane_task task;
	char name;
};

static void run(struct lane_task *t, bool late)
{
	struct job *j = (struct job *)t;

	pthread_mutex_lock(&lock);
	nlate += late;
	order[begun++] = j->name;
	size_t mine = begun;
	pthread_cond_broadcast(&changed);
	while (allowed < mine)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static int put_in(enum lane lane, struct job *j, char name, const char *from,
		  const char *key)
{
	*j = (struct job){ .task.run = run, .name = name };
	ck_assert_int_eq(addr_parse(from, 0, &j->task.from), 0);
	strcpy(j->task.key, key);
	return lanes_put(lanes, lane, &j->task);
}

static int put(struct job *j, char name, const char *from, const char *key)
{
	return put_in(LANE_PASSWORD, j, name, from, key);
}

static void wait_begun(size_t n)
{
	pthread_mutex_lock(&lock);
	while (begun < n)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void allow(size_t n)
{
	pthread_mutex_lock(&lock);
	allowed = n;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void open_lanes(void)
{
	ck_assert_int_eq(lanes_open(&metrics, &lanes), 0);
}

static void close_lanes(void)
{
	allow(sizeof(order));
	lanes_stop(lanes);
	lanes_close(lanes);
}

START_TEST(one_task_of_another_address_does_not_wait_behind_many)
{
	struct job many[10], one;

	open_lanes();
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		ck_assert_int_eq(put(&many[i], 'a', "192.0.2.1", ""), 0);
	wait_begun(2); /* both threads are busy */
	ck_assert_int_eq(put(&one, 'b', "192.0.2.2", ""), 0);
	allow(1);
	wait_begun(3);
	ck_assert_str_eq(order, "aab");
	close_lanes();
	ck_assert_uint_eq(strlen(order), 11);
}
END_TEST

START_TEST(an_address_has_a_quarter_of_the_queue_and_a_key_half)
{
	static struct job jobs[LANE_QUEUE_MAX + 1];
	char from[32];
	size_t n = 0;

	open_lanes();
	for (; n < LANE_QUEUE_MAX / 4; n++)
		ck_assert_int_eq(put(&jobs[n], 'a', "192.0.2.1", ""), 0);
	ck_assert_int_eq(put(&jobs[n], 'a', "192.0.2.1", ""), -EBUSY);
	for (size_t i = 0; i < LANE_QUEUE_MAX / 2; i++, n++) {
		snprintf(from, sizeof(from), "198.51.100.%zu", i);
		ck_assert_int_eq(put(&jobs[n], 'k', from, "directory"), 0);
	}
	ck_assert_int_eq(put(&jobs[n], 'k', "192.0.2.3", "directory"), -EBUSY);
	for (; n < LANE_QUEUE_MAX; n++) {
		snprintf(from, sizeof(from), "203.0.113.%zu", n);
		ck_assert_int_eq(put(&jobs[n], 'x', from, ""), 0);
	}
	ck_assert_int_eq(put(&jobs[n], 'x', "192.0.2.4", ""), -EBUSY);
	close_lanes();
}
END_TEST

START_TEST(who_has_waited_too_long_for_a_thread_is_told_so)
{
	struct job busy[2], waits, late;

	open_lanes();
	now_ms = 1000;
	for (size_t i = 0; i < ARRAY_LEN(busy); i++)
		ck_assert_int_eq(put(&busy[i], 'b', "192.0.2.1", ""), 0);
	wait_begun(2);
	ck_assert_int_eq(put(&late, 'l', "192.0.2.2", ""), 0);
	now_ms++;
	ck_assert_int_eq(put(&waits, 'w', "192.0.2.3", ""), 0);
	now_ms += LANE_WAIT_MS;
	allow(4);
	wait_begun(4);
	ck_assert_uint_eq(nlate, 1);
	close_lanes();
	ck_assert_str_eq(order, "bblw");
}
END_TEST

START_TEST(a_clean_address_is_next_however_many_guessers_wait)
{
	struct job guesses[20], strangers[2], known;
	char from[32];

	open_lanes();
	for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
		snprintf(from, sizeof(from), "198.51.100.%zu", i);
		ck_assert_int_eq(put_in(LANE_GUESS, &guesses[i], 'g', from, ""),
				 0);
	}
	wait_begun(1);
	ck_assert_int_eq(put(&strangers[0], 's', "192.0.2.1", "strangers"), 0);
	wait_begun(2);
	/* Strangers leave a thread to who is known. */
	ck_assert_int_eq(put(&strangers[1], 's', "192.0.2.2", "strangers"), 0);
	ck_assert_int_eq(put(&known, 'k', "192.0.2.3", ""), 0);
	wait_begun(3);
	ck_assert_str_eq(order, "gsk");
	close_lanes();
	ck_assert_uint_eq(strlen(order), 23);
}
END_TEST

START_TEST(guesses_are_made_one_at_a_time)
{
	struct job guesses[3];

	open_lanes();
	for (size_t i = 0; i < ARRAY_LEN(guesses); i++)
		ck_assert_int_eq(
			put_in(LANE_GUESS, &guesses[i], 'g', "192.0.2.1", ""),
			0);
	for (size_t i = 1; i <= ARRAY_LEN(guesses); i++) {
		wait_begun(i);
		ck_assert_uint_eq(begun, i);
		allow(i);
	}
	close_lanes();
}
END_TEST

UNIT_MAIN("lanes", who_has_waited_too_long_for_a_thread_is_told_so,
	  one_task_of_another_address_does_not_wait_behind_many,
	  an_address_has_a_quarter_of_the_queue_and_a_key_half,
	  a_clean_address_is_next_however_many_guessers_wait,
	  guesses_are_made_one_at_a_time)
