#include "../unit.h"

#include "asking.h"
#include "services/hbbs/messages/account.h"
#include "services/hbbs/state/metrics.h"

#define USER  "11111111-2222-3333-4444-555555555555"
#define RETRY "try again"

/* B1 belongs to somebody else; USER is signed in by any token. */
static struct world *policed(void)
{
	struct world *w = world_create();

	w->policy[POLICY_ROW_SETTINGS] = "1 1 0";
	w->policy[POLICY_ROW_USER] = "1 0 - - Anna Bell";
	w->policy[POLICY_ROW_USER_GUID] = USER;
	w->policy[POLICY_ROW_ROLE] = "1 2aaaaaa";
	w->policy[POLICY_ROW_DEVICE] =
		"1 0 99999999-2222-3333-4444-555555555555 -";
	w->policy[POLICY_ROW_OWNER] = "1 0 - - Bob";
	register_udp(w, 0, B_ADDR, B1, "u", 1);
	return w;
}

static void own_device(struct world *w)
{
	w->policy[POLICY_ROW_DEVICE] = "1 0 " USER " -";
}

static void ask_as(struct world *w, struct client *a, const char *token,
		   const char *switch_code)
{
	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	char t[32], s[64];

	strcpy(t, token);
	strcpy(s, switch_code);
	r.token = t;
	r.switch_code = s;
	ask(w, a, &r);
}

static const char *refusal(struct world *w, struct client *a)
{
	const Hbb__PunchHoleResponse *r =
		expect_send(w, a)->punch_hole_response;

	ck_assert_uint_eq(r->socket_addr.len, 0);
	return r->other_failure;
}

START_TEST(a_rule_lets_in_and_its_absence_keeps_out)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	uint64_t denied = metric_get(&hbbs_metrics, M_DENY_NO_RULE);

	ask_as(w, a, "secret", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "not allowed"));
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_DENY_NO_RULE),
			  denied + 1);
	ck_assert_str_eq(w->conn_ref, "");
	own_device(w);
	ask_as(w, a, "secret", "");
	const Hbb__PunchHole *p = expect_udp(w, B_ADDR)->punch_hole;
	ck_assert_uint_eq(p->control_permissions->permissions, 0x2aaaaaa);
	ck_assert_str_eq(p->controlled_context->conn_audit_ref, w->conn_ref);
	ck_assert_uint_eq(strlen(w->conn_ref), ACCESS_REF - 1);
	ck_assert_str_eq(w->conn_user, USER);
	world_destroy(w);
}
END_TEST

START_TEST(the_token_is_hashed_and_believed_only_where_it_is_safe)
{
	struct world *w = policed();

	own_device(w);
	ask_as(w, client_in(w, 0, VIA_WS, A_ADDR), "secret", "");
	expect_udp(w, B_ADDR);
	ck_assert_uint_eq(strlen(w->token), 64);
	ck_assert_ptr_null(strstr(w->token, "secret"));
	ask_as(w, client_in(w, 0, VIA_TCP, A_ADDR), "secret", "");
	ck_assert_str_eq(w->token, "");
	world_destroy(w);
}
END_TEST

START_TEST(who_signed_in_and_speaks_in_the_clear_is_told_so)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	uint64_t denied = metric_get(&hbbs_metrics, M_DENY_PLAIN);
	unsigned asked = w->policies;

	own_device(w);
	a->plain = true;
	ask_as(w, a, "secret", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "not encrypted"));
	ck_assert_uint_eq(metric_get(&hbbs_metrics, M_DENY_PLAIN), denied + 1);
	ck_assert_uint_eq(w->policies, asked);
	ck_assert_str_eq(w->token, "");
	/* Who did not sign in is judged as everywhere. */
	ask_as(w, a, "", "");
	expect_udp(w, B_ADDR);
	ck_assert_uint_eq(w->policies, asked + 1);
	world_destroy(w);
}
END_TEST

static void ask_relay(struct world *w, struct client *a)
{
	Hbb__RequestRelay r = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char id[] = B1, uuid[] = "u-1", token[] = "t";

	r.id = id;
	r.uuid = uuid;
	r.token = token;
	m.union_case = MSG(REQUEST_RELAY);
	m.request_relay = &r;
	say(w, 0, a, &m);
}

static const char *relay_refusal(struct world *w, struct client *a)
{
	ask_relay(w, a);
	return expect_send(w, a)->relay_response->refuse_reason;
}

