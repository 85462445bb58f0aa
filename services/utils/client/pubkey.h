/*
 * pubkey: which key must clients have? (spec 5.2)
 */
#pragma once

#include "common/base/attr.h"

enum { PUBKEY_MAX = 257 }; /* any text up to 256 bytes may be a key */

/*
 * OPTION is the value of KEY as the servers take it: "-" or "_" stands for
 * the key pair in DIR, a secret key for its public half, "" for none, other
 * texts for themselves. 0, -ENOENT if there is no pair in DIR, -EINVAL if its
 * file is not a key, -E2BIG.
 */
MUST_USE int pubkey_of_option(const char *option, const char *dir,
			      char out[static PUBKEY_MAX]);

/* The public half of DIR/id_ed25519, read from the secret key. 0, -ENOENT,
 * -EINVAL if that is not a key, or another -errno. */
MUST_USE int pubkey_of_pair(const char *dir, char out[static PUBKEY_MAX]);
