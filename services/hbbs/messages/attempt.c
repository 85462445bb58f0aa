#include "services/hbbs/messages/attempt.h"

#include "common/base/log.h"

static const char *const outcomes[] = {
	[M_TRY_DIRECT] = "direct",
	[M_TRY_LOCAL] = "local",
	[M_TRY_UDP] = "udp",
	[M_TRY_RELAY] = "relay",
	[M_TRY_UNKNOWN] = "id_not_exist",
	[M_TRY_OFFLINE] = "offline",
	[M_TRY_KEY] = "key_mismatch",
	[M_TRY_DENIED] = "denied",
	[M_TRY_RELAY_REFUSED] = "relay_not_allowed",
	[M_TRY_LIMITED] = "limited",
	[M_TRY_BUSY] = "unavailable",
	[M_TRY_MIXED] = "mixed_tunnel",
	[M_TRY_SILENT] = "no_answer",
};

static void begin(struct log_line *l, const struct addr *from, const char *to,
		  enum hbbs_metric outcome)
{
	const char *word = outcome <= M_TRY_RELAY    ? "answered"
			   : outcome == M_TRY_SILENT ? "unanswered"
						     : "refused";

	log_begin(l, LOG_INFO, "connect");
	log_addr(l, "from", from);
	log_str(l, "to", to);
	log_str(l, "outcome", word);
	log_str(l, "reason", outcomes[outcome]);
	core_count(outcome);
}

void attempt_refused(const struct request *q, const char *id,
		     enum hbbs_metric outcome)
{
	struct log_line l;

	begin(&l, &q->from.source, id, outcome);
	log_str(&l, "relay", "");
	log_uint(&l, "ms", 0);
	log_end(&l);
}

void attempt_denied(const struct request *q, const char *id, const char *why)
{
	struct log_line l;

	begin(&l, &q->from.source, id, M_TRY_DENIED);
	log_str(&l, "policy", why);
	log_str(&l, "relay", "");
	log_uint(&l, "ms", 0);
	log_end(&l);
}

void attempt_ended(const struct core *c, const struct client *a,
		   struct ask *ask, enum hbbs_metric outcome,
		   const struct addr *peer)
{
	if (ask->answered)
		return;
	ask->answered = true;

	struct log_line l;
	begin(&l, &a->source, ask->id, outcome);
	if (peer)
		log_addr(&l, "peer", peer);
	log_str(&l, "relay", ask->relay ? ask->relay : "");
	log_uint(&l, "ms", c->now_ms - ask->started_ms);
	log_end(&l);
}

void attempt_dropped(const struct core *c, const struct client *a,
		     struct ask *ask)
{
	if (!ask)
		return;
	attempt_ended(c, a, ask, M_TRY_SILENT, NULL);
	ask_free(ask);
}
