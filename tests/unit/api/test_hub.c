/* Streams of changes: so many, and so many changes are kept. What would go to
 * an HTTP connection is pretended. */
#include "../unit.h"

#include "services/api/core/http.h"
#include "services/api/web/hub.h"

static struct hub *hub;
static struct call_stream *streams[HUB_STREAMS + 1];
static size_t nstreams, nrest;

void __wrap_http_rest(struct call_stream *s);
void __wrap_http_wake(struct call_stream *s);

void __wrap_http_rest(struct call_stream *s)
{
	(void)s;
	nrest++;
}

void __wrap_http_wake(struct call_stream *s)
{
	(void)s;
}

/* The user number N opens a page that has seen LAST; the status, 0 if what
 * comes with it does not fit. */
static unsigned open_page(unsigned n, const char *last)
{
	struct doc user = { 0 };
	struct call c = { .who = { .user = &user, .admin = true } };

	snprintf(user.guid, sizeof(user.guid), "user-%u", n);
	c.header[CALL_LAST_EVENT_ID] = last;
	int r = hub_answer(hub, &c);
	if (c.stream)
		streams[nstreams++] = c.stream;
	pool_fini(&c.pool);
	return r == 0 && (c.status == 200) == (bool)c.stream &&
			       (c.status == 429) == (c.retry_after_s > 0)
		       ? c.status
		       : 0;
}

static void close_page(size_t i)
{
	streams[i]->gone(streams[i]);
	streams[i] = streams[--nstreams];
}

static void end(void)
{
	while (nstreams > 0)
		close_page(0);
	hub_free(hub);
}

START_TEST(there_are_so_many_streams_and_one_more_is_refused)
{
	hub = hub_new();
	unsigned n = 0;
	while (n < HUB_STREAMS && open_page(n, NULL) == 200)
		n++;
	ck_assert_uint_eq(n, HUB_STREAMS);
	ck_assert_uint_eq(open_page(HUB_STREAMS, NULL), 429);
	close_page(7);
	ck_assert_uint_eq(open_page(HUB_STREAMS, NULL), 200);
	ck_assert_uint_eq(open_page(HUB_STREAMS + 1, NULL), 429);
	end();
}
END_TEST

START_TEST(a_user_has_so_many_streams_and_others_have_theirs)
{
	hub = hub_new();
	for (unsigned i = 0; i < HUB_PER_USER; i++)
		ck_assert_uint_eq(open_page(1, NULL), 200);
	ck_assert_uint_eq(open_page(1, NULL), 429);
	ck_assert_uint_eq(open_page(2, NULL), 200);
	close_page(0);
	ck_assert_uint_eq(open_page(1, NULL), 200);
	end();
}
END_TEST

static void publish(uint64_t n)
{
	struct hub_event e = {
		.ms = n, .seq = 0, .kind = "device", .guid = "g", .op = "save"
	};

	hub_publish(hub, &e);
}

/* What the page I reads until there is nothing more: changes, or "reset". */
static unsigned read_all(size_t i, bool *reset)
{
	char text[4096];
	unsigned n = 0;

	*reset = false;
	for (nrest = 0; nrest == 0;) {
		long len = streams[i]->read(streams[i], text, sizeof(text) - 1);

		ck_assert_int_ge(len, 0);
		text[len] = 0;
		if (strstr(text, "event: reset"))
			*reset = true;
		for (char *at = text; (at = strstr(at, "event: change")); at++)
			n++;
	}
	return n;
}

START_TEST(so_many_changes_are_kept_and_who_missed_one_more_reads_all_again)
{
	bool reset;

	hub = hub_new();
	for (uint64_t i = 1; i <= HUB_EVENTS + 10; i++)
		publish(i);
	/* The change 10 is the last that is gone. */
	ck_assert_uint_eq(open_page(1, "10-0"), 200);
	ck_assert_uint_eq(read_all(0, &reset), HUB_EVENTS);
	ck_assert(!reset);
	ck_assert_uint_eq(open_page(1, "9-0"), 200);
	ck_assert_uint_eq(read_all(1, &reset), 0);
	ck_assert(reset);
	/* A page that is open and does not read, likewise. */
	for (uint64_t i = 0; i < HUB_EVENTS; i++)
		publish(2000 + i);
	ck_assert_uint_eq(read_all(0, &reset), HUB_EVENTS);
	ck_assert(!reset);
	for (uint64_t i = 0; i <= HUB_EVENTS; i++)
		publish(4000 + i);
	ck_assert_uint_eq(read_all(0, &reset), 0);
	ck_assert(reset);
	end();
}
END_TEST

UNIT_MAIN("hub", there_are_so_many_streams_and_one_more_is_refused,
	  a_user_has_so_many_streams_and_others_have_theirs,
	  so_many_changes_are_kept_and_who_missed_one_more_reads_all_again)
