#include "services/hbbs/messages/refusal.h"

#include <string.h>

#include "services/hbbs/messages/attempt.h"

static char empty[] = "";
static char text_limited[] = "Too many requests. Please try again later.";
static char text_busy[] = "The server is busy. Please try again later.";
static char text_offline[] = "Remote desktop is offline";
static char text_unknown[] = "ID does not exist";

static void send_failure(struct core *c, struct client *to,
			 Hbb__PunchHoleResponse__Failure failure, char *text)
{
	Hbb__PunchHoleResponse r = HBB__PUNCH_HOLE_RESPONSE__INIT;
	r.failure = failure;
	r.other_failure = text;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_RESPONSE;
	m.punch_hole_response = &r;
	core_send(c, to, &m);
}

static void send_reason(struct core *c, struct client *to, char *text)
{
	Hbb__RelayResponse r = HBB__RELAY_RESPONSE__INIT;
	r.refuse_reason = text;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_RELAY_RESPONSE;
	m.relay_response = &r;
	core_send(c, to, &m);
}

struct refusal {
	Hbb__PunchHoleResponse__Failure failure;
	char *punch_text; /* other_failure: goes before the enum */
	char *relay_text;
	enum hbbs_metric outcome;
};

static const struct refusal refusals[] = {
	[TARGET_UNKNOWN] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			     empty, text_unknown, M_TRY_UNKNOWN },
	[TARGET_OFFLINE] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__OFFLINE, empty,
			     text_offline, M_TRY_OFFLINE },
	[TARGET_LIMITED] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			     text_limited, text_limited, M_TRY_LIMITED },
	[TARGET_ERROR] = { HBB__PUNCH_HOLE_RESPONSE__FAILURE__ID_NOT_EXIST,
			   text_busy, text_busy, M_TRY_BUSY },
};

void refusal_send(struct core *c, struct client *to, bool relay,
		  enum target_state why)
{
	const struct refusal *r = &refusals[why];

	if (relay)
		send_reason(c, to, r->relay_text);
	else
		send_failure(c, to, r->failure, r->punch_text);
}

void refusal_say(struct core *c, struct client *to, bool relay,
		 const char *text)
{
	/* protobuf-c has no const fields; packing only reads. */
	union {
		const char *in;
		char *out;
	} reason = { .in = text };

	if (relay)
		send_reason(c, to, reason.out);
	else
		send_failure(c, to, 0, reason.out);
}

void refusal_key(struct core *c, const struct request *q, const char *id)
{
	attempt_refused(q, id, M_TRY_KEY);
	send_failure(c, q->from.client,
		     HBB__PUNCH_HOLE_RESPONSE__FAILURE__LICENSE_MISMATCH,
		     empty);
}

void refusal_early(struct core *c, const struct request *q, const char *id,
		   bool relay, enum target_state why)
{
	attempt_refused(q, id, refusals[why].outcome);
	refusal_send(c, q->from.client, relay, why);
}

void refusal_late(struct core *c, struct client *a, struct ask *ask,
		  enum target_state why)
{
	attempt_ended(c, a, ask, refusals[why].outcome, NULL);
	ask_set_session(ask, NULL);
	refusal_send(c, a, ask->for_relay, why);
}

void refusal_gone(struct core *c, const struct addr *asker, const char *id,
		  bool relay)
{
	struct client *a = client_by_key(&c->clients, asker);
	struct ask *ask =
		!a ? NULL : ask_find(a, id, strlen(id), relay, c->now_ms);

	if (ask && !ask->answered)
		refusal_late(c, a, ask, TARGET_OFFLINE);
}

void refusal_parked(struct core *c, const struct request *q)
{
	bool relay = q->m->union_case ==
		     HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	bool punch = q->m->union_case ==
		     HBB__RENDEZVOUS_MESSAGE__UNION_PUNCH_HOLE_REQUEST;
	const char *id = relay   ? q->m->request_relay->id
			 : punch ? q->m->punch_hole_request->id
				 : NULL;

	if (id && !ask_find(q->from.client, id, strlen(id), relay, c->now_ms))
		refusal_early(c, q, id, relay, TARGET_ERROR);
}
