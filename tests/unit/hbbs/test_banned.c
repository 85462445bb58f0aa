#include "../unit.h"

#include "asking.h"
#include "services/hbbs/state/metrics.h"

static void ban(struct world *w, const char *rows)
{
	static unsigned rev;
	char answer[256];

	snprintf(answer, sizeof answer, "%u\n%s", ++rev, rows);
	rendezvous_bans(&w->nodes[0], answer, w->now);
	world_wait(w, 0); /* what it wants done is carried out */
}

static const char *refusal(struct world *w, struct client *a)
{
	return expect_send(w, a)->punch_hole_response->other_failure;
}

static void ask_relay(struct world *w, struct client *a, const char *target)
{
	Hbb__RequestRelay r = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[32], uuid[] = "u-1";

	strcpy(id, target);
	r.id = id;
	r.uuid = uuid;
	r.licence_key = w->rules.keys.pk_text;
	m.union_case = MSG(REQUEST_RELAY);
	m.request_relay = &r;
	say(w, 0, a, &m);
}

START_TEST(who_asks_from_a_banned_address_is_told_so_and_reaches_nobody)
{
	struct world *w = world_create();
	uint64_t denied = metric_get(&hbbs_metrics, M_DENY_BANNED);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	ban(w, "address 198.51.100.0/24 0");
	expect_close(w, a); /* who is here goes */
	a = client_in(w, 0, VIA_WS, A_ADDR);
	punch(w, 0, a, B1);
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "Your address is banned"));
	ask_relay(w, a, B1);
	ck_assert_ptr_nonnull(
		strstr(expect_send(w, a)->relay_response->refuse_reason,
		       "Your address is banned"));
	expect_nothing(w);
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_DENY_BANNED), denied + 2);
	ban(w, "");
	punch(w, 0, a, B1);
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(from_a_banned_address_nothing_is_registered)
{
	struct world *w = world_create();
	uint64_t dropped = metric_get(&hbbs_metrics, M_DROP_BANNED);

	ban(w, "address 203.0.113.7 0");
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), -1);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);
	say_register(w, 0, b, B1, "u", 1);
	expect_close(w, b);
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_DROP_BANNED),
			  dropped + 2);
	/* Its neighbour is served. */
	ck_assert_int_eq(sync_heartbeat(w, 0, "203.0.113.8:40000", B1), 1);
	world_destroy(w);
}
END_TEST

START_TEST(a_banned_device_goes_and_stays_away_under_any_address)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	struct client *b = client_in(w, 0, VIA_WS, B_TCP);

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	register_on(w, 0, b, "987654321", "v", 2);
	ban(w, "device " B1 " 0\ndevice 987654321 0");
	expect_close(w, b);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), -1);
	ck_assert_int_eq(sync_heartbeat(w, 0, "192.0.2.1:5", B1), -1);
	ck_assert(!peer_online(peer_find(&w->nodes[0].peers, B1, strlen(B1)),
			       w->now));
	punch(w, 0, a, B1);
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "This device is banned"));
	ask_relay(w, a, B1);
	ck_assert_ptr_nonnull(
		strstr(expect_send(w, a)->relay_response->refuse_reason,
		       "This device is banned"));
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_banned_device_takes_no_other_id)
{
	struct world *w = world_create();
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = "freshname", old[] = B1;

	register_udp(w, 0, B_ADDR, B1, "u", 1);
	ban(w, "device " B1 " 0");
	r.id = id;
	r.old_id = old;
	m.union_case = MSG(REGISTER_PK);
	m.register_pk = &r;
	say(w, 0, b, &m);
	expect_close(w, b);
	world_destroy(w);
}
END_TEST

START_TEST(a_ban_for_a_time_is_over_without_a_word_of_redis)
{
	struct world *w = world_create();

	ban(w, "address 203.0.113.7 60");
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), -1);
	world_wait(w, 59000);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), -1);
	world_wait(w, 1000);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), 1);
	world_destroy(w);
}
END_TEST

START_TEST(what_cannot_be_read_leaves_the_bans_as_they_are)
{
	struct world *w = world_create();

	ban(w, "address 203.0.113.7 0");
	rendezvous_bans(&w->nodes[0], "\nnothing", w->now);
	rendezvous_bans(&w->nodes[0], "", w->now);
	ck_assert_int_eq(sync_heartbeat(w, 0, B_ADDR, B1), -1);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("banned",
	  who_asks_from_a_banned_address_is_told_so_and_reaches_nobody,
	  from_a_banned_address_nothing_is_registered,
	  a_banned_device_goes_and_stays_away_under_any_address,
	  a_banned_device_takes_no_other_id,
	  a_ban_for_a_time_is_over_without_a_word_of_redis,
	  what_cannot_be_read_leaves_the_bans_as_they_are)
