/*
 * secure: the KeyExchange that opens the secretbox layer (kx.h).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/hbbs/state/core.h"

/* Sends KeyExchange to a fresh connection where the protocol has one: TCP
 * 21116, if there is a signing key. */
void secure_offer(struct core *c, struct client *client);

/* The client's answer, or its refusal: any other first message. Returns 0,
 * or -EPROTO if the connection must be closed. */
MUST_USE int secure_first(struct client *client,
			  const Hbb__RendezvousMessage *m);
