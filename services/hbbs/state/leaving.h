/*
 * leaving: copies of a machine that an administrator sends away.
 *
 * Two machines that show the same id, machine id and key are told apart by
 * their address only. The api writes which address is to take another id
 * (policy:leave); each hbbs reads the rows with its settings. Whoever proves
 * to be the id from there is told UUID_MISMATCH, upon which clients make
 * themselves a new id; only the first socket is, so never two machines of one
 * address. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/proto/wire.h"

enum { LEAVING_MAX = 64 }; /* the api writes no more; 20 KB */

struct leaving_row {
	char id[WIRE_ID_MAX + 1];
	struct addr ip;
	uint64_t mark; /* tells an order from one that was given before */
	uint64_t until_ms;
	struct addr told; /* with port */
	bool is_told;
};

struct leaving {
	struct leaving_row rows[LEAVING_MAX];
	size_t n;
};

/* Takes ROWS of settings.lua, "id ip mark seconds-left" each, as all there
 * are; who has been told is remembered. What is no such row is left out. */
void leaving_read(struct leaving *l, const char *const *rows, size_t n,
		  uint64_t now_ms);
/* Is whoever calls himself ID at FROM to leave it? */
bool leaving_is(const struct leaving *l, const char *id,
		const struct addr *from, uint64_t now_ms);
/* As leaving_is() of one who has proved that he is ID, and is told now. */
bool leaving_tell(struct leaving *l, const char *id, const struct addr *from,
		  uint64_t now_ms);
