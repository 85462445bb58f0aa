/*
 * relayticket: tells the relays that a session was allowed (spec 6.9 W8).
 *
 * The uuid of a relay session is made up by a client, but hbbs sees it before
 * the second party does: in A's RequestRelay, or in the RelayResponse of a B
 * that was asked. Only then a ticket is written, and hbbr admits no other
 * uuid.
 */
#pragma once

#include "services/hbbs/state/core.h"

/* What a ticket says of its session; "" for what is not known. */
struct relayticket_of {
	const char *target; /* id of the peer */
	const char *user;   /* who asks */
	const char *ref;    /* conn_audit_ref */
};

/* Writes the ticket of UUID for A, who asked for the session OF. A uuid that is
 * empty or not printable gets none. */
void relayticket_write(struct core *c, const char *uuid, const struct client *a,
		       const struct relayticket_of *of);
