/*
 * shared: the rows of options that several programs know, so that one name
 * has one kind and one meaning. FIELD is AT(field) of the service's struct;
 * what differs from service to service is an argument.
 */
#pragma once

#include "common/config/config.h"

#define SHARED_BIND(field)                                                     \
	{                                                                      \
		"BIND", 'b', NULL, OPT_BIND, field, "", 0, 0,                  \
			"Address to listen on; empty for all, IPv4 and IPv6."  \
	}

#define SHARED_DATA_DIR(field, def, help)                                      \
	{                                                                      \
		"DATA_DIR", 0, NULL, OPT_STRING, field, def, 0, 0, help        \
	}

#define SHARED_NODE_ID(field)                                                  \
	{                                                                      \
		"NODE_ID", 0, NULL, OPT_STRING, field, "", 0, 0,               \
			"Name of this node in logs and leases; empty uses "    \
			"the host name."                                       \
	}

#define SHARED_REDIS_URL(field, def, help)                                     \
	{                                                                      \
		"REDIS_URL", 0, NULL, OPT_REDIS_URL, field, def, 0, 0, help    \
	}

#define SHARED_STATE_REDIS_URL(field)                                          \
	{                                                                      \
		"STATE_REDIS_URL", 0, NULL, OPT_REDIS_URL, field, "", 0, 0,    \
			"Redis for what may be lost (presence, leases, bus); " \
			"empty uses "                                          \
			"REDIS_URL."                                           \
	}

#define SHARED_TRUSTED_PROXIES(field)                                          \
	{                                                                      \
		"TRUSTED_PROXIES", 0, NULL, OPT_NETWORKS, field, "", 0, 0,     \
			"Proxies: networks whose X-Forwarded-For, Forwarded "  \
			"or X-Real-IP "                                        \
			"is believed."                                         \
	}

#define SHARED_PROXY_PROTOCOL(field)                                           \
	{                                                                      \
		"PROXY_PROTOCOL", 0, NULL, OPT_NETWORKS, field, "", 0, 0,      \
			"Networks that send a PROXY protocol header on the "   \
			"TCP ports."                                           \
	}

#define SHARED_TLS_CERT(field)                                                 \
	{                                                                      \
		"TLS_CERT", 0, NULL, OPT_STRING, field, "", 0, 0,              \
			"PEM certificate chain: the WebSocket port takes wss " \
			"as well."                                             \
	}

#define SHARED_TLS_KEY(field)                                                  \
	{                                                                      \
		"TLS_KEY", 0, NULL, OPT_STRING, field, "", 0, 0,               \
			"PEM key of TLS_CERT."                                 \
	}

#define SHARED_OPS_PORT(field, def)                                            \
	{                                                                      \
		"OPS_PORT", 0, NULL, OPT_PORT, field, def, 0, 0,               \
			"Internal HTTP port for /metrics, /livez and "         \
			"/readyz; 0 takes a "                                  \
			"free one."                                            \
	}

#define SHARED_OPS_BIND(field)                                                 \
	{                                                                      \
		"OPS_BIND", 0, NULL, OPT_BIND, field, "127.0.0.1", 0, 0,       \
			"Address of OPS_PORT; empty for all."                  \
	}

#define SHARED_LOG_LEVEL(field)                                                \
	{                                                                      \
		"LOG_LEVEL", 0, NULL, OPT_LOG_LEVEL, field, "info", 0, 0,      \
			"debug, info, warn or error."                          \
	}

#define SHARED_LOG_FORMAT(field)                                               \
	{                                                                      \
		"LOG_FORMAT", 0, NULL, OPT_LOG_FORMAT, field, "text", 0, 0,    \
			"text (logfmt) or json."                               \
	}
