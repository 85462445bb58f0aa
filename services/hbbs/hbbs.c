#include "services/hbbs/hbbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/hbbs/carry.h"
#include "services/hbbs/edge/admin.h"
#include "services/hbbs/edge/geo.h"
#include "services/hbbs/edge/httpproxy.h"
#include "services/hbbs/edge/relaycheck.h"
#include "services/hbbs/edge/session.h"
#include "services/hbbs/edge/udp.h"
#include "services/hbbs/messages/account.h"
#include "services/hbbs/messages/drain.h"
#include "services/hbbs/messages/rendezvous.h"
#include "services/hbbs/state/metrics.h"
#include "services/hbbs/store/store.h"

enum { TICK_MS = 100 }; /* expiry, heartbeats, time-outs */

/* --- the outbox ----------------------------------------------------------- */

static void set_answers(struct hbbs *h)
{
	uint64_t due = h->core.held_due_ms, now = loop_now(&h->loop);

	if (due == h->answers_ms)
		return;
	h->answers_ms = due;
	if (due == 0)
		timer_stop(&h->answers);
	else
		timer_start(&h->answers, due > now ? due - now : 0, 0);
}

/* Carries out what the core left in its outbox. Every event that entered the
 * core ends with this. */
static void flush(void *ctx)
{
	struct hbbs *h = ctx;
	struct outbox *out = &h->core.out;

	/* An action that fails at once enters the core again and appends more;
	 * the loop below gets to them. */
	if (h->carrying)
		return;
	/* Sockets and clients go: nobody is left to act for. */
	if (h->stopping) {
		outbox_reset(out);
		return;
	}
	struct carriers to = { h->udp, h->httpproxy, h->store, out };
	h->carrying = true;
	for (size_t i = 0; i < out->n; i++) {
		struct action a = out->acts[i];
		carry_out(&to, &a);
	}
	if (out->dropped > 0) {
		metric_add(&hbbs_metrics, M_OUTBOX_DROPS, out->dropped);
		out->dropped = 0;
	}
	outbox_reset(out);
	h->carrying = false;
	udp_flush(h->udp);
	store_locals(h->store);
	store_presence(h->store);
	set_answers(h);
}

/* --- events --------------------------------------------------------------- */

static void on_datagrams(void *ctx, const struct datagram *d, size_t n)
{
	struct hbbs *h = ctx;

	rendezvous_datagrams(&h->core, d, n, loop_now(&h->loop));
	flush(h);
}

static void on_http(void *ctx, uint64_t client_id, Hbb__HttpProxyResponse *r)
{
	struct hbbs *h = ctx;

	account_http_answer(&h->core, client_id, r);
	flush(h);
}

static void on_answers(void *ctx)
{
	struct hbbs *h = ctx;

	h->answers_ms = 0;
	rendezvous_answers(&h->core, loop_now(&h->loop));
	flush(h);
}

static void drain_tick(struct hbbs *h, uint64_t now_ms);

static void on_tick(void *ctx)
{
	struct hbbs *h = ctx;
	uint64_t now = loop_now(&h->loop);

	rendezvous_tick(&h->core, now, loop_unix_us() / 1000000);
	sessions_tick(h->sessions, now);
	flush(h);
	if (h->drain_ms != 0)
		drain_tick(h, now);
}

/* --- the internal port ---------------------------------------------------- */

static size_t count_alive(const struct node_table *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += t->list[i].age_s < NODE_LEASE_S;
	return n;
}

static void count_halves(struct ws_counts n)
{
	struct metric_set *m = &hbbs_metrics;

	metric_gauge(m, M_HALF_OPEN, n.half_open);
	metric_gauge(m, M_HALF_OPEN_MAX, WS_HALF_OPEN_MAX);
	metric_gauge(m, M_WS_CROWDED, n.crowded_out);
	metric_gauge(m, M_WS_CAP_IP, n.per_ip);
	metric_gauge(m, M_WS_LATE, n.late);
	metric_gauge(m, M_WS_BAD, n.bad_request);
	metric_gauge(m, M_FOREIGN_TLS, n.foreign[FOREIGN_TLS]);
	metric_gauge(m, M_FOREIGN_PROXY, n.foreign[FOREIGN_PROXY]);
}

