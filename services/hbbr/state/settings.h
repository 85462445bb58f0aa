/*
 * settings: the options of hbbr. The table in settings.c is their only list.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/config/config.h"
#include "common/proto/forwarded.h"
#include "services/hbbr/state/limits.h"

struct settings {
	char *key;
	char *data_dir;
	char *bind;
	uint16_t port; /* after settings_load(): the TCP port to listen on */
	int64_t workers;
	int64_t single_bandwidth; /* Mbit/s, as the next two */
	int64_t total_bandwidth;
	int64_t limit_speed;
	double downgrade_threshold;
	int64_t downgrade_start_ms;
	char *blacklist;
	char *blocklist;
	int64_t idle_ms;
	int64_t max_sessions;
	int64_t max_parked;
	int64_t max_parked_per_ip;
	int64_t max_message;
	int64_t bridge_memory;
	char *trusted_proxies;
	char *proxy_protocol;
	char *tls_cert;
	char *tls_key;
	char *redis_url;
	char *state_redis_url;
	char *node_id;
	char *address;
	char *lan_address;
	bool tickets;
	uint16_t mesh_port;
	char *mesh_bind;
	char *mesh_address;
	int64_t drain_ms;
	bool console;
	char *console_socket;
	char *ops_bind;
	uint16_t ops_port;
	char *log_level;
	char *log_format;

	/* Derived by settings_load(). */
	struct trusted proxies;
	struct trusted proxy_protocol_nets;
	int64_t nworkers; /* 0: pumps run on the front loop */
};

extern const struct config_spec settings_spec;

/* config_load() and what follows from it. */
MUST_USE enum config_result settings_load(struct settings *s, int argc,
					  char **argv, int *rest);
void settings_free(struct settings *s);

struct limits settings_limits(const struct settings *s);
