#include "services/hbbs/messages/idchange.h"

#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/hold.h"
#include "services/hbbs/messages/pkreply.h"
#include "services/hbbs/state/idrule.h"
#include "services/hbbs/state/metrics.h"

#define RESULT(name) HBB__REGISTER_PK_RESPONSE__RESULT__##name

static struct step finish(struct core *c, const struct request *q,
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
	pkreply_send(c, q, result);
	core_close(c, q->from.client, "done");
	return way_end();
}

static bool add_rename(struct core *c, const struct request *q,
		       const struct lookup *of)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	const struct record *old = &of[0].record;
	uint8_t space[RECORD_ENCODED_MAX], *body;
	size_t len = record_encode(old, space), guid = sizeof old->guid;
	struct action *a = outbox_add(&c->out, ACT_RENAME, guid + len, &body);

	if (!a)
		return false;
	memcpy(body, old->guid, guid);
	memcpy(body + guid, space, len);
	a->ticket = q->job->ticket;
	a->revision[0] = old->revision;
	a->revision[1] =
		of[1].state == LOOKUP_FOUND ? of[1].record.revision : 0;
	return outbox_set_id(&c->out, 0, pk->old_id, strlen(pk->old_id)) &&
	       outbox_set_id(&c->out, 1, pk->id, strlen(pk->id));
}

static size_t pack(State__Bus *bus, uint8_t *out)
{
	return out ? state__bus__pack(bus, out)
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
	return *first + pack(&bus, out ? out + *first : NULL);
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
	if (!a)
		return;
	presence_way(&was->presence, body);
	pack_news(c, pk, &first, body + PRESENCE_WAY);
	a->first = (uint32_t)first;
	(void)!(outbox_set_id(&c->out, 0, pk->old_id, strlen(pk->old_id)) &&
		outbox_set_id(&c->out, 1, pk->id, strlen(pk->id)));
}

static step_fn loaded;

static struct step renamed(struct core *c, struct request *q,
			   const union result *r)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;

	if (r->save == SAVE_CONFLICT && ++q->known.pk.tries < JOB_TRIES_MAX &&
	    core_park_load(c, q, pk->old_id, pk->id))
		return way_wait(loaded);
	if (r->save == SAVE_TAKEN)
		return finish(c, q, RESULT(ID_EXISTS));
	if (r->save != SAVE_OK)
		return finish(c, q, RESULT(SERVER_ERROR));
	carry_over(c, pk, &q->known.pk.found[0]);
	core_count(M_RENAMES);
	return finish(c, q, RESULT(OK));
}

static struct step rename_record(struct core *c, struct request *q)
{
	core_park(c, q);
	if (add_rename(c, q, q->known.pk.found))
		return way_wait(renamed);
	core_unpark(q);
	return finish(c, q, RESULT(SERVER_ERROR));
}

static struct step loaded(struct core *c, struct request *q,
			  const union result *r)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;
	const struct lookup *old = &r->found[0];
	const struct lookup *target = &r->found[1];
	bool taken = target->state == LOOKUP_FOUND;
	bool own = taken &&
		   record_uuid_eq(&target->record, pk->uuid.data, pk->uuid.len);

	q->known.pk.found = r->found;
	if (old->state == LOOKUP_FAILED || target->state == LOOKUP_FAILED)
		return finish(c, q, RESULT(SERVER_ERROR));
	if (taken && !own)
		return finish(c, q, RESULT(ID_EXISTS));
	if (old->state == LOOKUP_FOUND &&
	    record_uuid_eq(&old->record, pk->uuid.data, pk->uuid.len))
		return rename_record(c, q);
	/* Done before; only our answer was lost. */
	if (own && old->state == LOOKUP_MISSING)
		return finish(c, q, RESULT(OK));
	return finish(c, q, RESULT(SERVER_ERROR));
}

struct step idchange_start(struct core *c, struct request *q)
{
	const Hbb__RegisterPk *pk = q->m->register_pk;

	if (!idrule_choosable(pk->id, strlen(pk->id)) ||
	    !idrule_valid(pk->old_id, strlen(pk->old_id)) || pk->uuid.len == 0)
		return finish(c, q, RESULT(INVALID_ID_FORMAT));
	if (!limits_allow(&c->limits, LIMIT_RENAME, &q->from.source, c->now_ms))
		return finish(c, q, RESULT(TOO_FREQUENT));
	if (strcmp(pk->id, pk->old_id) == 0)
		return finish(c, q, RESULT(ID_EXISTS));
	q->known.pk = (struct registering){ 0 };
	return core_park_load(c, q, pk->old_id, pk->id)
		       ? way_wait(loaded)
		       : finish(c, q, RESULT(SERVER_ERROR));
}
