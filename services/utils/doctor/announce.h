/*
 * announce: tells hbbs of a test session, so that it writes the ticket without
 * which a relay admits nobody. The peer is hbbs's own test id: no device is
 * asked and no record is left.
 */
#pragma once

#include "common/base/attr.h"
#include "services/utils/doctor/doctor.h"

enum { ANNOUNCE_REASON = 256 };

/*
 * Announces UUID on the port of hbbs, encrypted where a token goes with it.
 * 0, or -errno; -EACCES: hbbs refuses, and REASON gets its words.
 */
MUST_USE int announce_session(struct doctor *d, char *uuid,
			      char reason[static ANNOUNCE_REASON]);