static void on_metrics(void *ctx, struct buf *out)
{
	struct hbbs *h = ctx;
	struct core *c = &h->core;
	struct metric_set *m = &hbbs_metrics;

	udp_count_drops(h->udp);
	count_halves(sessions_counts(h->sessions));
	metric_gauge(m, M_PEERS_HELD, c->peers.held);
	metric_gauge(m, M_PEERS_MEMORY, c->peers.map.len);
	metric_gauge(m, M_PEERS_MAX, c->peers.map.cap);
	metric_gauge(m, M_CONNECTIONS, c->clients.by_id.len);
	metric_gauge(m, M_CONNECTIONS_MAX, c->clients.by_id.cap);
	metric_gauge(m, M_INFLIGHT, c->inflight.bytes);
	metric_gauge(m, M_INFLIGHT_MAX, INFLIGHT_MAX);
	metric_gauge(m, M_PARKED, c->jobs.map.len);
	metric_gauge(m, M_PARKED_MAX, c->jobs.map.cap);
	metric_gauge(m, M_PRESENCE_QUEUE, c->peers.ndirty);
	metric_gauge(m, M_USER_SESSIONS, c->user_sessions);
	metric_gauge(m, M_NODES, count_alive(&c->nodes));
	metric_gauge(m, M_RELAYS_LIVE, relays_count(&c->relays));
	metric_gauge(m, M_REDIS_UP, store_up(h->store));
	metric_gauge(m, M_REDIS_RTT, store_rtt_us(h->store));
	if (metric_render(m, out) != 0)
		log_warn("metrics_failed", "the metrics do not fit");
}

/* Redis going away later does not matter: peers held here are still served. */
static bool is_ready(void *ctx, const char **why)
{
	*why = "no connection to Redis yet";
	return store_was_up(((const struct hbbs *)ctx)->store);
}

/* --- stop ----------------------------------------------------------------- */

static void close_rest(void *ctx)
{
	struct hbbs *h = ctx;

	store_free(h->store);
	h->store = NULL;
	loop_stop(&h->loop);
}

static void stop(struct hbbs *h)
{
	drain_refuse(&h->core);
	flush(h);
	h->stopping = true;
	timer_close(&h->tick, NULL);
	timer_close(&h->answers, NULL);
	relaycheck_close(h->relaycheck);
	admin_close(&h->admin);
	httpproxy_close(h->httpproxy);
	h->core.relays.geo = (struct geo){ 0 };
	geo_close(h->geo);
	sessions_close(h->sessions);
	udp_close(h->udp);
	app_close(&h->app);
	store_close(h->store, close_rest, h);
}

/* Registered clients are asked to go one after the other over most of the
 * time there is, so that the other nodes are not overrun. */
static void drain_tick(struct hbbs *h, uint64_t now_ms)
{
	uint64_t since = now_ms - h->drain_ms;
	uint64_t spread = (uint64_t)h->settings->drain_ms * 8 / 10;
	size_t left = sessions_bound(h->sessions);
	uint64_t turns = since < spread ? (spread - since) / TICK_MS + 1 : 1;

	left = sessions_move(h->sessions, (size_t)(left / turns) + 1);
	left += drain_waiting(&h->core);
	if (left == 0 || since >= (uint64_t)h->settings->drain_ms)
		stop(h);
}

/* Without another node there is nowhere to go, without clients nobody. */
static bool worth_draining(struct hbbs *h)
{
	return h->settings->drain_ms > 0 && count_alive(&h->core.nodes) > 1 &&
	       sessions_bound(h->sessions) + drain_waiting(&h->core) > 0;
}

static void on_reload(void *ctx)
{
	sessions_reload(((struct hbbs *)ctx)->sessions);
}

static void on_stop(void *ctx)
{
	struct hbbs *h = ctx;

	if (h->stopping)
		return;
	if (h->drain_ms != 0 || !worth_draining(h)) {
		stop(h);
		return;
	}
	h->drain_ms = loop_now(&h->loop);
	sessions_refuse(h->sessions);
	log_info("draining", "%zu registered connections",
		 sessions_bound(h->sessions));
}

/* --- start ---------------------------------------------------------------- */

/* What clients and relays need to know, for those who read it from a file. */
static int publish_key(const char *path, const char *key)
{
	char temporary[4096];

	if (path[0] == '\0')
		return 0;
	int n = snprintf(temporary, sizeof temporary, "%s.%ld", path,
			 (long)getpid());
	if (n < 0 || (size_t)n >= sizeof temporary)
		return -ENAMETOOLONG;
	FILE *f = fopen(temporary, "w");
	if (!f)
		return -errno;
	/* Whatever the umask is: it is there to be read. */
	bool ok = fchmod(fileno(f), 0644) == 0 && fputs(key, f) >= 0;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(temporary, path) == 0)
		return 0;
	int err = -errno;
	unlink(temporary);
	return err;
}

