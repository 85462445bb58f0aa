#include "services/hbbs/carry.h"

#include "services/hbbs/edge/httpproxy.h"
#include "services/hbbs/edge/session.h"
#include "services/hbbs/edge/udp.h"
#include "services/hbbs/store/store.h"

static void carry_datagram(const struct carriers *to, const struct action *a)
{
	struct udp_path path = { a->datagram.to, a->datagram.from };

	udp_send(to->udp, &path, outbox_at(to->out, a->body), a->body.len,
		 a->datagram.copy);
}

static void carry_settled(const struct carriers *to, const struct action *a)
{
	udp_settled(to->udp, a->settled);
}

static void carry_send(const struct carriers *to, const struct action *a)
{
	sessions_send(a->stream.client, outbox_at(to->out, a->body),
		      a->body.len);
}

static void carry_close(const struct carriers *to, const struct action *a)
{
	(void)to;
	sessions_end(a->stream.client, a->stream.reason);
}

static void carry_registered(const struct carriers *to, const struct action *a)
{
	(void)to;
	sessions_registered(a->stream.client);
}

static void carry_http(const struct carriers *to, const struct action *a)
{
	httpproxy_run(to->http, a->http.client_id, &a->http.from,
		      outbox_at(to->out, a->body), a->body.len);
}

/* Who carries out what: a socket, or Redis. */
static const struct carrier {
	void (*edge)(const struct carriers *to, const struct action *a);
	void (*store)(struct store *s, const struct action *a);
} carriers[] = {
	[ACT_DATAGRAM] = { .edge = carry_datagram },
	[ACT_SEND] = { .edge = carry_send },
	[ACT_CLOSE] = { .edge = carry_close },
	[ACT_REGISTERED] = { .edge = carry_registered },
	[ACT_SETTLED] = { .edge = carry_settled },
	[ACT_LOAD] = { .store = store_load },
	[ACT_SAVE] = { .store = store_save },
	[ACT_RENAME] = { .store = store_rename },
	[ACT_MOVE] = { .store = store_move },
	[ACT_ONLINE] = { .store = store_online },
	[ACT_WAIT_PUT] = { .store = store_wait_put },
	[ACT_WAIT_GET] = { .store = store_wait_get },
	[ACT_TICKET] = { .store = store_ticket },
	[ACT_POLICY] = { .store = store_policy },
	[ACT_GRANT] = { .store = store_grant },
	[ACT_GUEST] = { .store = store_guest },
	[ACT_DEPLOYED] = { .store = store_deployed },
	[ACT_CONN_REF] = { .store = store_conn_ref },
	[ACT_HTTP] = { .edge = carry_http },
	[ACT_BUS] = { .store = store_bus_send },
};
_Static_assert(ARRAY_LEN(carriers) == ACTS, "every act has a carrier");

void carry_out(const struct carriers *to, const struct action *a)
{
	const struct carrier *by = &carriers[a->kind];

	if (by->edge)
		by->edge(to, a);
	else
		by->store(to->store, a);
}
