/*
 * me: who is signed in, what he may do, where else he is signed in.
 */
#pragma once

#include "services/api/core/call.h"

/* The user as clients know him, and his effective rights for the console. */
int me_current_user(struct call *c);
/* His own name, mail address, note. */
int me_update(struct call *c);
/* All rights that roles can give. */
int web_permissions(struct call *c);
int web_own_sessions(struct call *c);
int web_own_session_end(struct call *c);
