#include "services/hbbr/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/log.h"
#include "common/redis.h"
#include "common/statekey.h"
#include "services/hbbr/metrics.h"
#include "state.pb-c.h"

enum {
	REFRESH_MS = 2000,
	CONNECT_MS = 3000,
	COMMAND_MS = 3000,
	IN_FLIGHT = 16, /* one refresh at a time, and the last goodbye */
	NAME_MAX_LEN = 256,
	VALUE_MAX = 1024,
};

static const char lease_ms[] = "6000";

struct registry {
	struct redis *redis;
	struct timer refresh;
	struct loop *loop;
	const struct settings *cfg;
	registry_load_fn load;
	void *ctx;
	char key[STATEKEY_MAX];
	char node_id[NAME_MAX_LEN];
	uint32_t epoch;
	int64_t started_s;
};

static size_t pack(const struct registry *r, uint8_t out[static VALUE_MAX])
{
	struct registry_load load = r->load(r->ctx);
	State__NodeInfo info = STATE__NODE_INFO__INIT;
	static char version[] = VERSION;
	char node_id[NAME_MAX_LEN];

	memcpy(node_id, r->node_id, sizeof(node_id));
	info.node_id = node_id;
	info.epoch = r->epoch;
	info.started_s = r->started_s;
	info.version = version;
	info.address = r->cfg->address;
	info.lan_address = r->cfg->lan_address;
	info.sessions = load.sessions;
	info.bits_per_s = load.bits_per_s;
	if (state__node_info__get_packed_size(&info) > VALUE_MAX)
		return 0;
	return state__node_info__pack(&info, out);
}

static void on_refreshed(const struct redis_reply *reply, void *ctx)
{
	(void)ctx;
	if (reply != NULL && redis_kind(reply) == REDIS_ERROR)
		log_warn("lease_refused", "%s", redis_str(reply, NULL));
}

static void refresh(void *ctx)
{
	struct registry *r = ctx;
	uint8_t value[VALUE_MAX];

	if (!redis_connected(r->redis) || redis_in_flight(r->redis) > 0)
		return;
	size_t len = pack(r, value);
	const char *argv[] = { "SET", r->key, (const char *)value, "PX",
			       lease_ms };
	const size_t lens[] = { 3, strlen(r->key), len, 2,
				sizeof(lease_ms) - 1 };
	int e = redis_command(r->redis, on_refreshed, r, ARRAY_LEN(argv), argv,
			      lens);
	if (e < 0)
		log_debug("lease_not_refreshed", "%s", strerror(-e));
}

static void on_state(void *ctx, bool connected)
{
	metric_gauge(&hbbr_metrics, M_REDIS_UP, connected);
	if (connected)
		refresh(ctx);
}

static void on_closed(void *ctx)
{
	free(ctx);
}

int registry_open(struct loop *l, const struct settings *cfg,
		  registry_load_fn load, void *ctx, struct registry **out)
{
	struct registry *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	*r = (struct registry){
		.loop = l, .cfg = cfg, .load = load, .ctx = ctx
	};
	if (getrandom(&r->epoch, sizeof(r->epoch), 0) != sizeof(r->epoch)) {
		free(r);
		return -EIO;
	}
	r->started_s = (int64_t)(clock_unix_us() / 1000000);
	statekey_node("hbbr", r->epoch, r->key);
	if (cfg->node_id[0] != '\0')
		snprintf(r->node_id, sizeof(r->node_id), "%s", cfg->node_id);
	else if (gethostname(r->node_id, sizeof(r->node_id) - 1) < 0)
		snprintf(r->node_id, sizeof(r->node_id), "hbbr");

	bool own = cfg->state_redis_url[0] != '\0';
	struct redis_opts o = {
		.url = own ? cfg->state_redis_url : cfg->redis_url,
		.name = "hbbr",
		.connect_ms = CONNECT_MS,
		.command_ms = COMMAND_MS,
		.max_in_flight = IN_FLIGHT,
		.on_state = on_state,
		.ctx = r,
	};
	timer_init(l, &r->refresh, refresh, r);
	int e = redis_open(l, &o, &r->redis);
	if (e < 0) {
		timer_close(&r->refresh, on_closed);
		return e;
	}
	timer_start(&r->refresh, REFRESH_MS, REFRESH_MS);
	*out = r;
	return 0;
}

void registry_close(struct registry *r)
{
	if (r == NULL)
		return;
	const char *argv[] = { "DEL", r->key };
	const size_t lens[] = { 3, strlen(r->key) };
	(void)!redis_command(r->redis, NULL, NULL, ARRAY_LEN(argv), argv, lens);
	redis_close(r->redis);
	timer_close(&r->refresh, on_closed);
}
