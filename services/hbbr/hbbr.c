#include "services/hbbr/hbbr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/heap.h"
#include "common/base/log.h"
#include "common/net/loop.h"
#include "common/process/app.h"
#include "common/process/console.h"
#include "services/hbbr/edge/admin.h"
#include "services/hbbr/edge/banned.h"
#include "services/hbbr/edge/registry.h"
#include "services/hbbr/edge/report.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/state/licence.h"
#include "services/hbbr/state/lists.h"
#include "services/hbbr/state/metrics.h"

enum { KEY_RETRY_MS = 1000, DRAIN_TICK_MS = 100 };

struct hbbr {
	struct loop loop;
	const struct settings *cfg;
	struct front front;
	struct admin admin;
	struct registry *registry;
	struct banned *banned;
	struct app_process app;
	struct timer key_retry;
	struct timer drain;
	struct timer report;
	struct list_file slow_file;
	struct list_file blocked_file;
	char key[LICENCE_TEXT];
	bool listening;
	bool draining;
	uint64_t drain_ms; /* since when */
	bool closing;
	int status;
	uint64_t counted_bytes; /* relayed when last asked for the load */
	uint64_t counted_ms;
};

static void hbbr_close(struct hbbr *h, int status)
{
	if (h->closing)
		return;
	h->closing = true;
	h->status = status;
	timer_close(&h->key_retry, NULL);
	timer_close(&h->drain, NULL);
	timer_close(&h->report, NULL);
	admin_close(&h->admin);
	app_close(&h->app);
	front_close(&h->front); /* gives its claims back through ... */
	banned_close(h->banned);
	registry_close(h->registry);
}

static void on_front_closed(void *ctx)
{
	struct hbbr *h = ctx;

	loop_stop(&h->loop);
}

/* --- the end -------------------------------------------------------------- */

static void on_drain(void *ctx)
{
	struct hbbr *h = ctx;
	uint64_t since = loop_now(&h->loop) - h->drain_ms;

	if (front_idle(&h->front) || since >= (uint64_t)h->cfg->drain_ms)
		hbbr_close(h, EXIT_SUCCESS);
}

/* The second signal, or with nobody to wait for the first, ends it. */
static void hbbr_drain(struct hbbr *h)
{
	if (h->draining || front_idle(&h->front) || h->cfg->drain_ms == 0) {
		hbbr_close(h, EXIT_SUCCESS);
		return;
	}
	h->draining = true;
	h->drain_ms = loop_now(&h->loop);
	front_drain(&h->front);
	registry_refresh(h->registry);
	log_info("draining", "%zu sessions, %lld s at most",
		 front_sessions(&h->front), (long long)h->cfg->drain_ms / 1000);
	timer_start(&h->drain, DRAIN_TICK_MS, DRAIN_TICK_MS);
}

static void on_stop(void *ctx)
{
	hbbr_drain(ctx);
}

static void on_reload(void *ctx)
{
	front_reload(&((struct hbbr *)ctx)->front);
}

/* --- the key, then the ports ---------------------------------------------- */

static void start_listening(void *ctx)
{
	struct hbbr *h = ctx;

	switch (licence_load(h->cfg->key, h->cfg->data_dir, h->key)) {
	case LICENCE_READY:
		if (front_listen(&h->front, h->key,
				 registry_claims(h->registry)) < 0) {
			hbbr_close(h, EXIT_FAILURE);
			break;
		}
		h->listening = true;
		registry_listening(h->registry, h->key,
				   front_mesh_port(&h->front));
		break;
	case LICENCE_MISSING:
		log_warn("key_missing", "waiting for id_ed25519.pub in %s",
			 h->cfg->data_dir);
		timer_start(&h->key_retry, KEY_RETRY_MS, 0);
		break;
	case LICENCE_BAD:
		hbbr_close(h, EXIT_FAILURE);
		break;
	}
}

/* --- hooks ---------------------------------------------------------------- */

static void on_console(void *ctx, int fd)
{
	struct hbbr *h = ctx;

	admin_serve(&h->admin, fd);
}

