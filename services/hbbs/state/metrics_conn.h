/*
 * metrics_conn: connections, their keys and candidates, also those that did not
 * get far, and lost datagrams; a part of HBBS_METRICS.
 */
#pragma once

#define HBBS_CONN_METRICS(X)                                                   \
	X(M_KX_OK, "hbbs_key_exchanges_total", "result=\"ok\"", COUNTER,       \
	  "KeyExchange answers of clients")                                    \
	X(M_KX_BAD, "hbbs_key_exchanges_total", "result=\"bad\"", COUNTER,     \
	  "KeyExchange answers of clients")                                    \
	X(M_ICE_PASSED, "hbbs_candidates_total", "result=\"passed\"", COUNTER, \
	  "WebRTC candidates of both sides")                                   \
	X(M_ICE_DROPPED, "hbbs_candidates_total", "result=\"dropped\"",        \
	  COUNTER, "WebRTC candidates of both sides")                          \
	X(M_CONNECTIONS, "hbbs_connections", "", GAUGE,                        \
	  "TCP and WebSocket connections")                                     \
	X(M_CONNECTIONS_MAX, "hbbs_connections_max", "", GAUGE,                \
	  "Cap on connections")                                                \
	X(M_INFLIGHT, "hbbs_unfinished_bytes", "", GAUGE, "Unfinished input")  \
	X(M_INFLIGHT_MAX, "hbbs_unfinished_bytes_max", "", GAUGE, "Cap on it") \
	X(M_UDP_DROPS, "hbbs_udp_kernel_drops_total", "", COUNTER,             \
	  "Datagrams the kernel dropped: the receive buffer was full")         \
	X(M_HALF_OPEN, "hbbs_websocket_half_open", "", GAUGE,                  \
	  "WebSocket connections whose request is not complete")               \
	X(M_HALF_OPEN_MAX, "hbbs_websocket_half_open_max", "", GAUGE,          \
	  "Cap on them; beyond it the oldest goes")                            \
	X(M_WS_CROWDED, "hbbs_websocket_refused_total",                        \
	  "reason=\"oldest_makes_room\"", COUNTER,                             \
	  "WebSocket connections that did not get open")                       \
	X(M_WS_CAP_IP, "hbbs_websocket_refused_total", "reason=\"cap_ip\"",    \
	  COUNTER, "WebSocket connections that did not get open")              \
	X(M_WS_LATE, "hbbs_websocket_refused_total", "reason=\"timeout\"",     \
	  COUNTER, "WebSocket connections that did not get open")              \
	X(M_WS_BAD, "hbbs_websocket_refused_total", "reason=\"bad_request\"",  \
	  COUNTER, "WebSocket connections that did not get open")              \
	X(M_FOREIGN_TLS, "hbbs_foreign_protocol_total",                        \
	  "reason=\"tls_hello\"", COUNTER,                                     \
	  "Connections that began with another protocol")                      \
	X(M_FOREIGN_PROXY, "hbbs_foreign_protocol_total",                      \
	  "reason=\"proxy_header\"", COUNTER,                                  \
	  "Connections that began with another protocol")
