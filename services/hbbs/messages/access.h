/*
 * access: who may connect to whom (ARCHITECTURE.md, "Policy").
 *
 * The api edits the policy, Redis holds it, common/site/policy.c judges it;
 * here the facts of one request are fetched and the verdict is kept with the
 * parked message, so that a message that runs again is judged once. It is
 * asked for at PunchHoleRequest and again at RequestRelay.
 *
 * Redis away: a verdict of the last hour for the same user and device still
 * counts; otherwise the request is refused with a text that invites a retry,
 * unless no policy was ever made.
 *
 * A token is believed only on an encrypted connection or on WebSocket (which
 * is behind TLS); elsewhere the asker counts as not signed in. Where a trusted
 * proxy says that it was spoken to without TLS, who shows a token is refused
 * with a sentence: the client can do better.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/hbbs/state/core.h"

enum access_state { ACCESS_ALLOWED, ACCESS_DENIED, ACCESS_PARKED };

/* The connection is encrypted as far as a token needs it. */
bool access_secured(const struct request *q);

/* PARKED: the message runs again when Redis has answered. */
enum access_state access_check(struct core *c, const struct request *q,
			       const struct verdict_question *ask,
			       struct verdict *out);

/* Asks Redis for the facts about TOKEN's user and the device TARGET; the
 * message runs again as JOB_POLICY. False: no room. */
bool access_fetch(struct core *c, const struct request *q, const char *token,
		  const char *target);
