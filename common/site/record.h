/*
 * record: the durable facts about one peer, as stored in peer:{bb}.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/proto/wire.h"

enum {
	RECORD_PK_LEN = 32,
	RECORD_GUID_LEN = 16,
	RECORD_ENCODED_MAX =
		512, /* 256 uuid + 32 pk + 16 ip + 16 guid + heads */
};

struct record {
	uint32_t revision; /* 0: not stored yet */
	uint8_t guid[RECORD_GUID_LEN];
	bool has_guid; /* decoded; one of ours always has it */
	uint8_t uuid[WIRE_MACHINE_ID_MAX];
	size_t uuid_len;
	uint8_t pk[RECORD_PK_LEN];
	bool has_pk;    /* imported rows may lack it */
	struct addr ip; /* source of the last accepted RegisterPk; port 0 */
	bool has_ip;
	int64_t created_s;
	bool no_register_device;
	bool disabled;
};

/* Encodes without the revision; returns the length. */
size_t record_encode(const struct record *r,
		     uint8_t out[static RECORD_ENCODED_MAX]);

/* Decodes revision and record as Redis holds them. 0 or -EINVAL. */
MUST_USE int record_decode(const uint8_t *data, size_t len, struct record *out);

bool record_uuid_eq(const struct record *r, const uint8_t *uuid, size_t len);