START_TEST(a_relay_request_is_judged_again)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	ck_assert_ptr_nonnull(strstr(relay_refusal(w, a), "not allowed"));
	ck_assert_uint_eq(w->ntickets, 0);
	own_device(w);
	ask_relay(w, a);
	ck_assert_ptr_nonnull(expect_udp(w, B_ADDR)->request_relay);
	ck_assert_str_eq(w->ticket, "u-1");
	world_destroy(w);
}
END_TEST

START_TEST(in_an_outage_a_verdict_of_before_counts_and_others_wait)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	own_device(w);
	w->nodes[0].access.any = true;
	ask_as(w, a, "known", "");
	expect_udp(w, B_ADDR);
	w->redis_away = true;
	world_wait(w, CONNECT_AGAIN_MS);
	ask_as(w, a, "known", "");
	expect_udp(w, B_ADDR);
	ask_as(w, a, "stranger", "");
	const char *text = refusal(w, a);
	ck_assert_ptr_nonnull(strstr(text, RETRY));
	ck_assert_ptr_null(strstr(text, "not allowed"));
	world_wait(w, ACCESS_CACHE_MS);
	register_udp(w, 0, B_ADDR, B1, "u", 1);
	ask_as(w, a, "known", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), RETRY));
	/* Where nobody ever made a policy nothing can be broken. */
	w->nodes[0].access.any = false;
	ask_as(w, a, "stranger", "");
	expect_udp(w, B_ADDR);
	world_destroy(w);
}
END_TEST

START_TEST(a_row_of_a_newer_version_refuses_instead_of_guessing)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	w->nodes[0].access.any = true;
	w->policy[POLICY_ROW_DEVICE] = "2 what is this";
	ask_as(w, a, "t", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), RETRY));
	world_destroy(w);
}
END_TEST

START_TEST(a_switch_of_sides_works_through_all_its_requests_for_one_address)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	struct client *other = client_in(w, 0, VIA_WS, "192.0.2.9:1");

	w->grant = true;
	for (int i = 0; i < 3; i++) {
		ask_as(w, a, "", "code-abc");
		expect_udp(w, B_ADDR);
		world_wait(w, CONNECT_AGAIN_MS);
	}
	ck_assert_str_eq(w->verifier,
			 "dMIn3uiPe77XodFB5IKi7PrKJ7l7+zVquNn0ObSaHQc=");
	ck_assert(!w->grant);
	ask_as(w, other, "", "code-abc");
	ck_assert_ptr_nonnull(strstr(refusal(w, other), "not allowed"));
	world_wait(w, GRANT_MS);
	register_udp(w, 0, B_ADDR, B1, "u", 1);
	ask_as(w, a, "", "code-abc");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "not allowed"));
	world_destroy(w);
}
END_TEST

/* B1 gives its id up, and another machine takes it. */
static void replace_b1(struct world *w)
{
	world_row(w, B1)->revision = 0;
	peer_remove(&w->nodes[0].peers,
		    peer_find(&w->nodes[0].peers, B1, strlen(B1)));
	ck_assert_int_eq(register_udp(w, 0, B_ADDR, B1, "another", 2), 0);
}

START_TEST(a_switch_of_sides_is_for_the_device_and_not_for_its_id)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
	char first[ACCESS_PK];

	w->grant = true;
	ask_as(w, a, "", "code-abc");
	expect_udp(w, B_ADDR);
	ck_assert_uint_eq(strlen(w->grantor), ACCESS_PK - 1);
	strcpy(first, w->grantor);
	ck_assert_str_eq(w->conn_pk, first);
	replace_b1(w);
	ask_as(w, a, "", "code-abc");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "not allowed"));
	ck_assert_str_ne(w->grantor, first);
	world_destroy(w);
}
END_TEST

START_TEST(a_verdict_of_before_is_not_for_who_takes_the_id)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	own_device(w);
	w->nodes[0].access.any = true;
	ask_as(w, a, "known", "");
	expect_udp(w, B_ADDR);
	replace_b1(w);
	w->redis_away = true;
	ask_as(w, a, "known", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), RETRY));
	world_destroy(w);
}
END_TEST

