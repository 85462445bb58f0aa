/*
 * config: the api's options. What an administrator changes at run time
 * (SMTP, LDAP, OIDC, expiry, policy) is in Redis, not here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/config/config.h"

struct api_config {
	char *bind;
	uint16_t port;
	char *ops_bind;
	uint16_t ops_port;
	int64_t threads;
	int64_t connections;
	char *redis_url;
	char *state_redis_url;
	char *node_id;
	char *data_dir;
	char *secret_key_file;
	char *admin_name;
	char *admin_password;
	char *public_url;
	char *public_names;
	char *trusted_proxies;
	char *cors_origins;
	char *web_dir;
	char *web_client;
	char *record_dir;
	int64_t record_quota;
	int64_t record_quota_device;
	char *record_s3_url;
	char *record_s3_region;
	char *record_s3_key;
	char *record_s3_secret;
	char *turn_urls;
	char *turn_secret;
	int64_t device_rate;
	int64_t login_rate;
	char *log_level;
	char *log_format;
};

extern const struct config_spec api_config_spec;
