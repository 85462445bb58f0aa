/*
 * keyfile: the files without which a backup is of little use: hbbs' key pair
 * and the api's key of secrets at rest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum { KEYFILE_MAX = 1024 }; /* they have 32 to 88 bytes */

/* The names, NULL after the last. */
const char *keyfile_name(size_t i);

/* Reads DIR/NAME into OUT. Its length, or -errno; -EFBIG if it cannot be a
 * key. */
MUST_USE int keyfile_read(const char *dir, const char *name,
			  uint8_t out[static KEYFILE_MAX]);

/* Puts it into DIR, synced: the public key with 0644, the others 0600. 0,
 * -EEXIST if another one is there and FORCE is not given, -EINVAL if NAME is
 * none of the names, or -errno. */
MUST_USE int keyfile_write(const char *dir, const char *name, size_t name_len,
			   const uint8_t *data, size_t len, bool force);
