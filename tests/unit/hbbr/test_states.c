#include "services/hbbr/front/bridge.h"
#include "services/hbbr/front/conn.h"
#include "services/hbbr/pairing/match.h"
#include "tests/unit/unit.h"

START_TEST(no_state_machine_leaves_its_last_state)
{
	ck_assert_uint_eq(session_may_follow[S_ENDED], 0);
	ck_assert_uint_eq(conn_may_follow[C_GONE], 0);
	ck_assert_uint_eq(bridge_may_follow[B_OVER], 0);
	for (int i = 0; i < CONN_STATES; i++)
		ck_assert_uint_eq(conn_may_follow[i] & BIT(C_HANDSHAKE), 0);
	ck_assert_uint_eq(session_may_follow[S_PAIRED] & BIT(S_WAITING), 0);
}
END_TEST

UNIT_MAIN("states", no_state_machine_leaves_its_last_state)
