#include "services/hbbs/store/store_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/site/presence_script.h"
#include "common/site/record_script.h"
#include "services/hbbs/rendezvous.h"
#include "services/hbbs/store/scripts.h"

enum {
	CONNECT_MS = 3000,
	COMMAND_MS = 3000,
	IN_FLIGHT_MAX = 10000,
};

void store_act(struct store *s, const struct action *a)
{
	switch (a->kind) {
	case ACT_LOAD:
		store_load(s, a);
		break;
	case ACT_SAVE:
		store_save(s, a);
		break;
	case ACT_RENAME:
		store_rename(s, a);
		break;
	case ACT_MOVE:
		store_move(s, a);
		break;
	case ACT_ONLINE:
		store_online(s, a);
		break;
	case ACT_WAIT_PUT:
		store_wait_put(s, a);
		break;
	case ACT_WAIT_GET:
		store_wait_get(s, a);
		break;
	case ACT_TICKET:
		store_ticket(s, a);
		break;
	case ACT_POLICY:
		store_policy(s, a);
		break;
	case ACT_GRANT:
		store_grant(s, a);
		break;
	case ACT_DEPLOYED:
		store_deployed(s, a);
		break;
	case ACT_CONN_REF:
		store_conn_ref(s, a);
		break;
	case ACT_BUS:
		store_bus_send(s, a);
		break;
	case ACT_DATAGRAM:
	case ACT_SEND:
	case ACT_CLOSE:
	case ACT_REGISTERED:
	case ACT_SETTLED:
	case ACT_HTTP:
		break; /* not the store's */
	}
}

static void on_state(void *ctx, bool connected)
{
	struct store *s = ctx;

	if (!connected) {
		log_warn("redis_away", "registered peers are served from "
				       "memory");
		return;
	}
	if (s->state != NULL && redis_connected(s->state)) {
		store_locals_tick(s);
		store_lease_tick(s);
	}
	if (s->data != NULL && redis_connected(s->data))
		store_settings_tick(s);
	if (s->data != NULL && store_up(s)) {
		s->was_up = true;
		store_presence(s);
	}
}

static void on_bus(void *ctx, const char *data, size_t len)
{
	struct store *s = ctx;

	rendezvous_bus(&s->h->core, (const uint8_t *)data, len, store_now(s));
	hbbs_flush(s->h);
}

bool store_up(const struct store *s)
{
	return redis_connected(s->data) && redis_connected(s->state);
}

bool store_was_up(const struct store *s)
{
	return s->was_up;
}

uint64_t store_rtt_us(const struct store *s)
{
	return redis_last_rtt_us(s->data);
}

static int connect_to(struct store *s, const char *url, const char *name,
		      bool watch, struct redis **out)
{
	struct redis_opts o = {
		.url = url,
		.name = name,
		.connect_ms = CONNECT_MS,
		.command_ms = COMMAND_MS,
		.max_in_flight = IN_FLIGHT_MAX,
		.on_state = watch ? on_state : NULL,
		.ctx = s,
	};
	return redis_open(&s->h->loop, &o, out);
}

static int connect_all(struct store *s)
{
	const struct settings *set = s->h->settings;
	const char *state_url = set->state_redis_url[0] != '\0'
					? set->state_redis_url
					: set->redis_url;
	char channel[STATEKEY_MAX];
	int err = connect_to(s, set->redis_url, "hbbs", true, &s->data);

	if (err != 0)
		return err;
	if (strcmp(state_url, set->redis_url) == 0)
		s->state = s->data;
	else
		err = connect_to(s, state_url, "hbbs-state", true, &s->state);
	if (err == 0)
		err = connect_to(s, state_url, "hbbs-bus", false, &s->bus);
	if (err == 0)
		err = redis_subscribe(
			s->bus, statekey_bus("hbbs", s->h->core.epoch, channel),
			on_bus, s);
	return err;
}

static void describe(struct store *s)
{
	const struct rules *r = &s->h->rules;

	s->info = (struct node_info){
		.version = VERSION,
		.epoch = s->h->core.epoch,
		.started_s = (int64_t)(clock_unix_us() / 1000000),
		.has_key = true,
	};
	memcpy(s->info.key, r->keys.pk, sizeof s->info.key);
	node_info_name(&s->info, s->h->settings->node_id, "hbbs");
}

int store_open(struct hbbs *h, struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->h = h;
	s->presence = PRESENCE_OLDEST;
	describe(s);
	redis_script_init(&s->save, record_script_save);
	redis_script_init(&s->rename, record_script_rename);
	redis_script_init(&s->seen, script_seen);
	redis_script_init(&s->move, script_move);
	redis_script_init(&s->lease, lease_script);
	redis_script_init(&s->locals, script_locals);
	redis_script_init(&s->online, presence_script_online);
	redis_script_init(&s->ticket, script_ticket);
	redis_script_init(&s->relays, lease_script_infos);
	redis_script_init(&s->policy, policy_lookup);
	redis_script_init(&s->conn_ref, script_conn_ref);
	redis_script_init(&s->settings, script_settings);
	timer_init(&h->loop, &s->lease_timer, store_lease_tick, s);
	timer_init(&h->loop, &s->goodbye_timer, NULL, s);
	timer_start(&s->lease_timer, LEASE_EVERY_MS, LEASE_EVERY_MS);
	*out = s;
	int err = connect_all(s);
	if (err != 0)
		log_error("redis_unusable", "REDIS_URL: %s", strerror(-err));
	return err;
}

static void on_timer_closed(void *ctx)
{
	struct store *s = ctx;

	if (--s->users == 0)
		free(s);
}

void store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->bus != NULL)
		redis_close(s->bus);
	if (s->state != NULL && s->state != s->data)
		redis_close(s->state);
	if (s->data != NULL)
		redis_close(s->data);
	s->users = 2;
	timer_close(&s->lease_timer, on_timer_closed);
	timer_close(&s->goodbye_timer, on_timer_closed);
}
