#include "services/hbbs/store/store_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/hbbs/messages/rendezvous.h"

enum {
	CONNECT_MS = 3000,
	COMMAND_MS = 3000,
	IN_FLIGHT_MAX = 10000,
};

static void on_state(void *ctx, bool connected)
{
	struct store *s = ctx;

	if (!connected) {
		log_warn("redis_away", "registered peers are served from "
				       "memory");
		return;
	}
	if (s->state && redis_connected(s->state)) {
		store_locals_tick(s);
		store_lease_tick(s);
	}
	if (s->data && redis_connected(s->data))
		store_settings_tick(s);
	if (s->data && store_up(s)) {
		s->was_up = true;
		store_presence(s);
	}
}

static void on_bus(void *ctx, const char *data, size_t len)
{
	struct store *s = ctx;

	rendezvous_bus(s->in.core, (const uint8_t *)data, len, store_now(s));
	entry_flush(&s->in);
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
	return redis_open(s->in.loop, &o, out);
}

static int connect_all(struct store *s)
{
	const struct settings *set = s->set;
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
			s->bus,
			statekey_bus("hbbs", s->in.core->epoch, channel),
			on_bus, s);
	return err;
}

static void describe(struct store *s)
{
	const struct rules *r = s->in.core->rules;

	s->info = (struct node_info){
		.version = VERSION,
		.epoch = s->in.core->epoch,
		.started_s = (int64_t)(loop_unix_us() / 1000000),
		.has_key = true,
	};
	memcpy(s->info.key, r->keys.pk, sizeof s->info.key);
	node_info_name(&s->info, s->set->node_id, "hbbs");
}

int store_open(const struct entry *in, const struct settings *set,
	       struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	if (!s)
		return -ENOMEM;
	s->in = *in;
	s->set = set;
	s->presence = PRESENCE_OLDEST;
	describe(s);
	timer_init(in->loop, &s->lease_timer, store_lease_tick, s);
	timer_init(in->loop, &s->goodbye_timer, NULL, s);
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
	if (!s)
		return;
	if (s->bus)
		redis_close(s->bus);
	if (s->state && s->state != s->data)
		redis_close(s->state);
	if (s->data)
		redis_close(s->data);
	s->users = 2;
	timer_close(&s->lease_timer, on_timer_closed);
	timer_close(&s->goodbye_timer, on_timer_closed);
}
