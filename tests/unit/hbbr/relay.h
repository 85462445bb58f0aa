/*
 * relay: a whole front on a free port, its pumps on the same loop.
 */
#pragma once

#include <signal.h>
#include <sys/un.h>

#include "common/base/log.h"
#include "common/process/console.h"
#include "services/hbbr/edge/admin.h"
#include "services/hbbr/front/entry.h"
#include "services/hbbr/front/front.h"
#include "services/hbbr/front/pairing.h"
#include "services/hbbr/pairing/claims.h"
#include "services/hbbr/pairing/handshake.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"
#include "tests/unit/common/live.h"

static struct live live;
static struct settings cfg;
static struct front front;
static struct admin admin;
static bool closed;
static char folder[32];
static char path[64];

static inline void on_console(void *ctx, int fd)
{
	(void)ctx;
	admin_serve(&admin, fd);
}

static inline void on_usage(void *ctx, struct usage_row *rows, size_t n)
{
	(void)ctx;
	admin_usage(&admin, rows, n);
}

static inline void on_closed(void *ctx)
{
	(void)ctx;
	closed = true;
}

static inline void setup_with(int64_t parked_per_ip,
			      const struct claims *claims)
{
	char any[] = "", *none = any;
	struct front_hooks hooks = {
		.is_command = console_sniff,
		.on_command = on_console,
		.on_usage = on_usage,
		.on_closed = on_closed,
	};

	signal(SIGPIPE, SIG_IGN);
	log_setup("test", LOG_ERROR, LOG_TEXT);
	snprintf(folder, sizeof(folder), "/tmp/hbbr-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/console", folder);
	live_start(&live);
	closed = false;
	cfg = (struct settings){
		.bind = none,
		.mesh_bind = none,
		.tls_cert = none,
		.tls_key = none,
		.max_sessions = 8,
		.max_parked = 8,
		.max_parked_per_ip = parked_per_ip,
		.max_message = 1 << 20,
		.bridge_memory = 64 << 20,
		.console = true,
	};
	ck_assert_int_eq(front_open(&front, &live.loop, &cfg, &hooks), 0);
	ck_assert_int_eq(admin_open(&admin, &front, ".", path), 0);
	ck_assert_int_eq(front_listen(&front, "KEY", claims), 0);
}

static inline void setup(void)
{
	setup_with(4, NULL);
}

static inline size_t waiting(void)
{
	return pairing_waiting(front.pairing);
}

/* What a metric says now. */
static inline uint64_t told(enum hbbr_metric m)
{
	entry_tick(front.entry);
	return metric_get(&hbbr_metrics, m);
}

static inline void teardown(void)
{
	admin_close(&admin);
	front_close(&front);
	live_until(&live, closed);
	live_end(&live);
	front_fini(&front);
	ck_assert_int_ne(access(path, F_OK), 0); /* the socket is gone */
	rmdir(folder);
}
