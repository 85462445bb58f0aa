#include <errno.h>
#include <pthread.h>

#include "common/base/metric.h"
#include "tests/unit/unit.h"

enum { PEERS, UDP, TCP, N };

static const struct metric_def defs[] = {
	[PEERS] = { "x_peers", "", METRIC_GAUGE, "peers now online" },
	[UDP] = { "x_seen_total", "by=\"udp\"", METRIC_COUNTER, "messages" },
	[TCP] = { "x_seen_total", "by=\"tcp\"", METRIC_COUNTER, "messages" },
};

static _Atomic uint64_t values[N];
static struct metric_set set = { defs, values, N };

START_TEST(a_set_is_rendered_as_prometheus_text)
{
	struct buf out;

	metric_gauge(&set, PEERS, 9);
	metric_gauge(&set, PEERS, 7);
	metric_add(&set, UDP, 2);
	metric_add(&set, UDP, 3);
	ck_assert_uint_eq(metric_get(&set, UDP), 5);

	buf_init(&out, 4096);
	ck_assert_int_eq(metric_render(&set, &out), 0);
	ck_assert_int_eq(buf_append(&out, "", 1), 0);
	ck_assert_str_eq((const char *)buf_head(&out),
			 "# HELP x_peers peers now online\n"
			 "# TYPE x_peers gauge\n"
			 "x_peers 7\n"
			 "# HELP x_seen_total messages\n"
			 "# TYPE x_seen_total counter\n"
			 "x_seen_total{by=\"udp\"} 5\n"
			 "x_seen_total{by=\"tcp\"} 0\n");
	buf_fini(&out);
}
END_TEST

START_TEST(a_full_buffer_is_reported)
{
	struct buf out;

	buf_init(&out, 100);
	ck_assert_int_eq(metric_render(&set, &out), -ENOBUFS);
	buf_fini(&out);
}
END_TEST

static void *add_many(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 100000; i++)
		metric_add(&set, TCP, 1);
	return NULL;
}

START_TEST(threads_may_count_together)
{
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, add_many, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(metric_get(&set, TCP), 400000);
}
END_TEST

UNIT_MAIN("metric", a_set_is_rendered_as_prometheus_text,
	  a_full_buffer_is_reported, threads_may_count_together)
