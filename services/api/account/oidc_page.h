/*
 * oidc_page: what the browser shows on the browser leg of single sign-on.
 */
#pragma once

#include "services/api/core/call.h"

/* One sentence; TEXT is plain text. */
int oidc_page(struct call *c, const char *text);

struct oidc_question {
	const char *account;
	const char *device;  /* its name, as it says itself */
	const char *id;      /* of the device */
	const char *address; /* from where it asks */
	const char *state;
	const char *secret; /* proves that the answer comes from this page */
};
/* Asks whether that device shall be signed in. */
int oidc_page_ask(struct call *c, const struct oidc_question *q);
