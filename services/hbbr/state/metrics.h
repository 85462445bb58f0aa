/*
 * metrics: what the relay counts. One list; reasons come from reason.h.
 */
#pragma once

#include "common/base/metric.h"
#include "services/hbbr/state/reason.h"

/* X(SYMBOL, name, labels, kind, help); rows of one name are adjacent. */
#define HBBR_METRICS(X)                                                        \
	X(M_CONN_TCP, "hbbr_connections_total", "transport=\"tcp\"",           \
	  METRIC_COUNTER, "Connections accepted")                              \
	X(M_CONN_WS, "hbbr_connections_total", "transport=\"ws\"",             \
	  METRIC_COUNTER, "Connections accepted")                              \
	X(M_PAIR_TCP_TCP, "hbbr_sessions_total", "transports=\"tcp-tcp\"",     \
	  METRIC_COUNTER, "Relay sessions started")                            \
	X(M_PAIR_TCP_WS, "hbbr_sessions_total", "transports=\"tcp-ws\"",       \
	  METRIC_COUNTER, "Relay sessions started")                            \
	X(M_PAIR_WS_WS, "hbbr_sessions_total", "transports=\"ws-ws\"",         \
	  METRIC_COUNTER, "Relay sessions started")                            \
	X(M_BYTES_SPLICED, "hbbr_relayed_bytes_total", "path=\"tcp\"",         \
	  METRIC_COUNTER, "Payload bytes relayed")                             \
	X(M_BYTES_BRIDGED, "hbbr_relayed_bytes_total", "path=\"bridge\"",      \
	  METRIC_COUNTER, "Payload bytes relayed")                             \
	X(M_DOWNGRADED, "hbbr_sessions_downgraded_total", "", METRIC_COUNTER,  \
	  "Sessions slowed for moving much for long")                          \
	X(M_SESSIONS, "hbbr_sessions", "", METRIC_GAUGE, "Relay sessions now") \
	X(M_SESSIONS_MAX, "hbbr_sessions_max", "", METRIC_GAUGE,               \
	  "Cap on relay sessions")                                             \
	X(M_WAITING, "hbbr_waiting", "", METRIC_GAUGE,                         \
	  "Connections that wait for their other half")                        \
	X(M_WAITING_MAX, "hbbr_waiting_max", "", METRIC_GAUGE,                 \
	  "Cap on waiting connections")                                        \
	X(M_HANDSHAKING, "hbbr_handshaking", "", METRIC_GAUGE,                 \
	  "Connections that have not sent their first frame")                  \
	X(M_HALF_OPEN, "hbbr_websocket_half_open", "", METRIC_GAUGE,           \
	  "WebSocket connections whose request is not complete")               \
	X(M_HALF_OPEN_MAX, "hbbr_websocket_half_open_max", "", METRIC_GAUGE,   \
	  "Cap on them; beyond it the oldest goes")                            \
	X(M_WS_CROWDED, "hbbr_websocket_refused_total",                        \
	  "reason=\"oldest_makes_room\"", METRIC_COUNTER,                      \
	  "WebSocket connections that did not get open")                       \
	X(M_WS_CAP_IP, "hbbr_websocket_refused_total", "reason=\"cap_ip\"",    \
	  METRIC_COUNTER, "WebSocket connections that did not get open")       \
	X(M_WS_LATE, "hbbr_websocket_refused_total", "reason=\"timeout\"",     \
	  METRIC_COUNTER, "WebSocket connections that did not get open")       \
	X(M_WS_BAD, "hbbr_websocket_refused_total", "reason=\"bad_request\"",  \
	  METRIC_COUNTER, "WebSocket connections that did not get open")       \
	X(M_FOREIGN_TLS, "hbbr_foreign_protocol_total",                        \
	  "reason=\"tls_hello\"", METRIC_COUNTER,                              \
	  "Connections that began with another protocol")                      \
	X(M_FOREIGN_PROXY, "hbbr_foreign_protocol_total",                      \
	  "reason=\"proxy_header\"", METRIC_COUNTER,                           \
	  "Connections that began with another protocol")                      \
	X(M_BRIDGE_BYTES, "hbbr_bridge_buffer_bytes", "", METRIC_GAUGE,        \
	  "Memory that mixed and WebSocket sessions hold")                     \
	X(M_BRIDGE_BYTES_MAX, "hbbr_bridge_buffer_bytes_max", "",              \
	  METRIC_GAUGE, "Cap on that memory")                                  \
	X(M_ADMIT_TICKET, "hbbr_admitted_total", "by=\"ticket\"",              \
	  METRIC_COUNTER, "First halves that were let in")                     \
	X(M_ADMIT_KEY, "hbbr_admitted_total", "by=\"key\"", METRIC_COUNTER,    \
	  "First halves that were let in")                                     \
	X(M_ADMIT_BLIND, "hbbr_admitted_total", "by=\"key_redis_away\"",       \
	  METRIC_COUNTER, "First halves that were let in")                     \
	X(M_LINK_IN, "hbbr_links_total", "direction=\"in\"", METRIC_COUNTER,   \
	  "Sessions joined over a link to another relay")                      \
	X(M_LINK_OUT, "hbbr_links_total", "direction=\"out\"", METRIC_COUNTER, \
	  "Sessions joined over a link to another relay")                      \
	X(M_LINK_FAILED, "hbbr_links_failed_total", "", METRIC_COUNTER,        \
	  "Links to other relays that were not made")                          \
	X(M_DRAINING, "hbbr_draining", "", METRIC_GAUGE,                       \
	  "1 while the relay waits for its sessions to end")                   \
	X(M_REDIS_UP, "hbbr_redis_connected", "", METRIC_GAUGE,                \
	  "1 while the state Redis answers")                                   \
	X(M_REDIS_RTT, "hbbr_redis_rtt_microseconds", "", METRIC_GAUGE,        \
	  "Round trip of the last Redis command")

#define HBBR_METRIC_ENUM(symbol, name, labels, kind, help) symbol,
enum hbbr_metric { HBBR_METRICS(HBBR_METRIC_ENUM) HBBR_METRIC_COUNT };
#undef HBBR_METRIC_ENUM

extern struct metric_set hbbr_metrics;
extern struct metric_set hbbr_reasons; /* refused and ended, by reason */

void metrics_count(enum hbbr_metric m);
void metrics_refused(enum reason why);
void metrics_ended(enum reason why);

/* Everything as Prometheus text. 0 or a buf error. */
MUST_USE int metrics_render(struct buf *out);
