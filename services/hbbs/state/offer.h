/*
 * offer: what this server reads of a WebRTC offer: which session it begins.
 *
 * An offer is "webrtc://" and the base64 of a JSON text with an SDP in it. Both
 * ends name their session by the value of its first a=fingerprint line (web
 * client spec 17); all else is theirs.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"

enum { OFFER_KEY = 256 }; /* with its NUL; sha-512 takes 200 */

/* The session key of OFFER. False: it is no offer. */
MUST_USE bool offer_session_key(const char *offer, char key[static OFFER_KEY]);
