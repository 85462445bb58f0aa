/*
 * clientconf: the forms in which a client takes its configuration (spec 5.4).
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"

enum { CLIENTCONF_TEXT_MAX = 2048 }; /* a QR code holds 2953 bytes */

/* NULL: left out; "" is written as an empty text. Borrowed. */
struct clientconf {
	const char *host;
	const char *relay;
	const char *api;
	const char *key;
};

/* Why the configuration is not usable, or NULL. */
const char *clientconf_problem(const struct clientconf *c);

/* JSON, base64 for URLs without padding, reversed. 0, -ENOMEM or -E2BIG. */
MUST_USE int clientconf_encode(const struct clientconf *c,
			       char out[static CLIENTCONF_TEXT_MAX]);

/*
 * The file name for the portable Windows client: plain text where a file name
 * can hold it, else with the encoded string. 0, -ENOMEM, -E2BIG, or -EINVAL
 * if neither form works.
 */
MUST_USE int clientconf_file_name(const struct clientconf *c,
				  char out[static CLIENTCONF_TEXT_MAX]);
