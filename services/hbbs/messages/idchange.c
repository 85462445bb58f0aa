#include "services/hbbs/messages/idchange.h"

#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/hold.h"
#include "services/hbbs/messages/register.h"
#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/metrics.h"

#define RESULT(name) HBB__REGISTER_PK_RESPONSE__RESULT__##name

static void finish(struct core *c, const struct request *q,
		   Hbb__RegisterPkResponse__Result result)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	struct log_line l;

	log_begin(&l, LOG_INFO, "id_change");
	log_str(&l, "from", pk->old_id);
	log_str(&l, "to", pk->id);
	log_int(&l, "result", result);
	log_addr(&l, "by", &q->from.source);
	log_end(&l);
	register_reply(c, q, result);
	core_close(c, q->from.client, "done");
}

static void rename_record(struct core *c, const struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	const struct record *old = &q->job->found[0].record;
	const struct lookup *target = &q->job->found[1];
	uint8_t space[RECORD_ENCODED_MAX];
	size_t len = record_encode(old, space), guid = sizeof old->guid;
	struct job *j = core_park(c, q);
	uint8_t *body;
	struct action *a = outbox_add(&c->out, ACT_RENAME, guid + len, &body);

	if (a == NULL)
		goto err_unpark;
	memcpy(body, old->guid, guid);
	memcpy(body + guid, space, len);
	a->ticket = j->ticket;
	a->revision[0] = old->revision;
	a->revision[1] =
		target->state == LOOKUP_FOUND ? target->record.revision : 0;
	if (outbox_set_id(&c->out, 0, pk->old_id, strlen(pk->old_id)) &&
	    outbox_set_id(&c->out, 1, pk->id, strlen(pk->id)))
		return;

err_unpark:
	core_unpark(c, q, j);
	finish(c, q, RESULT(SERVER_ERROR));
}

static void decide(struct core *c, const struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	const struct lookup *old = &q->job->found[0];
	const struct lookup *target = &q->job->found[1];
	bool taken = target->state == LOOKUP_FOUND;
	bool own = taken &&
		   record_uuid_eq(&target->record, pk->uuid.data, pk->uuid.len);

	if (old->state == LOOKUP_FAILED || target->state == LOOKUP_FAILED)
		finish(c, q, RESULT(SERVER_ERROR));
	else if (taken && !own)
		finish(c, q, RESULT(ID_EXISTS));
	else if (old->state == LOOKUP_FOUND &&
		 record_uuid_eq(&old->record, pk->uuid.data, pk->uuid.len))
		rename_record(c, q);
	else if (own && old->state == LOOKUP_MISSING)
		/* Done before; only our answer was lost. */
		finish(c, q, RESULT(OK));
	else
		finish(c, q, RESULT(SERVER_ERROR));
}

static size_t pack(State__Bus *bus, uint8_t *out)
{
	return out != NULL ? state__bus__pack(bus, out)
			   : state__bus__get_packed_size(bus);
}

/* Both messages for the holder, one behind the other, into OUT unless that is
 * NULL; *FIRST gets the length of the first. Returns that of both. */
static size_t pack_news(const struct core *c, const Hbb__RegisterPk *pk,
			size_t *first, uint8_t *out)
{
	State__Renamed renamed = STATE__RENAMED__INIT;
	State__Released released = STATE__RELEASED__INIT;
	State__Bus bus = STATE__BUS__INIT;

	bus.from = c->epoch;
	renamed.id = pk->old_id;
	renamed.new_id = pk->id;
	renamed.uuid = pk->uuid;
	bus.what_case = STATE__BUS__WHAT_RENAMED;
	bus.renamed = &renamed;
	*first = pack(&bus, out);
	released.id = pk->old_id;
	released.epoch = c->epoch;
	released.uuid = pk->uuid;
	bus.what_case = STATE__BUS__WHAT_RELEASED;
	bus.released = &released;
	return *first + pack(&bus, out != NULL ? out + *first : NULL);
}

/* The peer is under its new id where it was under the old one: here, in Redis
 * and at the node that holds it. By now the old id may be somebody else's: what
 * moves is the way to this machine, as it was when its record was read. */
static void carry_over(struct core *c, const Hbb__RegisterPk *pk,
		       const struct lookup *was)
{
	size_t first;
	uint8_t *body;

	hold_renamed(c, pk->old_id, pk->id, pk->uuid.data, pk->uuid.len);
	if (!was->has_presence)
		return;
	size_t len = PRESENCE_WAY + pack_news(c, pk, &first, NULL);
	struct action *a = outbox_add(&c->out, ACT_MOVE, len, &body);
	if (a == NULL)
		return;
	presence_way(&was->presence, body);
	pack_news(c, pk, &first, body + PRESENCE_WAY);
	a->first = (uint32_t)first;
	(void)!(outbox_set_id(&c->out, 0, pk->old_id, strlen(pk->old_id)) &&
		outbox_set_id(&c->out, 1, pk->id, strlen(pk->id)));
}

static void renamed(struct core *c, const struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	struct job *j = q->job;

	if (j->saved == SAVE_CONFLICT && ++j->tries < JOB_TRIES_MAX &&
	    core_park_load(c, q, pk->old_id, pk->id))
		return;
	if (j->saved != SAVE_OK) {
		finish(c, q,
		       j->saved == SAVE_TAKEN ? RESULT(ID_EXISTS)
					      : RESULT(SERVER_ERROR));
		return;
	}
	carry_over(c, pk, &j->found[0]);
	core_count(M_RENAMES);
	finish(c, q, RESULT(OK));
}

static void arrived(struct core *c, const struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;

	if (!id_choosable(pk->id, strlen(pk->id)) ||
	    !id_valid(pk->old_id, strlen(pk->old_id)) || pk->uuid.len == 0)
		finish(c, q, RESULT(INVALID_ID_FORMAT));
	else if (!limits_allow(&c->limits, LIMIT_RENAME, &q->from.source,
			       c->now_ms))
		finish(c, q, RESULT(TOO_FREQUENT));
	else if (strcmp(pk->id, pk->old_id) == 0)
		finish(c, q, RESULT(ID_EXISTS));
	else if (!core_park_load(c, q, pk->old_id, pk->id))
		finish(c, q, RESULT(SERVER_ERROR));
}

void idchange_handle(struct core *c, const struct request *q)
{
	if (q->job == NULL)
		arrived(c, q);
	else if (q->job->event == JOB_SAVED)
		renamed(c, q);
	else
		decide(c, q);
}
