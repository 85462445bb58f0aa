/*
 * smtp: one mail to the server of the settings (libcurl).
 */
#pragma once

#include "services/api/core/call.h"

enum { SMTP_MS = 15000, SMTP_CONNECT_MS = 5000 };

enum smtp_end {
	SMTP_SENT,
	SMTP_REFUSED, /* this mail, for good: *WHY is what the server said */
	SMTP_SILENT,  /* the server: it does not answer, or takes no mail now */
};

enum smtp_end smtp_send(struct app *app, struct db *d, const char *to,
			const char *subject, const char *body,
			const char **why);
