/*
 * message: a mail as it goes over the wire (RFC 5322, RFC 2047). Pure.
 */
#pragma once

#include <stdint.h>

#include "common/base/attr.h"
#include "services/api/base/pool.h"

enum { MAILBOX_NAME_MAX = 128, MAILBOX_ADDRESS_MAX = 256 };

struct mailbox {
	char name[MAILBOX_NAME_MAX]; /* "": none */
	char address[MAILBOX_ADDRESS_MAX];
};

/* "a@b", "Name <a@b>", "\"Last, First\" <a@b>". 0 or -EINVAL. */
MUST_USE int mailbox_parse(const char *text, struct mailbox *out);

struct message {
	struct mailbox from;
	const char *to; /* an address, text_is_email() */
	const char *subject;
	const char *body; /* lines may end in any way */
	const char *id;   /* unique, for Message-ID */
	int64_t date_s;
};

/* Nothing in it can add a header or end the message. */
const char *message_compose(struct pool *p, const struct message *m);
