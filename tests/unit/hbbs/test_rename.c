#include "../unit.h"

#include "world.h"

#define HOME   "203.0.113.7:40000"
#define B1     "123456789"
#define MSG(x) HBB__RENDEZVOUS_MESSAGE__UNION_##x

enum { OK, EXISTS = 3, FREQUENT = 4, BAD_ID = 5, SERVER_ERROR = 7 };

static void ask(struct world *w, struct client *c, const char *old,
		const char *new, const char *uuid)
{
	Hbb__RegisterPk r = HBB__REGISTER_PK__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	char from[600], to[64], machine[32];

	strcpy(from, old);
	strcpy(to, new);
	strcpy(machine, uuid);
	r.id = to;
	r.old_id = from;
	r.uuid.data = (uint8_t *)machine;
	r.uuid.len = strlen(machine);
	m.union_case = MSG(REGISTER_PK);
	m.register_pk = &r;
	say(w, 0, c, &m);
}

static int rename_to(struct world *w, const char *old, const char *new,
		     const char *uuid)
{
	struct client *c = client_in(w, 0, VIA_TCP, "203.0.113.7:9");

	ask(w, c, old, new, uuid);
	const Hbb__RegisterPkResponse *r =
		expect_send(w, c)->register_pk_response;
	int result = (int)r->result;
	ck_assert_int_eq(r->keep_alive, 0);
	expect_close(w, c);
	hang_up(w, 0, c);
	return result;
}

START_TEST(an_owner_renames_and_keeps_key_and_guid)
{
	struct world *w = world_create();

	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	struct row before = *world_row(w, B1);
	ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), OK);
	ck_assert_uint_eq(world_row(w, B1)->revision, 0);
	struct row *after = world_row(w, "newname");
	ck_assert_uint_eq(after->len, before.len);
	ck_assert_mem_eq(after->record, before.record, before.len);
	ck_assert(!world_row(w, B1)->seen);
	/* Its answer was lost and it asks again. */
	ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), OK);
	world_destroy(w);
}
END_TEST

START_TEST(nobody_takes_what_belongs_to_another_machine)
{
	struct world *w = world_create();

	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	register_udp(w, 0, HOME, "taken-id", "uuid-b2", 2);
	ck_assert_int_eq(rename_to(w, B1, "taken-id", "uuid-b1"), EXISTS);
	ck_assert_int_eq(rename_to(w, B1, "newname", "guess"), SERVER_ERROR);
	ck_assert_int_eq(rename_to(w, "unknown1", "newname", "uuid-b1"),
			 SERVER_ERROR);
	ck_assert_int_eq(rename_to(w, B1, B1, "uuid-b1"), BAD_ID);
	ck_assert_uint_eq(world_row(w, B1)->revision, 1);
	ck_assert_uint_eq(world_row(w, "taken-id")->revision, 1);
	world_destroy(w);
}
END_TEST

START_TEST(names_that_no_client_would_take_are_refused)
{
	static const char *const bad[] = {
		"1abcdef",        "ab", "a b c d e", "abcdefghijklmnopq",
		"umlaut\xc3\xa4", ""
	};
	struct world *w = world_create();
	char longest[600];

	memset(longest, 'x', sizeof longest);
	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(rename_to(w, B1, bad[i], "uuid-b1"), BAD_ID);
	longest[500] = '\0';
	ck_assert_int_eq(rename_to(w, longest, "newname", "uuid-b1"), BAD_ID);
	ck_assert_int_eq(rename_to(w, B1, "newname", ""), BAD_ID);
	world_destroy(w);
}
END_TEST

START_TEST(ten_changes_in_a_row_are_enough)
{
	struct world *w = world_create();
	char name[2][32] = { B1, "" };
	int i;

	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	for (i = 0; i < 20; i++) {
		snprintf(name[(i + 1) % 2], 32, "name-%d", 10 + i);
		if (rename_to(w, name[i % 2], name[(i + 1) % 2], "uuid-b1") !=
		    OK)
			break;
	}
	ck_assert_int_eq(i, 10);
	ck_assert_int_eq(rename_to(w, "name-19", "name-99", "uuid-b1"),
			 FREQUENT);
	world_wait(w, 6000);
	ck_assert_int_eq(rename_to(w, "name-19", "name-99", "uuid-b1"), OK);
	world_destroy(w);
}
END_TEST

START_TEST(a_failing_store_is_a_server_error_and_changes_nothing)
{
	struct world *w = world_create();

	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	w->read_only = true;
	ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), SERVER_ERROR);
	w->redis_away = true;
	ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), SERVER_ERROR);
	ck_assert_ptr_nonnull(peer_find(&w->nodes[0].peers, B1, strlen(B1)));
	world_destroy(w);
}
END_TEST

