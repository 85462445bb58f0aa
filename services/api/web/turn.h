/*
 * turn: STUN and TURN servers for browsers (RTCConfiguration.iceServers).
 *
 * Everybody may know where they are; a TURN server relays for whoever has a
 * name and a password that TURN_SECRET vouches for, as coturn's
 * use-auth-secret has it: the name is when it ends, the password an HMAC-SHA1
 * of the name. Only who begins a session gets them, for TURN_S.
 */
#pragma once

#include "common/base/attr.h"
#include "services/api/core/call.h"

enum {
	TURN_S = 600,      /* life of a name and password */
	TURN_URLS_MAX = 8, /* servers in TURN_URLS: browsers ask all of them */
};

/* Are TURN_URLS and TURN_SECRET of use? 0, or -EINVAL after logging why not. */
MUST_USE int turn_check(const struct api_config *cfg);

/* The list without passwords: STUN alone, of the TURN servers too. */
struct json_object *turn_public(struct call *c);
/* The whole list, for the one who begins a session now. */
struct json_object *turn_session(struct call *c);