static void warn_about_ignored(const struct settings *s)
{
	if (s->db_url[0] != '\0')
		log_warn("option_ignored",
			 "DB_URL: peers are kept in Redis; 'rustdesk-utils "
			 "import %s' takes them over",
			 s->db_url);
}

static int open_udp(struct hbbs *h)
{
	static const struct udp_events events = { on_datagrams };
	const struct settings *s = h->settings;
	int err = udp_open(&h->loop, s->bind, s->port, (int)s->rmem, &events, h,
			   &h->udp);

	if (err != 0)
		log_error("listen_failed", "UDP port %u: %s", (unsigned)s->port,
			  strerror(-err));
	return err;
}

/* May be a command; told apart by its first bytes. */
static void on_local(void *ctx, int fd, const struct addr *client)
{
	struct hbbs *h = ctx;

	admin_accept(&h->admin, fd, client);
}

static int open_sessions(struct hbbs *h)
{
	struct sessions_opts o = {
		.settings = h->settings,
		.proxies = &h->proxies,
		.proxy_senders =
			h->proxy_senders.n > 0 ? &h->proxy_senders : NULL,
		.on_local = h->settings->console ? on_local : NULL,
		.ctx = h,
	};

	return sessions_open(&h->entry, &o, &h->sessions);
}

static int open_admin(struct hbbs *h)
{
	const struct settings *s = h->settings;

	h->admin = (struct admin){ &h->loop, &h->core, h->sessions, NULL };
	int err = admin_open(&h->admin, s->data_dir);
	if (err == 0 && s->console)
		log_warn("console_open",
			 "everyone on this host may command this server on "
			 "TCP port %u",
			 (unsigned)s->port - 1);
	return err;
}

static int open_edges(struct hbbs *h)
{
	int err = open_udp(h);
	if (err == 0)
		err = store_open(&h->entry, h->settings, &h->store);
	if (err == 0)
		err = open_sessions(h);
	if (err == 0)
		err = geo_open(&h->loop, h->settings->geoip_db, &h->geo);
	h->core.relays.geo = geo_source(h->geo);
	if (err == 0)
		err = httpproxy_open(&h->loop, h->settings->api_url, on_http, h,
				     &h->httpproxy);
	if (err == 0)
		err = relaycheck_open(&h->loop, &h->core.relays,
				      &h->relaycheck);
	if (err == 0)
		err = open_admin(h);
	return err;
}

int hbbs_start(struct hbbs *h, const struct settings *s)
{
	struct app_hooks hooks = { on_stop, on_reload, on_metrics, is_ready,
				   h };
	struct relay_list relays = { 0 };
	uint32_t epoch;

	*h = (struct hbbs){ .settings = s };
	warn_about_ignored(s);
	/* config_load() has checked them. */
	(void)!trusted_parse(s->trusted_proxies, &h->proxies);
	(void)!trusted_parse(s->proxy_protocol, &h->proxy_senders);
	int err = rules_make(s, &h->rules, &relays);
	if (err != 0)
		return err;
	err = publish_key(s->publish_key, h->rules.required_key);
	if (err != 0) {
		log_error("publish_failed", "PUBLISH_KEY %s: %s",
			  s->publish_key, strerror(-err));
		return err;
	}
	do {
		keys_random(&epoch, sizeof epoch);
	} while (epoch == 0); /* means "offline" in a presence */

	err = loop_init(&h->loop);
	if (err != 0)
		return err;
	h->entry = (struct entry){ &h->loop, &h->core, flush, h };
	core_init(&h->core, &h->rules, &relays, epoch, loop_now(&h->loop));
	h->core.unix_s = loop_unix_us() / 1000000;
	err = open_edges(h);
	if (err == 0)
		err = app_open(&h->app, &h->loop, &settings_spec, s, &hooks);
	if (err != 0)
		return err;
	timer_init(&h->loop, &h->tick, on_tick, h);
	timer_start(&h->tick, TICK_MS, TICK_MS);
	timer_init(&h->loop, &h->answers, on_answers, h);
	log_info("started", "version %s, port %u, epoch %08x, key %s", VERSION,
		 (unsigned)s->port, epoch,
		 h->rules.required_key[0] ? h->rules.keys.pk_text : "none");
	return 0;
}

void hbbs_run(struct hbbs *h)
{
	loop_run(&h->loop);
}

void hbbs_fini(struct hbbs *h)
{
	sessions_free(h->sessions);
	core_fini(&h->core);
	rules_fini(&h->rules);
	loop_fini(&h->loop);
}
