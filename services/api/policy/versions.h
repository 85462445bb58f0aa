/*
 * versions: what a strategy was before it was changed, newest first.
 */
#pragma once

#include "services/api/core/call.h"

enum { VERSIONS_MAX = 20 }; /* of each strategy: 2.6 MB of options at most */

/* Keeps S as it was read, with who replaces it. A new one has no former. */
void versions_keep(struct tx *t, struct call *c, const struct doc *s);
/* With the strategy go its versions. */
void versions_forget(struct tx *t, const struct doc *s);

int versions_list(struct call *c);
