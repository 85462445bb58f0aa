/*
 * hello: how one relay joins a session that waits at another.
 *
 * The relay that a second half reached dials the relay where the first half
 * waits. Three messages of fixed size prove on both sides that the other one
 * reads the same Redis (the secret is kept there) and bind everything that
 * is said to this one connection; after the third the link carries the bytes
 * of the session and nothing else.
 *
 *	owner  --> dialer   challenge: magic, owner's epoch, nonce
 *	dialer --> owner    hello: who, for which uuid, for which client; MAC
 *	owner  --> dialer   verdict: taken or not; MAC
 *
 * The client is the real one, so the owner's lists, limits and logs see it.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/proto/wire.h"

enum {
	HELLO_NONCE = 32,
	HELLO_SECRET = 32,
	HELLO_MAC = 32,
	HELLO_CHALLENGE = 8 + 4 + HELLO_NONCE,
	/* magic, epoch, nonce, flags, ip, port, length of uuid, uuid, MAC */
	HELLO_SIZE = 8 + 4 + HELLO_NONCE + 1 + 16 + 2 + 1 + WIRE_UUID_TEXT_MAX +
		     HELLO_MAC,
	HELLO_VERDICT = 1 + HELLO_MAC,
};

struct hello {
	uint32_t epoch; /* of the dialing relay */
	bool ws;        /* the client came over WebSocket: framed bytes */
	bool proxied;
	bool controller;
	bool tunnel;
	struct addr client;
	char uuid[WIRE_UUID_TEXT_MAX + 1];
};

/* A fresh challenge of the relay with this epoch. */
void hello_challenge(uint8_t out[static HELLO_CHALLENGE], uint32_t epoch);

/* True if IN is a challenge of the relay that was dialed. */
bool hello_expected(const uint8_t in[static HELLO_CHALLENGE], uint32_t epoch);

void hello_pack(uint8_t out[static HELLO_SIZE], const struct hello *h,
		const uint8_t challenge[static HELLO_CHALLENGE],
		const uint8_t secret[static HELLO_SECRET]);

/* 0, -EACCES (not made with our secret for our challenge) or -EPROTO. */
MUST_USE int hello_unpack(const uint8_t in[static HELLO_SIZE],
			  const uint8_t challenge[static HELLO_CHALLENGE],
			  const uint8_t secret[static HELLO_SECRET],
			  struct hello *out);

void hello_verdict(uint8_t out[static HELLO_VERDICT], bool taken,
		   const uint8_t hello[static HELLO_SIZE],
		   const uint8_t challenge[static HELLO_CHALLENGE],
		   const uint8_t secret[static HELLO_SECRET]);

/* 1 taken, 0 not, -EACCES if the answer is not the owner's. */
MUST_USE int hello_read_verdict(const uint8_t in[static HELLO_VERDICT],
				const uint8_t hello[static HELLO_SIZE],
				const uint8_t challenge[static HELLO_CHALLENGE],
				const uint8_t secret[static HELLO_SECRET]);
