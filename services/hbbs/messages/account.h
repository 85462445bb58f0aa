/*
 * account: messages that need accounts (spec 4.18, 4.19): the session count
 * of signed-in users, and HTTP over the rendezvous connection for clients
 * that cannot reach the API otherwise.
 *
 * Both carry secrets: they are taken on encrypted connections and, as far as
 * clients use it there, on WebSocket only.
 */
#pragma once

#include "services/hbbs/state/core.h"

enum {
	/* The largest message of an encrypted connection, head and headers
	 * of a request included: an address book in the old form. */
	ACCOUNT_MESSAGE_MAX = 4 * 1024 * 1024,
	/* Until an access token has come from its address: all else that
	 * clients send, a page of 1 000 ids with it. */
	ACCOUNT_UNPROVEN_MAX = 256 * 1024,
	ACCOUNT_HTTP_BODY_MAX = ACCOUNT_MESSAGE_MAX - 64 * 1024,
	ACCOUNT_PROOF_MAX = 16 * 1024, /* larger requests prove nothing */
	ACCOUNT_HTTP_PATH_MAX = 4096,
};

step_fn account_hc;
step_fn account_http;

/* The largest message that this connection may send now. */
size_t account_message_max(const struct core *c, const struct client *client);

/* The session of a user that C reported has ended. */
void account_ended(struct core *c, struct client *client);

/* NULL, or why the API is not asked this. Pure. */
const char *account_http_refusal(const Hbb__HttpProxyRequest *r);

/* The answer of the API for the connection CLIENT_ID, which may be gone;
 * R->error tells what went wrong otherwise. */
void account_http_answer(struct core *c, uint64_t client_id,
			 Hbb__HttpProxyResponse *r);
