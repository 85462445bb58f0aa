/*
 * wire: protobuf pack and unpack of RendezvousMessage with a stack arena.
 *
 * protobuf-c allocates per field; wire gives it a fixed arena instead, so a
 * datagram is parsed without touching the heap and freed by forgetting it.
 * Unpacking also enforces what protobuf-c does not: valid UTF-8 in strings
 * and the length and count caps of spec 1.8. Unknown fields are dropped, groups
 * among them, which protobuf-c itself does not take: a message is never
 * forwarded as received, always rebuilt (spec 6.9 W1, W2).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "rendezvous.pb-c.h"

enum {
	WIRE_ID_MAX = 253,         /* bytes, spec 1.8 */
	WIRE_ID_FIELD_MAX = 512,   /* so that a too long id gets an answer */
	WIRE_UUID_TEXT_MAX = 64,   /* relay uuid string */
	WIRE_MACHINE_ID_MAX = 256, /* RegisterPk.uuid bytes */
	WIRE_VERSION_MAX = 64,
	WIRE_TOKEN_MAX = 8192,
	WIRE_KEY_MAX = 256,
	WIRE_RELAY_MAX = 512,
	WIRE_PARAMS_MAX = 256,    /* KeyExchange.signed_params: 111, and air */
	WIRE_SDP_MAX = 8192,      /* an offer or answer of WebRTC */
	WIRE_PEERS_MAX = 1000,    /* OnlineRequest.peers */
	WIRE_HEADERS_MAX = 100,   /* HttpProxyRequest.headers */
	WIRE_FIELDS_MAX = 2048,   /* fields of all levels of one message */
	WIRE_GROUPS_MAX = 16,     /* groups within groups */
	WIRE_DATAGRAM_MAX = 1200, /* what we send in one UDP datagram */
	WIRE_OFFER_DATAGRAM_MAX = 1400, /* with an offer in it: no fragments */
};

/* Memory for one unpacked message. Small messages stay in FIXED; larger ones
 * spill to the heap: at most twice the input's length (three times with a
 * group in it), 128 bytes a field, and 2 KiB. */
struct wire_arena {
	_Alignas(16) uint8_t fixed[2048];
	size_t used;
	void *spill; /* list of heap blocks, freed by wire_release() */
	size_t spilled;
	size_t spill_cap;
};

/*
 * Unpacks one message. Returns NULL if the bytes are not a message that spec
 * 1.8 allows. The result lives in ARENA until wire_release(); a message
 * without any member is returned with union_case NOT_SET.
 */
MUST_USE Hbb__RendezvousMessage *wire_unpack(struct wire_arena *arena,
					     const uint8_t *data, size_t len);

/* The same for any other message type, e.g. the bus messages of state.proto. */
MUST_USE ProtobufCMessage *wire_unpack_as(const ProtobufCMessageDescriptor *d,
					  struct wire_arena *arena,
					  const uint8_t *data, size_t len);

/* Frees what spilled. Harmless after a NULL from wire_unpack(). */
void wire_release(struct wire_arena *arena);

/* Bytes that wire_pack() will write. */
size_t wire_size(const Hbb__RendezvousMessage *m);

/* Packs into OUT (at least wire_size() bytes); returns the length. */
size_t wire_pack(const Hbb__RendezvousMessage *m, uint8_t *out);
