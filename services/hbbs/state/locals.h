/*
 * locals: the addresses of ours that peers speak to.
 *
 * A server may have several, some of which come and go. Whoever is behind a
 * stateful firewall hears only the one it spoke to, so every answer and every
 * push leaves from there. A peer in memory keeps a one-byte index of this
 * table; its presence in Redis keeps the number of the same address in
 * local:hbbs, which all nodes read, so that it survives restarts and is of
 * use to a node that has the address as well. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"

enum {
	/* One byte; beyond it the kernel chooses where a push leaves. */
	LOCALS_MAX = 255,
	LOCALS_KEEP_S = 3600, /* unused that long, a number may be given anew */
};

struct locals {
	struct addr own[LOCALS_MAX + 1]; /* by index, from 1; port 0 */
	uint8_t number[LOCALS_MAX + 1];  /* in local:hbbs; 0: not known yet */
	size_t n;
	struct addr site[LOCALS_MAX + 1]; /* by number; unspecified: none */
};

/* The index of A, which is added if it is new. 0 if A is unspecified or the
 * table is full. */
uint8_t locals_index(struct locals *l, const struct addr *a);

/* May the address of INDEX be A? One that is unknown may be any. */
bool locals_same(const struct locals *l, uint8_t index, const struct addr *a);

/* Unspecified for 0. */
const struct addr *locals_at(const struct locals *l, uint8_t index);
uint8_t locals_number(const struct locals *l, uint8_t index);
/* What another node or an earlier process wrote. */
const struct addr *locals_of_number(const struct locals *l, uint8_t number);

/* What local:hbbs says, one call an entry behind a clear. Returns the index of
 * A if it is ours and got (another) number, else 0. */
void locals_clear(struct locals *l);
uint8_t locals_learn(struct locals *l, const struct addr *a, uint8_t number);
