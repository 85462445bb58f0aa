/*
 * identity: a directory's id of a person as text. Pure.
 *
 * Ids are bytes: equal texts mean equal bytes of equal length.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "services/api/base/pool.h"

/* objectGUID in the form that Active Directory's tools show; printable text as
 * it is; everything else as "hex-" and its bytes. */
const char *identity_text(struct pool *p, const char *attribute,
			  const uint8_t *data, size_t len);
