/*
 * proven: addresses from which a valid access token has come lately.
 *
 * A client sends one request to the API on a connection, so that what a
 * connection may send is known only by what its address has shown before.
 * Pure; an address that is pushed out shows its token again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/addr.h"

enum {
	PROVEN_MAX = 4096, /* 128 KiB */
	PROVEN_MS = 3600 * 1000,
};

struct proven {
	struct {
		struct addr ip;
		uint64_t until_ms;
	} list[PROVEN_MAX];
};

void proven_note(struct proven *p, const struct addr *from, uint64_t now_ms);
bool proven_has(const struct proven *p, const struct addr *from,
		uint64_t now_ms);
