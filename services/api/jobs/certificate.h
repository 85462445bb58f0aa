/*
 * certificate: the one that browsers and clients are shown at the public name.
 *
 * Whoever serves TLS in front, and however it got its certificate: the api
 * looks from outside, by a handshake with PUBLIC_URL or the first of
 * PUBLIC_NAMES, in the lane of deliveries. One node does it, every hour while
 * all is well and every five minutes while it is not.
 *
 *   api:certificate:asked  the URL that somebody looks at, until its next turn
 *   api:certificate        hash: url, state, expires, asked (Unix time), why
 */
#pragma once

#include "services/api/core/call.h"

enum {
	CERTIFICATE_MS = 2500,       /* a handshake; there are two at most */
	CERTIFICATE_EVERY_S = 3600,  /* all is well */
	CERTIFICATE_SOON_S = 300,    /* it is not, or nobody answered */
	CERTIFICATE_RENEW_DAYS = 14, /* ACME renews a month before the end */
	CERTIFICATE_URL_MAX = 512,   /* bytes; a longer one is not looked at */
	CERTIFICATE_WHY_MAX = 160,   /* bytes */
};

struct certificate {
	/* "none": no public name with https is set. "unknown": not looked at
	 * yet, or no TLS there, as WHY says. "expired", "wrong_name".
	 * "private": of an authority that this machine does not know, or of
	 * none. "trusted". */
	const char *state;
	const char *name;  /* that it is for, with its port; or "" */
	int64_t expires_s; /* Unix time, 0: unknown */
	int64_t asked_s;   /* when it was looked at, 0: never */
	const char *why;   /* or "" */
};

/* A round of the worker: gives the look to the lane if it is time. */
void certificate_tick(struct app *app, struct db *d);
/* What was found. Texts are literals or live in D's pool. */
struct certificate certificate_read(struct db *d, const struct api_config *cfg);
/* Does it end before it should have been renewed? */
bool certificate_ends(const struct certificate *c, int64_t now_s);
