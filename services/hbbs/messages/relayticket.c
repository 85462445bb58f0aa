#include "services/hbbs/messages/relayticket.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "services/hbbs/messages/access.h"

enum { TICKET_LIFE_S = 60 };

static bool uuid_ok(const char *uuid)
{
	size_t len = strlen(uuid);

	if (len == 0 || len > WIRE_UUID_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)uuid[i]))
			return false;
	return true;
}

void relayticket_write(struct core *c, const char *uuid, const struct client *a,
		       const struct relayticket_of *of)
{
	char from[ADDR_TEXT_MAX], target[WIRE_ID_MAX + 1];
	char user[POLICY_GUID], ref[ACCESS_REF];
	State__RelayTicket t = STATE__RELAY_TICKET__INIT;
	uint8_t *body;

	if (!uuid_ok(uuid))
		return;
	addr_format(&a->source, from);
	snprintf(target, sizeof target, "%s", of->target);
	snprintf(user, sizeof user, "%s", of->user);
	snprintf(ref, sizeof ref, "%s", of->ref);
	t.target = target;
	size_t head = state__relay_ticket__get_packed_size(&t);
	t.from = from;
	t.user = user;
	t.ref = ref;
	t.expires_s = (int64_t)c->unix_s + TICKET_LIFE_S;

	struct action *act =
		outbox_add(&c->out, ACT_TICKET,
			   state__relay_ticket__get_packed_size(&t), &body);
	if (!act)
		return;
	state__relay_ticket__pack(&t, body);
	/* The packed target comes first: the same session's ticket may be
	 * written again, another's may not. */
	act->first = (uint32_t)head;
	(void)!outbox_set_id(&c->out, 0, uuid, strlen(uuid));
}
