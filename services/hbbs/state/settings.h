/*
 * settings: every option of hbbs (README lists them from this table).
 *
 * The reference server's names keep working (spec 6.3); those that can do
 * nothing here are accepted and said so in the log.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/config/config.h"

struct settings {
	char *key;
	char *relay_servers;
	char *bind;
	uint16_t port;
	int64_t serial;
	char *rendezvous_servers;
	char *software_url;
	int64_t rmem;
	char *mask;
	char *local_ip;
	bool always_use_relay;
	char *test_hbbs;
	char *db_url;
	int64_t max_database_connections;
	char *data_dir;
	char *publish_key;
	char *redis_url;
	char *state_redis_url;
	char *relay_choice;
	char *geoip_db;
	char *geo_overrides;
	int64_t drain_ms;
	char *api_url;
	char *node_id;
	char *trusted_proxies;
	char *proxy_protocol;
	uint16_t ops_port;
	char *ops_bind;
	char *log_level;
	char *log_format;
	bool console;
	char *register_limits;
	bool allow_key_change;
	bool strict_answers;
	int64_t max_peers;
	int64_t new_peer_rate;
	int64_t new_peer_rate_per_ip;
	int64_t lookup_rate;
	int64_t online_rate;
	int64_t max_connections;
	int64_t max_connections_per_ip;
	char *tls_cert;
	char *tls_key;
};

extern const struct config_spec settings_spec;
