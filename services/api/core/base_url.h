/*
 * base_url: where people reach this server, for links and for the address to
 * which an identity provider sends them back.
 *
 * PUBLIC_URL says it. Without it the Host header of a request counts, but only
 * if it names the machine itself or one of PUBLIC_NAMES: who writes the header
 * must not choose where codes and links go.
 */
#pragma once

#include "services/api/core/call.h"

/* "https://example.org", without the last slash; NULL: it is not known. */
const char *base_url(struct call *c);

/* Is HOST ("name" or "name:port") in NAMES, or a loopback? Pure. */
bool base_url_known(const char *names, const char *host);
