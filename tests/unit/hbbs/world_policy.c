/* What the api keeps in the pretended Redis, and what hbbs tells others. */
#include "../unit.h"
#include "services/hbbs/messages/rendezvous.h"
#include "world.h"

void world_ticket(struct world *w, const char *uuid, const uint8_t *body,
		  size_t len)
{
	State__RelayTicket *t = state__relay_ticket__unpack(NULL, len, body);

	ck_assert_ptr_nonnull(t);
	strcpy(w->ticket, uuid);
	strcpy(w->ticket_target, t->target);
	w->ntickets++;
	state__relay_ticket__free_unpacked(t, NULL);
}

void world_policy(struct world *w, struct core *c, const struct action *a,
		  const char *id, const char *id2, const uint8_t *body)
{
	bool away = w->redis_away;

	switch ((int)a->kind) {
	case ACT_POLICY:
		w->policies++;
		snprintf(w->token, sizeof w->token, "%s", id2);
		rendezvous_policy(c, a->ticket, away ? NULL : w->policy,
				  w->now);
		break;
	case ACT_GRANT:
		strcpy(w->grantor, id);
		strcpy(w->verifier, id2);
		bool had = w->grant && !away;
		w->grant = w->grant && away;
		rendezvous_grant(c, a->ticket, had, w->now);
		break;
	case ACT_GUEST:
		strcpy(w->counted, id);
		if (w->disables)
			peer_find(&c->peers, w->disables, strlen(w->disables))
				->flags |= PEER_DISABLED;
		ck_assert_uint_eq(strlen(id2), 64);
		addr_format_ip(&a->addr, w->counted_ip);
		rendezvous_guest(c, a->ticket, away ? GUEST_UNKNOWN : w->guest,
				 w->now);
		break;
	case ACT_DEPLOYED:
		rendezvous_deployed(c, a->ticket, !away,
				    away ? NULL : w->deployed, w->now);
		break;
	default:
		strcpy(w->conn_ref, id);
		snprintf(w->conn_user, sizeof w->conn_user, "%s",
			 (const char *)body);
		const char *name =
			(const char *)body + strlen(w->conn_user) + 1;
		const char *pk = name + strlen(name) + 1;
		snprintf(w->conn_pk, sizeof w->conn_pk, "%s", pk);
		snprintf(w->conn_guest, sizeof w->conn_guest, "%s",
			 pk + strlen(pk) + 1);
		break;
	}
}