static void on_usage(void *ctx, struct usage_row *rows, size_t n)
{
	struct hbbr *h = ctx;

	admin_usage(&h->admin, rows, n);
}

static void on_metrics(void *ctx, struct buf *out)
{
	(void)ctx;
	(void)!metrics_render(out); /* a cut answer is seen as one */
}

static bool on_ready(void *ctx, const char **why)
{
	*why = "waiting for the key";
	return ((const struct hbbr *)ctx)->listening;
}

static struct registry_load on_load(void *ctx)
{
	struct hbbr *h = ctx;
	uint64_t now = loop_now(&h->loop);
	uint64_t bytes = metric_get(&hbbr_metrics, M_BYTES_SPLICED) +
			 metric_get(&hbbr_metrics, M_BYTES_BRIDGED);
	uint64_t ms = now - h->counted_ms;
	struct registry_load load = {
		.sessions = (uint32_t)front_sessions(&h->front),
		.bits_per_s =
			ms == 0 ? 0
				: (bytes - h->counted_bytes) * 8 * 1000 / ms,
		.draining = h->draining,
	};

	h->counted_bytes = bytes;
	h->counted_ms = now;
	return load;
}

static void on_report(void *ctx)
{
	struct hbbr *h = ctx;
	const struct report_list lists[] = {
		{ "BLACKLIST", &h->slow_file, &h->front.slow },
		{ "BLOCKLIST", &h->blocked_file, &h->front.blocked },
	};

	report_lists(h->registry, lists);
	heap_tidy(HEAP_HOLES);
}

/* --- start ---------------------------------------------------------------- */

static int open_parts(struct hbbr *h)
{
	const struct settings *c = h->cfg;
	bool redis = c->redis_url[0] != '\0' || c->state_redis_url[0] != '\0';

	int r = lists_load(c->data_dir, c->blacklist, &h->front.slow,
			   &h->slow_file);
	if (r == 0)
		r = lists_load(c->data_dir, c->blocklist, &h->front.blocked,
			       &h->blocked_file);
	if (r == 0)
		r = admin_open(&h->admin, &h->front, c->data_dir,
			       c->console_socket);
	if (r == 0 && redis)
		r = registry_open(&h->loop, c, on_load, h, &h->registry);
	if (r == 0 && redis)
		r = banned_open(&h->loop, c, &h->front, &h->banned);
	return r;
}

static int open_front(struct hbbr *h)
{
	struct front_hooks hooks = {
		.is_command = console_sniff,
		.on_command = on_console,
		.on_usage = on_usage,
		.on_closed = on_front_closed,
		.ctx = h,
	};

	return front_open(&h->front, &h->loop, h->cfg, &hooks);
}

static void hbbr_start(struct hbbr *h)
{
	int r = open_parts(h);
	if (r < 0) {
		log_error("start_failed", "%s", uv_strerror(r));
		hbbr_close(h, EXIT_FAILURE);
		return;
	}
	start_listening(h);
}

int hbbr_run(const struct settings *cfg)
{
	static struct hbbr h; /* large; one per process */
	static const struct app_hooks hooks = { on_stop, on_reload, on_metrics,
						on_ready, &h };

	h.cfg = cfg;
	int r = loop_init(&h.loop);
	if (r == 0)
		r = app_open(&h.app, &h.loop, &settings_spec, cfg, &hooks);
	if (r == 0)
		r = open_front(&h);
	if (r < 0) {
		log_error("start_failed", "%s", uv_strerror(r));
		return EXIT_FAILURE;
	}
	timer_init(&h.loop, &h.key_retry, start_listening, &h);
	timer_init(&h.loop, &h.drain, on_drain, &h);
	timer_init(&h.loop, &h.report, on_report, &h);
	timer_start(&h.report, REPORT_EVERY_MS / 5, REPORT_EVERY_MS);
	hbbr_start(&h);
	loop_run(&h.loop);
	front_fini(&h.front);
	loop_fini(&h.loop);
	log_info("stopped", "status %d", h.status);
	return h.status;
}
