#include "services/api/core/config.h"

#include "common/config/shared.h"

#define AT(f) offsetof(struct api_config, f)

static const struct opt opts[] = {
	SHARED_BIND(AT(bind)),
	{ "API_PORT", 'p', "PORT", OPT_PORT, AT(port), "21114", 0, 0,
	  "TCP port of the HTTP API; 0 takes a free one" },
	SHARED_OPS_BIND(AT(ops_bind)),
	SHARED_OPS_PORT(AT(ops_port), "21124"),
	{ "THREADS", 0, NULL, OPT_INT, AT(threads), "8", 1, 256,
	  "threads that answer requests, each with a Redis connection" },
	{ "MAX_CONNECTIONS", 0, NULL, OPT_INT, AT(connections), "8192", 16,
	  1000000, "open HTTP connections" },
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Durable state: accounts, devices, address books, "
			 "policy, audit."),
	SHARED_STATE_REDIS_URL(AT(state_redis_url)),
	SHARED_NODE_ID(AT(node_id)),
	SHARED_DATA_DIR(
		AT(data_dir), "/data",
		"folder for the secret key, the first password and recordings"),
	{ "SECRET_KEY_PATH", 0, NULL, OPT_STRING, AT(secret_key_file), "", 0, 0,
	  "file with the key of secrets at rest, base64 of 32 bytes, the "
	  "same on every node; default: DATA_DIR/api_secret, made on "
	  "first start" },
	{ "ADMIN_NAME", 0, NULL, OPT_STRING, AT(admin_name), "admin", 0, 0,
	  "name of the first administrator" },
	{ "ADMIN_PASSWORD", 0, NULL, OPT_SECRET, AT(admin_password), "", 0, 0,
	  "password of the first administrator; default: random, in "
	  "DATA_DIR/admin_password until the first sign-in" },
	{ "PUBLIC_URL", 0, NULL, OPT_STRING, AT(public_url), "", 0, 0,
	  "base URL that clients and browsers use, for links in mail and the "
	  "SSO callback; default: from the request, if it names PUBLIC_NAMES" },
	{ "PUBLIC_NAMES", 0, NULL, OPT_STRING, AT(public_names), "", 0, 0,
	  "host names, with their port or for all, that requests may name "
	  "where PUBLIC_URL is empty, comma-separated; a loopback always may" },
	SHARED_TRUSTED_PROXIES(AT(trusted_proxies)),
	{ "CORS_ORIGINS", 0, NULL, OPT_STRING, AT(cors_origins), "", 0, 0,
	  "origins of web clients on another host, comma-separated" },
	{ "WEB_DIR", 0, NULL, OPT_STRING, AT(web_dir), "", 0, 0,
	  "folder with the pages of the console and the web client; default: "
	  "web beside the program" },
	{ "WEB_CLIENT", 0, NULL, OPT_STRING, AT(web_client), "", 0, 0,
	  "folder with another web client, served at /web/ instead of ours "
	  "when it has an index.html" },
	{ "RECORD_DIR", 0, NULL, OPT_STRING, AT(record_dir), "", 0, 0,
	  "folder for uploaded recordings; empty refuses them" },
	{ "RECORD_QUOTA", 0, NULL, OPT_SIZE, AT(record_quota), "10g", 0, 0,
	  "bytes that recordings may take, in the folder and in S3; devices "
	  "that nobody vouched for leave half of them free" },
	{ "RECORD_QUOTA_DEVICE", 0, NULL, OPT_SIZE, AT(record_quota_device),
	  "1g", 0, 0, "bytes that recordings of one device may take" },
	{ "RECORD_S3_URL", 0, NULL, OPT_STRING, AT(record_s3_url), "", 0, 0,
	  "S3-compatible storage to which finished recordings move, bucket "
	  "included: https://s3.example.com/bucket" },
	{ "RECORD_S3_REGION", 0, NULL, OPT_STRING, AT(record_s3_region),
	  "us-east-1", 0, 0, "region of that storage" },
	{ "RECORD_S3_KEY", 0, NULL, OPT_STRING, AT(record_s3_key), "", 0, 0,
	  "access key of that storage" },
	{ "RECORD_S3_SECRET", 0, NULL, OPT_SECRET, AT(record_s3_secret), "", 0,
	  0, "secret of that key" },
	{ "TURN_URLS", 0, NULL, OPT_STRING, AT(turn_urls), "", 0, 0,
	  "TURN and STUN servers for direct connections of browsers, at most "
	  "8, comma-separated: turn:HOST:3478; stun: is derived; empty: none" },
	{ "TURN_SECRET", 0, NULL, OPT_SECRET, AT(turn_secret), "", 0, 0,
	  "secret that these TURN servers share (coturn's "
	  "static-auth-secret), at least 16 characters" },
	{ "DEVICE_RATE", 0, NULL, OPT_INT, AT(device_rate), "500", 0, 1000000,
	  "calls without a token per second and address; 0 for no limit" },
	{ "LOGIN_RATE", 0, NULL, OPT_INT, AT(login_rate), "5", 0, 1000000,
	  "log-in attempts per second and address; 0 for no limit" },
	SHARED_LOG_LEVEL(AT(log_level)),
	SHARED_LOG_FORMAT(AT(log_format)),
};

const struct config_spec api_config_spec = {
	.program = "api",
	.about = "HTTP API: accounts, devices, address books, policy, audit",
	.opts = opts,
	.nopts = sizeof(opts) / sizeof(opts[0]),
	.size = sizeof(struct api_config),
	.arguments = "[healthcheck | admin COMMAND ...]",
};
