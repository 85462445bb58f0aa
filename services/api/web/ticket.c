#include "services/api/web/ticket.h"

#include <inttypes.h>

#include "services/api/core/auth.h"
#include "services/api/web/turn.h"

/* A guest's has no "user": who knows nothing of guests takes it for nobody's.
 */
int ticket_answer(struct call *c, const struct ticket_of *of)
{
	char token[SEAL_TOKEN], hash[SEAL_HASH];
	struct tx t;

	seal_token(token);
	seal_hash(token, hash);
	const char *key = auth_token_key(&c->db, hash);
	tx_init(&t, &c->db);
	tx_do(&t, "HSET", key, SESSION_DEVICE, of->device,
	      of->guest ? SESSION_MAKER : SESSION_USER, of->user, NULL);
	if (of->guest)
		tx_do(&t, "HSET", key, SESSION_GUEST, of->guest, NULL);
	tx_do(&t, "EXPIRE", key, call_fmt(c, "%" PRId64, of->life_s), NULL);
	int r = tx_commit(&t);
	if (r < 0)
		return r;
	struct json_object *o = json_object_new_object();
	js_set_str(o, "token", token);
	js_set_int(o, "expires_in", of->life_s);
	js_set(o, "ice_servers", turn_session(c));
	return call_json(c, o);
}

int web_ticket(struct call *c)
{
	const char *id = js_text(c->in, "id");

	if (c->who.api)
		return call_forbidden(c);
	if (!text_is_id(id))
		return call_error(c, 400, "Invalid format: id");
	return ticket_answer(c, &(struct ticket_of){ .device = id,
						     .user = call_self(c),
						     .life_s = TICKET_S });
}
