/*
 * trust: whose device is it that says so?
 *
 * Anybody who has heard of an id and its machine id can send sysinfo and
 * heartbeats for it. A device is trusted once somebody with a right has said
 * so: by deploying or assigning it with a token, or by approving it. That
 * holds for the key it had then, as hbbs registered it; with another key it is
 * a stranger again.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

/* Somebody with a right has vouched for DEV with the key that P has. */
void trust_pin(struct doc *dev, const struct peer *p);
/* Is it still the device that somebody vouched for? */
bool trust_holds(struct db *d, const struct doc *dev, const struct peer *p);

/* P wants something stored: true if Redis is nearly full and nothing proves
 * that P is who it says, see call_no_room(). */
bool trust_no_room(struct call *c, const struct peer *p);

/* P has signed something with its key: remembered in its document. */
void trust_note_signed(struct call *c, const struct peer *p);
/* Was DEV's key vouched for, or used to sign? What is secret goes only to
 * such devices. */
bool trust_proved(struct db *d, const struct doc *dev);
