/*
 * hbbs: the process. Ties the core to its edges on one loop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/net/loop.h"
#include "common/process/app.h"
#include "common/proto/forwarded.h"
#include "services/hbbs/edge/admin.h"
#include "services/hbbs/state/core.h"
#include "services/hbbs/state/entry.h"
#include "services/hbbs/state/rules.h"
#include "services/hbbs/state/settings.h"

struct udp;
struct sessions;
struct store;
struct relaycheck;

struct hbbs {
	struct loop loop;
	struct entry entry; /* for the edges */
	const struct settings *settings;
	struct rules rules;
	struct core core;
	struct trusted proxies;       /* whose headers are believed */
	struct trusted proxy_senders; /* who sends PROXY protocol */
	struct udp *udp;
	struct sessions *sessions;
	struct store *store;
	struct relaycheck *relaycheck;
	struct geo_db *geo;          /* NULL without GEOIP_DB */
	struct httpproxy *httpproxy; /* NULL without API_URL */
	struct admin admin;
	struct app_process app;
	struct timer tick;
	struct timer answers; /* for core.held ... */
	uint64_t answers_ms;  /* ... set to this time; 0: not */
	bool carrying;        /* flush() is at work */
	uint64_t drain_ms;    /* draining since; 0: not */
	bool stopping;
};

/* 0, or -errno after logging what is wrong. */
MUST_USE int hbbs_start(struct hbbs *h, const struct settings *s);
void hbbs_run(struct hbbs *h);
void hbbs_fini(struct hbbs *h);
