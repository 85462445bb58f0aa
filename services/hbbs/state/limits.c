#include "services/hbbs/state/limits.h"

#include <assert.h>

#include "common/proto/wire.h"
#include "services/hbbs/state/ipcount.h"
#include "services/hbbs/state/metrics.h"

enum {
	LIMITER_TABLE_MAX = 65536, /* addresses per kind, ~8 MiB each */
	BURST = 10,                /* seconds' worth that may come at once */
	NEW_BURST = 300,           /* an office that is rolled out */
};

/* Their metrics have the order of enum limit. */
static_assert(M_LIMIT_ICE - M_LIMIT_NEW == (int)LIMIT_ICE, "rows");

/* A cost above 1 makes rates below one per second: rate / cost. */
struct limit_rule {
	uint64_t rate;
	uint64_t burst;
	uint64_t cost;
};

static const struct limit_rule rules[LIMITS] = {
	[LIMIT_NEW] = { 0, 0, 1 },        /* from the configuration */
	[LIMIT_FAIL] = { 1, 60, 1 },      /* a lab of cloned disks */
	[LIMIT_LOOKUP] = { 0, 0, 1 },     /* from the configuration */
	[LIMIT_CONNECT] = { 20, 200, 1 }, /* people behind one NAT, retries */
	[LIMIT_MISS] = { 5, 100, 1 },     /* enumeration of ids (W23) */
	[LIMIT_ONLINE] = { 0, 0, 1 },     /* from the configuration */
	[LIMIT_RENAME] = { 1, 60, 6 },    /* ten, then one in six seconds */
	[LIMIT_WAIT] = { 20, 200, 1 },
	[LIMIT_UPDATE] = { 1, 10, 10 }, /* clients ask once a start */
	[LIMIT_ICE] = { 64, 640, 1 },   /* ten sessions at once */
};

static struct limit_rule scaled(uint64_t rate, uint64_t burst)
{
	return (struct limit_rule){ rate, rate * burst, 1 };
}

/* One page of an address book is answered however low the rate is. */
static struct limit_rule online_rule(uint64_t rate)
{
	struct limit_rule r = scaled(rate, BURST);

	if (r.burst < WIRE_PEERS_MAX + 1)
		r.burst = WIRE_PEERS_MAX + 1;
	return r;
}

void limits_init(struct limits *l, const struct limits_config *c,
		 uint64_t now_ms)
{
	l->reference = c->reference;
	for (unsigned i = 0; i < LIMITS; i++) {
		struct limit_rule r = rules[i];
		if (i == LIMIT_NEW)
			r = scaled(c->new_rate_per_ip, NEW_BURST);
		else if (i == LIMIT_LOOKUP)
			r = scaled(c->lookup_rate, BURST);
		else if (i == LIMIT_ONLINE)
			r = online_rule(c->online_rate);
		limiter_init(&l->by[i], r.rate, r.burst, LIMITER_TABLE_MAX,
			     now_ms);
	}
	bucket_init(&l->new_all, c->new_rate, c->new_rate * BURST, now_ms);
	ipcount_init(&l->registrations);
}

void limits_fini(struct limits *l)
{
	for (unsigned i = 0; i < LIMITS; i++)
		limiter_fini(&l->by[i]);
	ipcount_fini(&l->registrations);
}

static bool refuse(enum hbbs_metric why)
{
	metric_add(&hbbs_metrics, why, 1);
	return false;
}

bool limits_allow(struct limits *l, enum limit kind, const struct addr *from,
		  uint64_t now_ms)
{
	/* In the reference profile only the reference's counters refuse. */
	if (l->reference && (kind == LIMIT_NEW || kind == LIMIT_FAIL))
		return true;
	if (!limiter_allow(&l->by[kind], from, rules[kind].cost, now_ms))
		return refuse(M_LIMIT_NEW + kind);
	if (kind == LIMIT_NEW && !bucket_take(&l->new_all, 1, now_ms))
		return refuse(M_LIMIT_NEW_ALL);
	return true;
}

bool limits_online(struct limits *l, const struct addr *from, size_t nids,
		   uint64_t now_ms)
{
	return limiter_allow(&l->by[LIMIT_ONLINE], from, nids + 1, now_ms) ||
	       refuse(M_LIMIT_ONLINE);
}

bool limits_register(struct limits *l, const struct addr *from, const char *id,
		     size_t len, uint64_t now_ms)
{
	return ipcount_allow(&l->registrations, from, id, len, l->reference,
			     now_ms);
}

void limits_sweep(struct limits *l, uint64_t now_ms)
{
	for (unsigned i = 0; i < LIMITS; i++)
		limiter_sweep(&l->by[i], now_ms);
	ipcount_sweep(&l->registrations, now_ms);
}
