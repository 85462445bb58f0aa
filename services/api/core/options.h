/*
 * options: what an administrator may change at run time, as everybody reads
 * it. Who changes it: system/settings.
 *
 * Redis hash api:settings, one JSON object per section. Members that are
 * secret are stored sealed.
 */
#pragma once

#include "services/api/core/call.h"

/* The section with defaults filled in; pooled. Sections: general, smtp,
 * ldap, oidc. */
struct json_object *options_get(struct db *d, const char *section);

/* The same from STORED, what Redis holds of the section (NULL: nothing). */
struct json_object *options_default(struct db *d, const char *section,
				    const char *stored);

/* How long a session lasts without use, in seconds. */
int64_t options_session_s(struct db *d);
