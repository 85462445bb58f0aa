/*
 * foreign: is this the beginning of another protocol, sent to a port that
 * does not expect it? A wrong port or a missing setting shows like that. Pure,
 * but for foreign_log().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"

enum foreign {
	FOREIGN_NONE, /* or too little to tell */
	FOREIGN_TLS,
	FOREIGN_PROXY, /* a PROXY protocol header, version 1 or 2 */
	FOREIGN_KINDS,
};

enum { FOREIGN_LOOK = 12 }; /* bytes that are enough to tell */

/* None of these begins is one of a message of ours (spec 1.3). */
enum foreign foreign_look(const uint8_t *data, size_t len);

/* "tls_hello", "proxy_header": for logs and metrics. */
const char *foreign_word(enum foreign f);
/* And back; FOREIGN_NONE for any other word. */
enum foreign foreign_of(const char *word);

/* One line with what to do about it. PORT is a name or a number. */
void foreign_log(enum foreign f, const char *port, const struct addr *peer);
