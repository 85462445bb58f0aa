/*
 * settings_identity: directories and identity providers stay who they are when
 * their entry in the settings is renamed or moves, because accounts hang on
 * them (account/directory.h).
 *
 * A directory keeps the "names" that it had earlier, a provider its
 * "issuers".
 */
#pragma once

#include "services/api/base/js.h"

/* The entry of BEFORE that ITEM was: of its name, or else of its place;
 * NULL if it is new. */
struct json_object *settings_identity_earlier(struct json_object *item,
					      struct json_object *before);
/* Completes ITEM of SECTION ("ldap", "oidc") from the list as it was BEFORE. */
void settings_identity_keep(const char *section, struct json_object *item,
			    struct json_object *before);
