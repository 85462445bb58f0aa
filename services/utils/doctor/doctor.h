/*
 * doctor: what the checks of a server share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/utils/client/pubkey.h"
#include "services/utils/doctor/link.h"

struct doctor {
	/* settings */
	char *relay;
	char *key;
	char *token;
	char *data_dir;
	char *skip;
	char *redis_url;
	int64_t timeout_ms;
	uint16_t port;
	uint16_t relay_port;
	uint16_t https_port;
	bool insecure;

	/* found on the way */
	const char *host;
	struct link_host addrs;
	struct link_host relay_addrs;
	char public_key[PUBKEY_MAX]; /* "": none known */
	unsigned failed;
};

/* One line of the report. WHAT is a literal. */
void doctor_ok(const char *what, const char *fmt, ...) PRINTF(2, 3);
void doctor_fail(struct doctor *d, const char *what, const char *fmt, ...)
	PRINTF(3, 4);