START_TEST(an_unknown_device_must_be_deployed_where_that_is_required)
{
	struct world *w = world_create();

	w->nodes[0].access.settings.require_deployment = true;
	ck_assert_int_eq(register_udp(w, 0, B_ADDR, B1, "u", 1),
			 HBB__REGISTER_PK_RESPONSE__RESULT__NOT_DEPLOYED);
	ck_assert_ptr_null(world_row(w, B1));
	w->deployed = "dQ== AAAA"; /* another key */
	ck_assert_int_eq(register_udp(w, 0, B_ADDR, B1, "u", 1),
			 HBB__REGISTER_PK_RESPONSE__RESULT__NOT_DEPLOYED);
	w->deployed = "dQ== AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
	ck_assert_int_eq(register_udp(w, 0, B_ADDR, B1, "u", 1),
			 HBB__REGISTER_PK_RESPONSE__RESULT__OK);
	/* And once known it comes back without. */
	w->deployed = NULL;
	ck_assert_int_eq(register_udp(w, 0, "203.0.113.7:2", B1, "u", 1),
			 HBB__REGISTER_PK_RESPONSE__RESULT__OK);
	world_destroy(w);
}
END_TEST

#define LINK "22222222-2222-3333-4444-555555555555"

/* USER's guest comes to USER's device. */
static struct world *visited(enum guest_use use)
{
	struct world *w = policed();

	own_device(w);
	w->policy[POLICY_ROW_GUEST] = LINK;
	w->policy[POLICY_ROW_GUEST_ROLE] = "1 1";
	w->guest = use;
	return w;
}

START_TEST(a_guest_is_counted_before_he_is_let_in_as_whoever_asked_him)
{
	struct world *w = visited(GUEST_COUNTED);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	ask_as(w, a, "ticket", "");
	const Hbb__PunchHole *p = expect_udp(w, B_ADDR)->punch_hole;
	ck_assert_uint_eq(p->control_permissions->permissions, 1);
	ck_assert_str_eq(w->counted, LINK);
	ck_assert_str_eq(w->counted_ip, "198.51.100.20");
	ck_assert_str_eq(w->conn_user, USER);
	ck_assert_str_eq(w->conn_guest, LINK);
	/* Who is nobody's guest is not counted. */
	strcpy(w->counted, "");
	w->policy[POLICY_ROW_GUEST] = NULL;
	world_wait(w, CONNECT_AGAIN_MS);
	ask_as(w, a, "token", "");
	expect_udp(w, B_ADDR);
	ck_assert_str_eq(w->counted, "");
	ck_assert_str_eq(w->conn_guest, "");
	world_destroy(w);
}
END_TEST

START_TEST(a_guest_who_is_not_counted_is_told_why_at_both_requests)
{
	static const struct {
		enum guest_use use;
		const char *says;
	} rows[] = { { GUEST_EXPIRED, "has expired" },
		     { GUEST_USED_UP, "been used as often" },
		     { GUEST_REVOKED, "was revoked" },
		     { GUEST_UNKNOWN, RETRY } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = visited(rows[i].use);
		struct client *a = client_in(w, 0, VIA_WS, A_ADDR);
		uint64_t denied = metric_get(&hbbs_metrics, M_DENY_GUEST);

		ask_as(w, a, "ticket", "");
		ck_assert_ptr_nonnull(strstr(refusal(w, a), rows[i].says));
		ck_assert_uint_eq(metric_get(&hbbs_metrics, M_DENY_GUEST) -
					  denied,
				  rows[i].use != GUEST_UNKNOWN);
		ck_assert_ptr_nonnull(
			strstr(relay_refusal(w, a), rows[i].says));
		ck_assert_uint_eq(w->ntickets, 0);
		world_destroy(w);
	}
}
END_TEST

START_TEST(a_guest_is_not_remembered_for_outages)
{
	struct world *w = visited(GUEST_COUNTED);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	w->nodes[0].access.any = true;
	ask_as(w, a, "ticket", "");
	expect_udp(w, B_ADDR);
	w->redis_away = true;
	world_wait(w, CONNECT_AGAIN_MS);
	ask_as(w, a, "ticket", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), RETRY));
	world_destroy(w);
}
END_TEST

START_TEST(a_guest_does_not_reach_a_device_that_is_disabled_while_he_is_counted)
{
	struct world *w = visited(GUEST_COUNTED);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	w->disables = B1;
	ask_as(w, a, "ticket", "");
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "disabled"));
	world_destroy(w);
}
END_TEST

