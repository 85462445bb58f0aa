/*
 * presets: what a device's installer wished for it, sent with each sysinfo.
 *
 * They count at once for trusted devices (device/trust.h), and for all only if
 * the settings say so. Else they wait for an administrator:
 *
 *   api:device:wish    hash guid -> {hash, at, wish}; the password is sealed
 *   api:device:wishes  zset guid, score = since when (Unix time)
 *
 * Each wish counts once: they are repeated at every upload, and later changes
 * by administrators stay.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

enum {
	PRESETS_WAITING = 10000, /* more are not kept: people read this list */
	PRESETS_WISH = 4096,     /* bytes of one that is kept */
};

/* Takes the presets of the sysinfo in C: applied to DEV, or put aside. */
void presets_take(struct tx *t, struct call *c, struct doc *dev,
		  const struct peer *p);

int presets_list(struct call *c);    /* GET /api/devices/presets */
int presets_approve(struct call *c); /* POST /api/devices/{guid}/approve */
int presets_reject(struct call *c);  /* DELETE /api/devices/{guid}/presets */
