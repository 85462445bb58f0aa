/*
 * guest: what somebody without an account does with a guest link.
 *
 *   api:guest:pass:{sha256}  guid of the link, an hour: he has shown its secret
 *   api:guest:rate:{link}    how often that was done this hour
 *   api:guest:came:{link}:{address}  it is in the audit, for an hour
 *
 * Looking is no use of the link: hbbs counts the sessions that it lets begin.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	GUEST_PASS_S = 3600,
	GUEST_HOUR_S = 3600,
	GUEST_HOUR_MAX = 300, /* passes of a link in an hour */
};

/* POST /api/web/guest: the secret, and the PIN if there is one, for a pass. */
int web_guest(struct call *c);
/* POST /api/web/guest/ticket: the pass for a ticket for one device. */
int web_guest_ticket(struct call *c);
