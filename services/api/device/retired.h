/*
 * retired: what devices were that left the inventory because nobody has seen
 * them for long: api:device:retired, guid -> document.
 *
 * Unlike a deleted one, a retired device comes back by itself, with owner,
 * group, strategy and note, as soon as it reports again (device_new()), or
 * when an administrator takes it back. What hbbs decides about it does not
 * change meanwhile: its policy row stays.
 */
#pragma once

#include "services/api/core/doc.h"

/* Those of GUIDS that are retired, as they are kept (DEVICE_RETIRED_AT, Unix
 * time, DEVICE_RETIRED_BY); *FOUND of them. */
struct doc **retired_many(struct db *d, const char *const *guids, size_t n,
			  size_t *found);
/* The document that the device had, as a new one, without references to what is
 * gone. */
struct doc *retired_take(struct db *d, const char *guid);
