/*
 * smtp_token: the OAuth 2.0 access token with which mail is sent (XOAUTH2),
 * for servers that take no passwords any more: by refresh token where the
 * settings have one, else by client credentials (RFC 6749 6 and 4.4).
 *
 *   api:smtp:token:{hash of the settings}  sealed token, until it expires
 */
#pragma once

#include "services/api/core/call.h"

/* NULL and *WHY: there is none. */
const char *smtp_token(struct app *app, struct db *d, struct json_object *smtp,
		       const char **why);