START_TEST(a_tunnel_that_no_relay_can_carry_is_no_use_of_a_guest_link)
{
	struct world *w = visited(GUEST_COUNTED);
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	Hbb__PunchHoleRequest r = HBB__PUNCH_HOLE_REQUEST__INIT;
	char token[] = "ticket";

	r.token = token;
	r.conn_type = HBB__CONN_TYPE__PORT_FORWARD;
	ask(w, a, &r);
	ck_assert_ptr_nonnull(strstr(refusal(w, a), "Port forwarding"));
	ck_assert_str_eq(w->counted, "");
	world_destroy(w);
}
END_TEST

static void say_hc(struct world *w, struct client *a, const char *token)
{
	Hbb__HealthCheck hc = HBB__HEALTH_CHECK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char t[16];

	strcpy(t, token);
	hc.token = t;
	m.union_case = MSG(HC);
	m.hc = &hc;
	say(w, 0, a, &m);
}

START_TEST(a_session_of_a_user_is_counted_until_it_ends)
{
	struct world *w = policed();
	struct client *a = client_in(w, 0, VIA_WS, A_ADDR);

	say_hc(w, a, "t");
	ck_assert_int_eq(expect_send(w, a)->register_pk_response->keep_alive,
			 KEEP_ALIVE_S);
	ck_assert_int_eq(next_sent(w)->kind, ACT_REGISTERED);
	ck_assert_uint_eq(w->nodes[0].user_sessions, 1);
	say_hc(w, a, "t");
	ck_assert_uint_eq(w->nodes[0].user_sessions, 1);
	hang_up(w, 0, a);
	ck_assert_uint_eq(w->nodes[0].user_sessions, 0);

	w->policy[POLICY_ROW_USER] = "1 1 - - Anna"; /* disabled */
	a = client_in(w, 0, VIA_WS, A_ADDR);
	say_hc(w, a, "t");
	expect_close(w, a);
	a = client_in(w, 0, VIA_TCP, A_ADDR); /* in the clear */
	say_hc(w, a, "t");
	expect_close(w, a);
	world_destroy(w);
}
END_TEST

START_TEST(only_the_api_can_be_asked_through_hbbs)
{
	static const struct {
		const char *method, *path;
		bool fine;
	} rows[] = {
		{ "GET", "/api/peers?current=1&accessible", true },
		{ "DELETE", "/api/ab/peer/0197f3a2", true },
		{ "TRACE", "/api/peers", false },
		{ "GET ", "/api/peers", false },
		{ "GET", "http://203.0.113.9/api/", false },
		{ "GET", "/metrics", false },
		{ "GET", "//evil/api/", false },
		{ "GET", "/api/../metrics", false },
		{ "GET", "/api/x y", false },
		{ "GET", "/api/x\r\nHost: y", false },
		{ "GET", "/api/#x", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char method[16], path[64];
		Hbb__HttpProxyRequest r = HBB__HTTP_PROXY_REQUEST__INIT;
		strcpy(method, rows[i].method);
		strcpy(path, rows[i].path);
		r.method = method;
		r.path = path;
		ck_assert_msg((!account_http_refusal(&r)) == rows[i].fine,
			      "%s %s", method, path);
		r.body.len = ACCOUNT_HTTP_BODY_MAX + 1;
		ck_assert_ptr_nonnull(account_http_refusal(&r));
	}
}
END_TEST

UNIT_MAIN("access", a_rule_lets_in_and_its_absence_keeps_out,
	  the_token_is_hashed_and_believed_only_where_it_is_safe,
	  who_signed_in_and_speaks_in_the_clear_is_told_so,
	  a_relay_request_is_judged_again,
	  in_an_outage_a_verdict_of_before_counts_and_others_wait,
	  a_row_of_a_newer_version_refuses_instead_of_guessing,
	  a_switch_of_sides_works_through_all_its_requests_for_one_address,
	  a_switch_of_sides_is_for_the_device_and_not_for_its_id,
	  a_verdict_of_before_is_not_for_who_takes_the_id,
	  an_unknown_device_must_be_deployed_where_that_is_required,
	  a_guest_is_counted_before_he_is_let_in_as_whoever_asked_him,
	  a_guest_who_is_not_counted_is_told_why_at_both_requests,
	  a_guest_is_not_remembered_for_outages,
	  a_guest_does_not_reach_a_device_that_is_disabled_while_he_is_counted,
	  a_tunnel_that_no_relay_can_carry_is_no_use_of_a_guest_link,
	  a_session_of_a_user_is_counted_until_it_ends,
	  only_the_api_can_be_asked_through_hbbs)
