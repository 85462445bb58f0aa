/*
 * guest_links: the makers' side of guest links, and whoever may see or disable
 * them: he sees or ends their links too.
 */
#pragma once

#include "services/api/core/call.h"

int guest_links_list(struct call *c);
int guest_links_create(struct call *c);
int guest_links_show(struct call *c);
int guest_links_update(struct call *c);
/* An active one is revoked, another one goes from the list. */
int guest_links_delete(struct call *c);
/* Control roles to choose from, as they narrow what the caller may. */
int guest_links_roles(struct call *c);
