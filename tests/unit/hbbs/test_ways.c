/* Messages that wait, and where they go on. */
#include "../unit.h"
#include "asking.h"

/* A thousand short ids: far more to keep than was received. */
static size_t pack_ids(uint8_t *out)
{
	static char id[] = "1";
	char *ids[WIRE_PEERS_MAX];
	Hbb__OnlineRequest o = HBB__ONLINE_REQUEST__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;

	for (unsigned i = 0; i < WIRE_PEERS_MAX; i++)
		ids[i] = id;
	o.peers = ids;
	o.n_peers = WIRE_PEERS_MAX;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_ONLINE_REQUEST;
	m.online_request = &o;
	return wire_pack(&m, out);
}

START_TEST(what_a_parked_message_unpacks_to_counts_too)
{
	static struct job_table t;
	uint8_t data[8192];
	struct origin from = { .via = VIA_TCP };
	size_t len = pack_ids(data), most = 0;

	job_table_init(&t);
	struct job *j = job_create(&t, &from, data, len);
	ck_assert(job_unpack(&t, j));
	size_t one = t.bytes;
	ck_assert_uint_gt(one, 2 * len);
	job_destroy(&t, j);
	ck_assert_uint_eq(t.bytes, 0);
	/* Until there is no room: what does not fit leaves nothing behind. */
	while ((j = job_create(&t, &from, data, len)) && job_unpack(&t, j))
		most = t.bytes;
	ck_assert_uint_gt(most, JOBS_BYTES_MAX - 2 * one);
	if (j)
		job_destroy(&t, j);
	ck_assert_uint_eq(t.bytes, most);
	job_table_fini(&t);
}
END_TEST

START_TEST(a_way_ends_with_its_job_given_back)
{
	struct world *w = world_create();
	struct core *c = &w->nodes[0];
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);

	w->slow = true;
	punch(w, 0, a, B1);
	ck_assert_uint_eq(c->jobs.map.len, 1);
	expect_nothing(w);
	world_answer(w);
	ck_assert_uint_eq(c->jobs.map.len, 0);
	ck_assert_uint_eq(c->jobs.bytes, 0);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(a_request_whose_client_has_gone_ends_at_its_next_result)
{
	struct world *w = world_create();
	struct core *c = &w->nodes[0];

	register_udp(w, 0, B_ADDR, B1, "uuid", 1);
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	w->slow = true;
	punch(w, 0, a, B1); /* asks for the policy */
	hang_up(w, 0, a);
	ck_assert_uint_eq(c->jobs.map.len, 1);
	world_answer(w);
	ck_assert_uint_eq(c->jobs.map.len, 0);
	expect_nothing(w);
	world_destroy(w);
}
END_TEST

START_TEST(b_is_looked_for_anew_where_the_policy_took_its_time)
{
	struct world *w = world_create();
	struct core *c = &w->nodes[0];
	struct client *b = client_in(w, 0, VIA_TCP, B_TCP);

	register_on(w, 0, b, B1, "uuid", 1);
	struct client *a = client_in(w, 0, VIA_TCP, A_ADDR);
	w->slow = true;
	punch(w, 0, a, B1);
	/* Its connection goes, and with it what the request knew. */
	hang_up(w, 0, b);
	world_answer(w);
	ck_assert_int_eq(expect_send(w, a)->punch_hole_response->failure,
			 HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE);
	expect_nothing(w);
	ck_assert_uint_eq(c->jobs.map.len, 0);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("ways", what_a_parked_message_unpacks_to_counts_too,
	  a_way_ends_with_its_job_given_back,
	  a_request_whose_client_has_gone_ends_at_its_next_result,
	  b_is_looked_for_anew_where_the_policy_took_its_time)
