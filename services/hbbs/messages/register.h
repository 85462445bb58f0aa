/*
 * register: RegisterPeer and RegisterPk (spec 4.1, 4.2, 4.3).
 *
 * The rule about addresses (spec 6.9 W3): a heartbeat proves nothing, so it
 * only refreshes the address it already has. From anywhere else it is
 * answered with request_pk, and the RegisterPk that follows at once must show
 * the machine id and the key; then the peer has moved. A roaming client is
 * therefore back within the same heartbeat.
 */
#pragma once

#include "services/hbbs/state/core.h"

/* Brings the peers of heartbeats among these, DATAGRAM_BATCH at most, into the
 * cache; a hint. */
void register_ahead(const struct core *c, const struct datagram *d, size_t n);

step_fn register_peer;
step_fn register_pk;
