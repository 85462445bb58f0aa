#include "services/hbbr/edge/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/log.h"
#include "common/proto/keys.h"
#include "common/redis/redis.h"
#include "common/site/keynames.h"
#include "common/site/lease.h"
#include "common/site/lease.lua.h"
#include "common/site/statekey.h"
#include "services/hbbr/edge/admit.lua.h"
#include "services/hbbr/edge/meshaddr.h"
#include "services/hbbr/edge/relayed.lua.h"
#include "services/hbbr/edge/release.lua.h"
#include "services/hbbr/edge/secret.lua.h"
#include "services/hbbr/pairing/hello.h"
#include "services/hbbr/state/metrics.h"

enum {
	CONNECT_MS = 3000,
	COMMAND_MS = 3000,
	IN_FLIGHT = REGISTRY_ASKS_MAX,
	KEY_MAX = 96, /* "ticket:" and the longest uuid */
};

static const char lists_ms[] = "30000";
static const char claim_ms[] = "35000"; /* a half waits for 30 s */

struct registry {
	struct redis *redis;
	struct timer refresh;
	struct loop *loop;
	const struct settings *cfg;
	registry_load_fn load;
	void *ctx;
	char epoch_text[9];
	struct node_info info;
	bool listening;
	bool told_hidden; /* mesh_hidden is logged */
	uint16_t mesh_port;
	uint8_t secret[HELLO_SECRET];
	bool has_secret;
	struct claims claims;
};

/* One question under way. */
struct ask {
	union {
		claims_admit_fn admit;
		claims_find_fn find;
	} fn;
	void *ctx;
};

/* Where the other relays reach this one; "" for nowhere. */
static void mesh_address(struct registry *r, char out[static ADDR_TEXT_MAX])
{
	const struct meshaddr_cfg c = {
		.address = r->cfg->mesh_address,
		.bind = r->cfg->mesh_bind,
		.port = r->listening ? r->mesh_port : 0,
	};
	struct addr seen, at;
	bool is_seen = redis_local(r->redis, &seen) == 0;

	out[0] = '\0';
	if (meshaddr_pick(&c, is_seen ? &seen : NULL, &at))
		addr_format(&at, out);
	else if (c.port != 0 && c.address[0] != '\0' && !r->told_hidden) {
		log_warn("mesh_hidden",
			 "MESH_ADDRESS %s is not told to other relays: the "
			 "port is on MESH_BIND %s alone",
			 c.address, c.bind);
		r->told_hidden = true;
	}
}

static struct lease own_lease(const struct registry *r)
{
	return (struct lease){ .service = "hbbr", .epoch = r->info.epoch };
}

static void on_refreshed(const struct redis_reply *reply, void *ctx)
{
	(void)ctx;

	if (reply && redis_kind(reply) == REDIS_ERROR)
		log_warn("lease_refused", "%s", redis_str(reply, NULL));
}

static int refresh_lease(struct registry *r)
{
	struct registry_load load = r->load(r->ctx);
	struct lease own = own_lease(r);
	struct lease_call call;

	r->info.sessions = load.sessions;
	r->info.bits_per_s = load.bits_per_s;
	r->info.draining = load.draining;
	mesh_address(r, r->info.mesh_address);
	r->info.nrefusals = 0;
	node_info_count(&r->info, &hbbr_reasons, "hbbr_refused_total");
	lease_refresh(&call, &own, &r->info);
	return redis_eval(r->redis, &lease_lua, on_refreshed, r, LEASE_KEYS,
			  call.n, call.argv, call.len);
}

static void on_secret(const struct redis_reply *reply, void *ctx)
{
	struct registry *r = ctx;
	size_t len;

	if (!reply)
		return;
	const char *secret = redis_str(reply, &len);
	if (redis_kind(reply) != REDIS_STRING || len != HELLO_SECRET) {
		log_warn("secret_refused", "%s",
			 redis_kind(reply) == REDIS_ERROR ? secret
							  : "no secret");
		return;
	}
	memcpy(r->secret, secret, len);
	r->has_secret = true;
	metric_gauge(&hbbr_metrics, M_REDIS_RTT, redis_last_rtt_us(r->redis));
}

