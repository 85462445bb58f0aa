/*
 * who: whoever makes a call, and what he may. auth_load() fills it in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/api/base/seal.h"
#include "services/api/core/doc.h"
#include "services/api/rules/perm.h"

struct who {
	struct doc *user;     /* NULL: nobody is signed in */
	bool admin;           /* full administrator, not through an API token */
	bool api;             /* through an API token */
	bool cookie;          /* a page, through its cookie */
	bool foreign;         /* a cookie that another site's page sent */
	int64_t created_s;    /* when the session began */
	int64_t proved_s;     /* when the user last proved who he is */
	uint8_t areas[AREAS]; /* API token: 0, 1 read, 2 read-write */
	struct grant *grants;
	size_t ngrants;
	char token[SEAL_HASH]; /* hash of the presented token */
	const char *host;      /* operator of the host, or NULL */
};
