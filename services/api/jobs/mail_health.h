/*
 * mail_health: does mail leave? Known to all nodes, through Redis.
 *
 *   api:mail  hash: failing ("1"), since, failed, ok (Unix time), why
 */
#pragma once

#include "services/api/core/call.h"

enum {
	MAIL_HEALTH_S = 60, /* a failure older than this is worth a new try */
};

struct mail_health {
	bool failing;     /* the last mail did not leave */
	int64_t since_s;  /* when that began; 0 unless failing */
	int64_t failed_s; /* when a mail last failed; 0: never */
	int64_t ok_s;     /* when one last left; 0: never */
	const char *why;  /* of the last failure, or "" */
};

struct mail_health mail_health(struct db *d);
/* What the last mail came to; one that left resumes the queues of mail. */
void mail_health_note(struct db *d, bool ok, const char *why);
/* Other settings mean another server: nothing is known against it, and what
 * waits is tried at once. */
void mail_health_forget(struct tx *t);

int mail_status(struct call *c); /* GET /api/settings/smtp/status */
