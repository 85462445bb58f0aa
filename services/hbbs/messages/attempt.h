/*
 * attempt: one log line and one count per connection attempt.
 */
#pragma once

#include "services/hbbs/state/ask.h"
#include "services/hbbs/state/core.h"
#include "services/hbbs/state/metrics.h"

/* The attempt ended before B was asked. */
void attempt_refused(const struct request *q, const char *id,
		     enum hbbs_metric outcome);

/* The same for a refusal by policy; WHY is the verdict's label. */
void attempt_denied(const struct request *q, const char *id, const char *why);

/* B answered (or A was refused after all). Only the first answer counts. */
void attempt_ended(const struct core *c, const struct client *a,
		   struct ask *ask, enum hbbs_metric outcome,
		   const struct addr *peer);

/* ASK goes away; says so if nobody ever answered. Frees it. */
void attempt_dropped(const struct core *c, const struct client *a,
		     struct ask *ask);