static int ask_secret(struct registry *r)
{
	uint8_t fresh[HELLO_SECRET];

	keys_random(fresh, sizeof fresh);
	const char *argv[] = { "mesh:secret", (const char *)fresh };
	const size_t lens[] = { 11, sizeof fresh };
	return redis_eval(r->redis, &secret_lua, on_secret, r, 1,
			  ARRAY_LEN(argv), argv, lens);
}

void registry_refresh(struct registry *r)
{
	if (!r || !redis_connected(r->redis))
		return;
	int e = refresh_lease(r);
	if (e == 0)
		e = ask_secret(r);
	if (e < 0)
		log_debug("lease_not_refreshed", "%s", strerror(-e));
}

static void refresh(void *ctx)
{
	registry_refresh(ctx);
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

/* What does not change; hostport.h has judged the addresses. */
static int describe(struct registry *r)
{
	struct node_info *i = &r->info;

	*i = (struct node_info){
		.version = VERSION,
		.started_s = (int64_t)(loop_unix_us() / 1000000),
	};
	node_info_name(i, r->cfg->node_id, "hbbr");
	snprintf(i->address, sizeof i->address, "%s", r->cfg->address);
	snprintf(i->lan_address, sizeof i->lan_address, "%s",
		 r->cfg->lan_address);
	do {
		if (getrandom(&i->epoch, sizeof i->epoch, 0) != sizeof i->epoch)
			return -EIO;
	} while (i->epoch == 0); /* nobody's */
	return 0;
}

int registry_open(struct loop *l, const struct settings *cfg,
		  registry_load_fn load, void *ctx, struct registry **out)
{
	struct registry *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct registry){
		.loop = l, .cfg = cfg, .load = load, .ctx = ctx
	};
	if (describe(r) < 0) {
		free(r);
		return -EIO;
	}
	snprintf(r->epoch_text, sizeof r->epoch_text, "%08x", r->info.epoch);

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
	timer_start(&r->refresh, LEASE_EVERY_MS, LEASE_EVERY_MS);
	*out = r;
	return 0;
}

static void finish(struct registry *r)
{
	redis_close(r->redis);
	timer_close(&r->refresh, on_closed);
}

static void on_goodbye(const struct redis_reply *reply, void *ctx)
{
	(void)reply;
	finish(ctx);
}

void registry_close(struct registry *r)
{
	if (!r)
		return;
	timer_stop(&r->refresh);
	struct lease own = own_lease(r);
	struct lease_call call;
	lease_goodbye(&call, &own);
	if (redis_eval(r->redis, &lease_lua, on_goodbye, r, LEASE_KEYS, call.n,
		       call.argv, call.len) < 0)
		finish(r);
}

void registry_listening(struct registry *r, const char *key, uint16_t mesh_port)
{
	if (!r)
		return;
	r->listening = true;
	r->mesh_port = mesh_port;
	r->info.has_key_hash = key[0] != '\0';
	keys_sha256(r->info.key_hash, key, strlen(key));
	registry_refresh(r);
}

/* --- questions (claims.h) ------------------------------------------------- */

static bool is_up(const void *ctx)
{
	const struct registry *r = ctx;

	return r->has_secret && redis_connected(r->redis);
}

static struct ask *ask_create(void *ctx)
{
	struct ask *a = calloc(1, sizeof *a);

	if (a)
		a->ctx = ctx;
	return a;
}

/* False if this is no answer to ask_admit(). */
static bool read_admit(const struct redis_reply *reply, struct admit_reply *out)
{
	size_t len, epoch_len;

	if (!reply || redis_len(reply) != 2)
		return false;
	const char *ticket = redis_str(redis_at(reply, 0), &len);
	const char *owner = redis_str(redis_at(reply, 1), &epoch_len);
	if (!ticket || !owner)
		return false;
	if (len > 0 &&
	    admit_ticket(&out->ticket, (const uint8_t *)ticket, len) == 0)
		out->has_ticket = true;
	out->owner = (uint32_t)strtoul(owner, NULL, 16);
	return true;
}

