/*
 * proxyproto: parser of the PROXY protocol header, versions 1 and 2. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

enum { PROXYPROTO_MAX = 536 }; /* v2: 16 + 216 addresses and room for TLVs */

/*
 * Parses the header at the start of DATA. Returns its length and fills
 * CLIENT (*LOCAL true: health check of the proxy itself, CLIENT untouched),
 * 0 if more bytes are needed, or -EPROTO if this is no PROXY header.
 */
MUST_USE int proxyproto_parse(const uint8_t *data, size_t len,
			      struct addr *client, bool *local);
