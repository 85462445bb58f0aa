/*
 * hostport: lists of "host" or "host:port" that are told to clients, judged
 * entry by entry, so that a mistake is named before somebody runs into it; and
 * addresses of this machine. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum hostport_verdict {
	HOSTPORT_OK,
	HOSTPORT_DOUBT, /* well formed, but few clients can reach it */
	HOSTPORT_BAD,
};

enum { HOSTPORT_TEXT = 80 }; /* of an entry, as far as it is shown */

struct hostport {
	char text[HOSTPORT_TEXT];
	enum hostport_verdict verdict;
	const char *why; /* follows the entry in a sentence; "" when OK */
};

/* Takes the next entry off the comma-separated *LIST, blanks around it left
 * out. False at the end. */
bool hostport_next(const char **list, struct hostport *out);

/* The first bad entry of LIST; false if there is none. */
bool hostport_bad(const char *list, struct hostport *out);

/* TEXT is one IP address; WITH_PORT: or one with a port behind it. */
void hostport_address(const char *text, bool with_port, struct hostport *out);
