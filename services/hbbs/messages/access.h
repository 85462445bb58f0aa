/*
 * access: who may connect to whom (ARCHITECTURE.md, "Policy").
 *
 * The api edits the policy, Redis holds it, common/site/policy.c judges it;
 * here the facts of one request are fetched, and a verdict is reached once for
 * each PunchHoleRequest and RequestRelay.
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

/* The connection is encrypted as far as a token needs it. */
bool access_secured(const struct request *q);

/* Both of these reaches the verdict, counts a denial and makes the
 * reference of what is allowed. */

/* True if there is one without the facts: who shows a token in the clear and
 * a disabled device are refused, switched sides allowed. GRANTED: Redis had
 * such a grant. */
bool access_settled(struct core *c, const struct request *q,
		    const struct verdict_question *ask, bool granted,
		    struct verdict *out);
/* FACTS is NULL if they are not to be had. */
void access_judge(struct core *c, const struct request *q,
		  const struct verdict_question *ask,
		  const struct policy_facts *facts, struct verdict *out);

/* Asks Redis for the grant that a switch code names. False: there is no code,
 * or no room. */
bool access_ask_grant(struct core *c, struct request *q,
		      const struct verdict_question *ask);
/* Asks Redis for the facts about the user and the device of the question.
 * False: no room. */
bool access_ask_facts(struct core *c, struct request *q,
		      const struct verdict_question *ask);
/* As above about TOKEN's user alone. */
bool access_ask_user(struct core *c, struct request *q, const char *token);
/* Has Redis count a session with the guest LINK of the question's token. False:
 * no room. */
bool access_ask_guest(struct core *c, struct request *q,
		      const struct verdict_question *ask, const char *link);
/* What came of it: unless it was counted, OUT becomes the refusal. */
void access_guest(enum guest_use use, struct verdict *out);
