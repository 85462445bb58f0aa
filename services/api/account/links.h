/*
 * links: what comes by mail and leads to a page (pages.h): invitations,
 * forgotten passwords.
 *
 *   api:invite:{sha256}  user guid, 7 days
 *   api:reset:{sha256}   user guid, one hour
 *   api:reset:count:{…}  mails that one user, one address asked for in an hour
 *
 * The secret is in the fragment of the link, which browsers send to nobody;
 * the page sends it in a body, once.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	LINK_INVITE_S = 7 * 86400,
	LINK_RESET_S = 3600,
	LINK_RESET_USER = 3,     /* mails an hour to one user */
	LINK_RESET_ADDRESS = 20, /* asked for by one address in an hour */
};

/* Where this server's pages are, without the last slash; "": not known. */
const char *links_base(struct call *c);

int links_invite(struct call *c);
int links_accept_invite(struct call *c);
int links_password_forgot(struct call *c); /* POST /api/password/forgot */
int links_password_reset(struct call *c);  /* POST /api/password/reset */
