/*
 * settings: what an administrator changes at run time.
 *
 * Redis hash api:settings, one JSON object per section. Members that are
 * secret are stored sealed and never shown.
 */
#pragma once

#include "services/api/core/call.h"

#define SETTINGS_KEY "api:settings"

/* The section with defaults filled in; pooled. Sections: general, smtp,
 * ldap, oidc. */
struct json_object *settings_get(struct db *d, const char *section);
int64_t settings_session_s(struct db *d);

int settings_show(struct call *c);
int settings_change(struct call *c);