static void on_admit(const struct redis_reply *reply, void *ctx)
{
	struct ask *a = ctx;
	struct admit_reply r = { 0 };

	if (reply && redis_kind(reply) == REDIS_ERROR)
		log_warn("admission_failed", "%s", redis_str(reply, NULL));
	r.answered = read_admit(reply, &r);
	a->fn.admit(a->ctx, &r);
	free(a);
}

static int ask_admit(void *ctx, const char *uuid, bool tickets, uint32_t dead,
		     claims_admit_fn fn, void *fn_ctx)
{
	struct registry *r = ctx;
	char ticket[KEY_MAX], half[KEY_MAX], other[9];
	struct ask *a = ask_create(fn_ctx);

	if (!a)
		return -ENOMEM;
	a->fn.admit = fn;
	snprintf(ticket, sizeof ticket, "ticket:%s", uuid);
	snprintf(half, sizeof half, "half:%s", uuid);
	snprintf(other, sizeof other, "%08x", dead);
	const char *argv[] = {
		ticket, half, r->epoch_text, claim_ms, tickets ? "1" : "0",
		other
	};
	const size_t lens[] = {
		strlen(ticket), strlen(half), 8, sizeof(claim_ms) - 1, 1, 8
	};
	int e = redis_eval(r->redis, &admit_lua, on_admit, a, 2,
			   ARRAY_LEN(argv), argv, lens);
	if (e < 0)
		free(a);
	return e;
}

static void release(void *ctx, const char *uuid)
{
	struct registry *r = ctx;
	char half[KEY_MAX];

	snprintf(half, sizeof half, "half:%s", uuid);
	const char *argv[] = { half, r->epoch_text };
	const size_t lens[] = { strlen(half), 8 };
	(void)!redis_eval(r->redis, &release_lua, NULL, NULL, 1,
			  ARRAY_LEN(argv), argv, lens);
}

static void tell_relayed(void *ctx, const char *ref)
{
	struct registry *r = ctx;
	char key[KEY_MAX];

	snprintf(key, sizeof key, KEY_CONN_REF, ref);
	const char *argv[] = { key, r->epoch_text };
	const size_t lens[] = { strlen(key), 8 };
	(void)!redis_eval(r->redis, &relayed_lua, NULL, NULL, 1,
			  ARRAY_LEN(argv), argv, lens);
}

void registry_tell_lists(struct registry *r, const uint8_t *lists, size_t len)
{
	char key[STATEKEY_MAX];

	statekey_lists(r->info.epoch, key);
	const char *argv[] = { "SET", key, (const char *)lists, "PX",
			       lists_ms };
	const size_t lens[] = { 3, strlen(key), len, 2, sizeof(lists_ms) - 1 };
	(void)!redis_command(r->redis, NULL, NULL, ARRAY_LEN(argv), argv, lens);
}

static void on_found(const struct redis_reply *reply, void *ctx)
{
	struct ask *a = ctx;
	struct node_info info;
	size_t len = 0;
	const char *data = reply && redis_kind(reply) == REDIS_STRING
				   ? redis_str(reply, &len)
				   : NULL;
	bool known = data && node_info_unpack(data, len, &info) == 0 &&
		     info.mesh_address[0] != '\0';

	a->fn.find(a->ctx, known ? info.mesh_address : NULL);
	free(a);
}

static int ask_address(void *ctx, uint32_t epoch, claims_find_fn fn,
		       void *fn_ctx)
{
	struct registry *r = ctx;
	char key[STATEKEY_MAX];
	struct ask *a = ask_create(fn_ctx);

	if (!a)
		return -ENOMEM;
	a->fn.find = fn;
	statekey_node("hbbr", epoch, key);
	const char *argv[] = { "GET", key };
	const size_t lens[] = { 3, strlen(key) };
	int e = redis_command(r->redis, on_found, a, ARRAY_LEN(argv), argv,
			      lens);
	if (e < 0)
		free(a);
	return e;
}

const struct claims *registry_claims(struct registry *r)
{
	if (!r)
		return NULL;
	r->claims = (struct claims){
		.up = is_up,
		.admit = ask_admit,
		.release = release,
		.relayed = tell_relayed,
		.find = ask_address,
		.ctx = r,
		.epoch = r->info.epoch,
		.secret = r->secret,
	};
	return &r->claims;
}
