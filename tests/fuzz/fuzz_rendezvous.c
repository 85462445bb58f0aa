/*
 * Any sequence of datagrams, connections, messages and results leaves the
 * core in order: nothing is read out of bounds, nobody is answered by
 * datagram but the sender, and everything is given back at the end.
 *
 * The input is a list of steps: one byte that says what happens, one that
 * says to whom, two for the length of the data that follow.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/account.h"
#include "services/hbbs/messages/rendezvous.h"

enum { CLIENTS = 4, STEP_HEAD = 4 };

static struct core core;
static struct rules rules;
static struct client *clients[CLIENTS];
static uint64_t now;

static struct addr address(uint8_t who)
{
	struct addr a = { .ip = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 0 } };

	a.ip[15] = who % 7;
	a.port = (uint16_t)(1024 + who);
	return a;
}

static void setup(void)
{
	static struct relay_list relays;
	static bool done;

	if (!done) {
		log_setup("fuzz", LOG_ERROR, LOG_TEXT);
		assert(keys_setup() == 0);
		keys_generate(&rules.keys);
		rules.serial = 5;
		rules.http_proxy = true;
		rules.max_clients = CLIENTS;
		rules.max_clients_per_ip = CLIENTS;
		rules.limits = (struct limits_config){ .new_rate = 10,
						       .new_rate_per_ip = 1,
						       .lookup_rate = 10,
						       .online_rate = 10 };
		done = true;
	}
	int err = relays_parse(&relays, "relay.example.net");
	assert(err == 0);
	now = 1000;
	core_init(&core, &rules, &relays, 1, now);
	nodes_add(&core.nodes, 2, 0, PRESENCE_NEWEST);
}

/* Rows of the policy: the fuzzer's bytes where they are text. */
static void answer_policy(const struct action *a, const uint8_t *data,
			  size_t len)
{
	static char text[512];
	const char *rows[POLICY_ROWS] = { 0 };

	if (len == 0) {
		rendezvous_policy(&core, a->ticket, NULL, now);
		return;
	}
	size_t n = len < sizeof text - 1 ? len : sizeof text - 1;
	memcpy(text, data, n);
	text[n] = '\0';
	for (unsigned i = 0; i < POLICY_ROWS; i++)
		rows[i] = data[0] >> (i % 8) & 1 ? text : NULL;
	if (data[0] & 1)
		rows[POLICY_ROW_SETTINGS] = "1 1 1";
	rendezvous_policy(&core, a->ticket, rows, now);
}

static void answer_http(const struct action *a, uint8_t what)
{
	Hbb__HttpProxyResponse r = HBB__HTTP_PROXY_RESPONSE__INIT;
	char why[] = "no";

	r.status = what;
	if (what & 1)
		r.error = why;
	account_http_answer(&core, a->http.client_id, &r);
}

/* What Redis might say, made of the fuzzer's bytes. */
static void answer(const struct action *a, const uint8_t *data, size_t len)
{
	struct lookup l = { .state = LOOKUP_MISSING };
	uint8_t what = len > 0 ? data[0] : 0;

	switch (a->kind) {
	case ACT_LOAD:
		if (len > 1 && record_decode(data + 1, len - 1, &l.record) == 0)
			l.state = LOOKUP_FOUND;
		else if (what & 1)
			l.state = LOOKUP_FAILED;
		l.has_presence = presence_decode(data, len, &l.presence) == 0;
		rendezvous_loaded(&core, a->ticket, &l, now);
		break;
	case ACT_SAVE:
	case ACT_RENAME:
		rendezvous_saved(&core, a->ticket, what % 4, now);
		break;
	case ACT_ONLINE:
		rendezvous_online(&core, a->ticket, data, len, now);
		break;
	case ACT_WAIT_GET:
		rendezvous_wait_found(&core, a->ticket, what, now);
		break;
	case ACT_BUS:
		if (a->ticket != 0)
			rendezvous_bus_sent(&core, a->ticket, what & 1, now);
		break;
	case ACT_POLICY:
		answer_policy(a, data, len);
		break;
	case ACT_GRANT:
		rendezvous_grant(&core, a->ticket, what & 1, now);
		break;
	case ACT_GUEST:
		rendezvous_guest(&core, a->ticket, what % (GUEST_REVOKED + 1),
				 now);
		break;
	case ACT_DEPLOYED:
		rendezvous_deployed(&core, a->ticket, what & 1,
				    what & 2 ? "dQ== AAAA" : NULL, now);
		break;
	case ACT_HTTP:
		answer_http(a, what);
		break;
	case ACT_DATAGRAM:
	case ACT_SEND:
	case ACT_CLOSE:
	case ACT_REGISTERED:
	case ACT_MOVE:
	case ACT_SETTLED:
	case ACT_WAIT_PUT:
	case ACT_TICKET:
	case ACT_CONN_REF:
	case ACTS:
		break;
	}
}

static void drop(struct client *c)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (clients[i] == c)
			clients[i] = NULL;
	rendezvous_close(&core, c, now);
}

static void drain(const uint8_t *data, size_t len)
{
	struct client *closed[CLIENTS];
	unsigned n = 0;

	for (size_t i = 0; i < core.out.n; i++) {
		struct action a = core.out.acts[i];
		assert(a.body.off + a.body.len <= core.out.used);
		if (a.kind == ACT_CLOSE && n < CLIENTS)
			closed[n++] = a.stream.client;
		answer(&a, data, len);
	}
	outbox_reset(&core.out);
	for (unsigned i = 0; i < n; i++)
		drop(closed[i]);
	outbox_reset(&core.out);
}

static void come_or_go(uint8_t what, uint8_t who)
{
	struct client **c = &clients[who % CLIENTS];
	struct client_info info = {
		.source = address(who),
		.via = what & 0x10 ? VIA_WS : VIA_TCP,
		.port = what & 0x20 ? PORT_NAT : PORT_MAIN,
		.proxied = (what & 0x40) != 0,
	};

	if (!*c)
		*c = rendezvous_open(&core, &info, now);
	else
		drop(*c);
}

static void step(uint8_t what, uint8_t who, const uint8_t *data, size_t len)
{
	struct datagram d = { .from = address(who), .data = data, .len = len };
	struct client *c = clients[who % CLIENTS];

	switch (what & 0x0f) {
	case 0:
		rendezvous_datagrams(&core, &d, 1, now);
		break;
	case 1:
		come_or_go(what, who);
		break;
	case 2:
		rendezvous_bus(&core, data, len, now);
		break;
	case 3:
		now += (uint64_t)who * 1000;
		rendezvous_tick(&core, now, now / 1000);
		break;
	default:
		if (c)
			rendezvous_message(&core, c, data, len, now);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	setup();
	while (size >= STEP_HEAD) {
		size_t len = (size_t)data[2] | (size_t)data[3] << 8;
		if (len > size - STEP_HEAD)
			len = size - STEP_HEAD;
		const uint8_t *rest = data + STEP_HEAD;
		step(data[0], data[1], rest, len);
		/* Results are made of what follows. */
		drain(rest + len, size - STEP_HEAD - len);
		data = rest + len;
		size -= STEP_HEAD + len;
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		if (clients[i])
			drop(clients[i]);
	assert(core.clients.by_id.len == 0 && core.clients.by_ip.len == 0);
	assert(core.clients.by_key.len == 0);
	core_fini(&core);
	return 0;
}
