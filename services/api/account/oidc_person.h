/*
 * oidc_person: the account of whom an ID token names.
 */
#pragma once

#include "services/api/account/provider.h"

/* NULL: *WHY says why there is none. */
struct doc *oidc_person(struct call *c, const struct provider *p,
			struct json_object *claims, const char **why);

/* NAME, or, if it has more than 64 bytes, its beginning and what tells SUBJECT
 * from others with the same beginning. Pure. */
const char *oidc_person_name(struct pool *p, const char *name,
			     const char *subject);
