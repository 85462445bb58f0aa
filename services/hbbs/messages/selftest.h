/*
 * selftest: the id that no device has.
 *
 * The reference tests itself by registering "(:test_hbbs:)"; it is answered and
 * never stored. Who asks for a relayed session with it gets the session's
 * ticket and an answer, so that both halves can come from the one who checks
 * the site. It costs what any request costs, and the policy is asked as for any
 * device, but nothing of it is kept.
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

#define SELFTEST_ID "(:test_hbbs:)"

bool selftest_is(const char *id);

/* The way of the RequestRelay Q for SELFTEST_ID. */
struct step selftest_begin(struct core *c, struct request *q);
