/*
 * alarms: security events, from devices and from the server itself.
 */
#pragma once

#include "services/api/core/call.h"

enum alarm_type {
	ALARM_IP_WHITELIST,
	ALARM_MANY_TRIES,
	ALARM_TRIES_MINUTE,
	ALARM_LOGIN_ROW, /* these three are the server's own */
	ALARM_LOGIN_MINUTE,
	ALARM_LOGIN_HOUR,
	ALARM_IPV6_PREFIX,
	ALARM_TERMINAL_BACKOFF,
	ALARM_TERMINAL_PARALLEL,
	ALARM_SCOPE,
	ALARM_ID_WHITELIST,
	/* the server's own again, far from what clients may add */
	ALARM_PASSKEY = 100,
	ALARM_TYPES,
};

const char *alarm_text(int64_t typ);
void alarm_login(struct tx *t, struct call *c, enum alarm_type typ,
		 const char *account);
/* Mails the row to administrators who asked for it, at most one mail per
 * type and device in ten minutes. */
void alarm_mail(struct tx *t, struct call *c, const struct doc *row);
