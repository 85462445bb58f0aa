#include "services/hbbr/front/ports.h"

#include "common/base/log.h"
#include "services/hbbr/front/conn.h"
#include "services/hbbr/state/metrics.h"
#include "services/hbbr/state/settings.h"

enum { WS_UPGRADE_MS = 10000 }; /* spec 1.5 */

static int open_ws(struct ports *p, const struct ports_opts *po)
{
	const struct settings *c = po->cfg;
	struct ws_opts o = {
		.name = "relay",
		.max_message = HANDSHAKE_MAX,
		.max_queue = (size_t)c->max_message + CONN_QUEUE_SPARE,
		.low_mark = CONN_LOW,
		.handshake_ms = WS_UPGRADE_MS,
		.trusted = &c->proxies,
		.cert_file = c->tls_cert,
		.key_file = c->tls_key,
	};

	return ws_context_open(po->loop, &o, po->on_ws, po->ctx, &p->ws);
}

int ports_open(struct ports *p, const struct ports_opts *po)
{
	const struct settings *c = po->cfg;
	bool proxy = c->proxy_protocol_nets.n > 0;
	struct listen_opts o = {
		.bind = c->bind,
		.port = c->port,
		.proxy = proxy ? &c->proxy_protocol_nets : NULL,
	};

	int r = open_ws(p, po);
	if (r == 0)
		r = listen_open(po->loop, &o, po->on_tcp, po->ctx, &p->tcp);
	if (r == 0) {
		o.port = c->port == 0 ? 0 : (uint16_t)(c->port + 2);
		r = listen_open(po->loop, &o, po->on_web, po->ctx, &p->web);
	}
	if (r < 0)
		log_error("listen_failed", "port %u: %s", (unsigned)o.port,
			  uv_strerror(r));
	return r;
}

void ports_shut(struct ports *p)
{
	listen_close(p->tcp);
	listen_close(p->web);
}

void ports_close(struct ports *p)
{
	if (p->ws)
		ws_context_close(p->ws);
}

void ports_gauges(const struct ports *p, const uint64_t foreign[FOREIGN_KINDS])
{
	struct metric_set *m = &hbbr_metrics;
	struct ws_counts c = ws_context_counts(p->ws);

	metric_gauge(m, M_HALF_OPEN, c.half_open);
	metric_gauge(m, M_HALF_OPEN_MAX, WS_HALF_OPEN_MAX);
	metric_gauge(m, M_WS_CROWDED, c.crowded_out);
	metric_gauge(m, M_WS_CAP_IP, c.per_ip);
	metric_gauge(m, M_WS_LATE, c.late);
	metric_gauge(m, M_WS_BAD, c.bad_request);
	metric_gauge(m, M_FOREIGN_TLS,
		     foreign[FOREIGN_TLS] + c.foreign[FOREIGN_TLS]);
	metric_gauge(m, M_FOREIGN_PROXY,
		     foreign[FOREIGN_PROXY] + c.foreign[FOREIGN_PROXY]);
}
