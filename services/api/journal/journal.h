/*
 * console: the audit of what administrators and users change.
 *
 * The row is written in the transaction of the change, so there is no change
 * without a row. Numbers up to 3 and 22 are the official script's (contract
 * 12.5); later ones are ours.
 */
#pragma once

#include "services/api/core/call.h"

enum console_type {
	CONSOLE_GROUP,
	CONSOLE_USER,
	CONSOLE_DEVICE,
	CONSOLE_BOOK,
	CONSOLE_STRATEGY,
	CONSOLE_ROLE,
	CONSOLE_SETTINGS,
	CONSOLE_TOKEN,
	CONSOLE_RECORDING,
	CONSOLE_BAN,
	CONSOLE_GUEST,
};

enum console_op {
	CONSOLE_LOGIN,
	CONSOLE_ADD_GROUP,
	CONSOLE_ADD_USER,
	CONSOLE_ADD_DEVICE,
	CONSOLE_DELETE_GROUP,
	CONSOLE_DISCONNECT,
	CONSOLE_ENABLE_USER,
	CONSOLE_DISABLE_USER,
	CONSOLE_ENABLE_DEVICE,
	CONSOLE_DISABLE_DEVICE,
	CONSOLE_UPDATE_GROUP,
	CONSOLE_UPDATE_USER,
	CONSOLE_UPDATE_DEVICE,
	CONSOLE_DELETE_USER,
	CONSOLE_DELETE_DEVICE,
	CONSOLE_ADD_BOOK,
	CONSOLE_DELETE_BOOK,
	CONSOLE_RENAME_BOOK,
	CONSOLE_BIN_DELETE,
	CONSOLE_BIN_EMPTY,
	CONSOLE_ADD_RULE,
	CONSOLE_DELETE_RULE,
	CONSOLE_UPDATE_RULE,
	CONSOLE_CHANGE_STRATEGY,
	CONSOLE_CHANGE_ROLE,
	CONSOLE_CHANGE_SETTINGS,
	CONSOLE_CHANGE_TOKEN,
	CONSOLE_LOGOUT_USER,
	CONSOLE_WATCH_RECORDING,
	CONSOLE_DELETE_RECORDING,
	CONSOLE_ADD_BAN,
	CONSOLE_END_BAN,
	CONSOLE_ADD_GUEST,
	CONSOLE_UPDATE_GUEST,
	CONSOLE_REVOKE_GUEST,
	CONSOLE_GUEST_CAME, /* shows his link's secret, which counts as no use
			     */
	CONSOLE_GUEST_REFUSED,
};

/* WHAT names the object. */
void journal_write(struct tx *t, struct call *c, enum console_type typ,
		   enum console_op iop, const char *what);
/* As above for calls without a token: USER has just proved who he is. */
void journal_write_as(struct tx *t, struct call *c, const struct doc *user,
		      enum console_type typ, enum console_op iop,
		      const char *what);