START_TEST(a_race_for_one_name_has_one_winner)
{
	struct world *w = world_create();
	struct client *a = client_in(w, 0, VIA_TCP, "203.0.113.7:1");
	struct client *b = client_in(w, 0, VIA_TCP, "203.0.113.8:1");

	register_udp(w, 0, HOME, "first-id", "uuid-1", 1);
	register_udp(w, 0, HOME, "second-id", "uuid-2", 1);
	w->slow = true;
	ask(w, a, "first-id", "wanted", "uuid-1");
	ask(w, b, "second-id", "wanted", "uuid-2");
	world_answer(w);
	ck_assert_int_eq(expect_send(w, a)->register_pk_response->result, OK);
	expect_close(w, a);
	ck_assert_int_eq(expect_send(w, b)->register_pk_response->result,
			 EXISTS);
	ck_assert_uint_eq(world_row(w, "second-id")->revision, 1);
	world_destroy(w);
}
END_TEST

/* Where a request for ID at NODE ends: NULL if it is refused. */
static const struct sent *pushed(struct world *w, unsigned node, char *id)
{
	struct client *a = client_in(w, node, VIA_TCP, "198.51.100.20:3000");

	punch(w, node, a, id);
	const struct sent *s = next_sent(w);
	ck_assert_ptr_nonnull(s);
	return s->kind == ACT_SEND && s->client == a ? NULL : s;
}

START_TEST(a_renamed_peer_is_reached_at_once_under_its_new_id_alone)
{
	static char old[] = B1, new[] = "newname";

	for (unsigned holder = 0; holder < 2; holder++) {
		struct world *w = world_create();
		struct addr home = at(HOME);

		register_udp(w, holder, HOME, B1, "uuid-b1", 1);
		ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), OK);
		for (unsigned node = 0; node < WORLD_NODES; node++) {
			const struct sent *s = pushed(w, node, new);
			ck_assert_ptr_nonnull(s);
			ck_assert(addr_eq(&s->to, &home));
			ck_assert_ptr_null(pushed(w, node, old));
		}
		/* It does not live for ever on what the old id had. */
		world_wait(w, PEER_ONLINE_MS);
		ck_assert_ptr_null(pushed(w, 0, new));
		world_destroy(w);
	}
}
END_TEST

START_TEST(the_connection_of_a_renamed_peer_stands_for_its_new_id)
{
	static char new[] = "newname";

	for (unsigned holder = 0; holder < 2; holder++) {
		struct world *w = world_create();
		struct client *b =
			client_in(w, holder, VIA_TCP, "203.0.113.7:1");

		register_on(w, holder, b, B1, "uuid-b1", 1);
		ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), OK);
		const struct sent *s = pushed(w, 0, new);
		ck_assert_ptr_nonnull(s);
		ck_assert_int_eq(s->kind, ACT_SEND);
		ck_assert_ptr_eq(s->client, b);
		hang_up(w, holder, b);
		ck_assert_ptr_null(pushed(w, 0, new));
		world_destroy(w);
	}
}
END_TEST

static void hear(struct world *w, unsigned node, State__Bus *bus)
{
	uint8_t packed[256];

	ck_assert_uint_le(state__bus__get_packed_size(bus), sizeof packed);
	rendezvous_bus(&w->nodes[node], packed, state__bus__pack(bus, packed),
		       w->now);
}

/* Redis tells the holder a moment later, and by then somebody else may have
 * taken the old id. */
START_TEST(whoever_takes_the_old_id_stays_himself)
{
	static char old[] = B1, new[] = "newname", other[] = "203.0.113.9:5";
	static uint8_t uuid[] = "uuid-b1";
	struct world *w = world_create();
	struct addr home = at(HOME), stranger = at(other);
	State__Renamed renamed = STATE__RENAMED__INIT;
	State__Released released = STATE__RELEASED__INIT;
	State__Bus bus = STATE__BUS__INIT;

	register_udp(w, 0, HOME, B1, "uuid-b1", 1);
	ck_assert_int_eq(rename_to(w, B1, "newname", "uuid-b1"), OK);
	register_udp(w, 0, other, B1, "uuid-b2", 2);
	renamed.id = released.id = old;
	renamed.new_id = new;
	renamed.uuid.data = released.uuid.data = uuid;
	renamed.uuid.len = released.uuid.len = sizeof uuid - 1;
	released.epoch = 77;
	bus.what_case = STATE__BUS__WHAT_RENAMED;
	bus.renamed = &renamed;
	hear(w, 0, &bus);
	bus.what_case = STATE__BUS__WHAT_RELEASED;
	bus.released = &released;
	hear(w, 0, &bus);
	ck_assert(addr_eq(&pushed(w, 0, new)->to, &home));
	ck_assert(addr_eq(&pushed(w, 0, old)->to, &stranger));
	world_destroy(w);
}
END_TEST

UNIT_MAIN("rename", whoever_takes_the_old_id_stays_himself,
	  a_renamed_peer_is_reached_at_once_under_its_new_id_alone,
	  the_connection_of_a_renamed_peer_stands_for_its_new_id,
	  an_owner_renames_and_keeps_key_and_guid,
	  nobody_takes_what_belongs_to_another_machine,
	  names_that_no_client_would_take_are_refused,
	  ten_changes_in_a_row_are_enough,
	  a_failing_store_is_a_server_error_and_changes_nothing,
	  a_race_for_one_name_has_one_winner)
