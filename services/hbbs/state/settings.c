#include "services/hbbs/state/settings.h"

#include <stddef.h>

#include "common/config/shared.h"

#define AT(field) offsetof(struct settings, field)

static const struct opt opts[] = {
	{ "KEY", 'k', NULL, OPT_SECRET, AT(key), "-", 0, 0,
	  "Key that clients must have: - or _ for the key pair in DATA_DIR, "
	  "empty for none, a base64 secret key, the pair's public key, a file "
	  "with a key, or any literal text." },
	{ "RELAY_SERVERS", 'r', "RELAY", OPT_HOSTS, AT(relay_servers), "", 0, 0,
	  "Relay servers handed to clients, comma-separated host or host:port; "
	  "empty lets clients use this host." },
	{ "RELAY_CHOICE", 0, NULL, OPT_STRING, AT(relay_choice), "any", 0, 0,
	  "Relays that a controlling client may name: any, as its option "
	  "relay-server allows, or known, those of this site alone." },
	{ "GEOIP_DB", 0, NULL, OPT_STRING, AT(geoip_db), "", 0, 0,
	  "MaxMind database with places (GeoLite2-City.mmdb): the nearest "
	  "relay "
	  "is handed out." },
	{ "GEO_OVERRIDES", 0, NULL, OPT_STRING, AT(geo_overrides), "", 0, 0,
	  "Places of relays, as host=longitude,latitude with spaces between." },
	{ "DRAIN_TIMEOUT", 0, NULL, OPT_DURATION, AT(drain_ms), "10s", 0, 0,
	  "After SIGTERM, where other nodes take over: how long clients may "
	  "take to move." },
	SHARED_BIND(AT(bind)),
	{ "PORT", 'p', NULL, OPT_PORT, AT(port), "21116", 3, 65533,
	  "Rendezvous port N; N-1 (NAT test) and N+2 (WebSocket) go with it." },
	{ "SERIAL", 's', NULL, OPT_INT, AT(serial), "0", 0, INT32_MAX,
	  "Serial of the legacy server list (deprecated)." },
	{ "RENDEZVOUS_SERVERS", 'R', NULL, OPT_HOSTS, AT(rendezvous_servers),
	  "", 0, 0, "Legacy server list sent with SERIAL (deprecated)." },
	{ "SOFTWARE_URL", 'u', NULL, OPT_STRING, AT(software_url), "", 0, 0,
	  "Download address told to very old clients (deprecated)." },
	{ "RMEM", 'M', NULL, OPT_INT, AT(rmem), "0", 0, 1 << 30,
	  "UDP receive buffer in bytes; 0 asks for 4 MiB." },
	{ "MASK", 0, NULL, OPT_NETWORK, AT(mask), "", 0, 0,
	  "The LAN, as 192.168.0.0/16: peers inside are told LOCAL_IP as their "
	  "relay (deprecated)." },
	{ "LOCAL_IP", 0, NULL, OPT_HOST, AT(local_ip), "", 0, 0,
	  "LAN address of the relay, for MASK." },
	{ "ALWAYS_USE_RELAY", 0, NULL, OPT_BOOL, AT(always_use_relay), "N", 0,
	  0, "Relay every session, even within one network." },
	{ "TEST_HBBS", 0, NULL, OPT_STRING, AT(test_hbbs), "", 0, 0,
	  "Accepted for compatibility; the health check replaces it." },
	{ "DB_URL", 0, NULL, OPT_STRING, AT(db_url), "", 0, 0,
	  "Accepted for compatibility; import the file with "
	  "'rustdesk-utils import'." },
	{ "MAX_DATABASE_CONNECTIONS", 0, NULL, OPT_INT,
	  AT(max_database_connections), "1", 0, INT32_MAX,
	  "Accepted for compatibility, without effect." },
	SHARED_DATA_DIR(
		AT(data_dir), ".",
		"Folder of the key pair id_ed25519 and of the console socket."),
	{ "PUBLISH_KEY", 0, NULL, OPT_STRING, AT(publish_key), "", 0, 0,
	  "File to write the key to that clients and relays need." },
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Durable state: peer records."),
	SHARED_STATE_REDIS_URL(AT(state_redis_url)),
	{ "API_URL", 0, NULL, OPT_STRING, AT(api_url), "", 0, 0,
	  "The API as hbbs reaches it, for clients that can reach only hbbs "
	  "(http://host:21114); empty refuses them." },
	SHARED_NODE_ID(AT(node_id)),
	SHARED_TRUSTED_PROXIES(AT(trusted_proxies)),
	SHARED_PROXY_PROTOCOL(AT(proxy_protocol)),
	SHARED_OPS_PORT(AT(ops_port), "21120"),
	SHARED_OPS_BIND(AT(ops_bind)),
	SHARED_LOG_LEVEL(AT(log_level)),
	SHARED_LOG_FORMAT(AT(log_format)),
	{ "CONSOLE", 0, NULL, OPT_BOOL, AT(console), "N", 0, 0,
	  "Text console for loopback connections to the NAT test port too; on "
	  "hbbs.sock in DATA_DIR it always is." },
	{ "REGISTER_LIMITS", 0, NULL, OPT_STRING, AT(register_limits),
	  "default", 0, 0,
	  "default, or reference for the exact counters of the reference "
	  "server (32 registrations per address in a burst)." },
	{ "ALLOW_KEY_CHANGE", 0, NULL, OPT_BOOL, AT(allow_key_change), "N", 0,
	  0, "Accept a new key from a known machine at a new address." },
	{ "STRICT_ANSWERS", 0, NULL, OPT_BOOL, AT(strict_answers), "N", 0, 0,
	  "Drop answers that come from another address than the peer's "
	  "(default: log them)." },
	{ "MAX_PEERS", 0, NULL, OPT_INT, AT(max_peers), "5000000", 1, INT32_MAX,
	  "Peers that may be stored; beyond it new ones are refused." },
	{ "NEW_PEER_RATE", 0, NULL, OPT_INT, AT(new_peer_rate), "500", 1,
	  1000000, "New peers per second, from all addresses together." },
	{ "NEW_PEER_RATE_PER_IP", 0, NULL, OPT_INT, AT(new_peer_rate_per_ip),
	  "1", 1, 1000000,
	  "New peers per second of one address, after a burst of 300 times "
	  "that." },
	{ "LOOKUP_RATE", 0, NULL, OPT_INT, AT(lookup_rate), "500", 1, 1000000,
	  "Look-ups of unknown ids per second and address." },
	{ "ONLINE_RATE", 0, NULL, OPT_INT, AT(online_rate), "500", 1, 1000000,
	  "Ids of online queries per second and address; ten seconds' worth, "
	  "and at least one page of 1 000, may come at once." },
	{ "MAX_CONNECTIONS", 0, NULL, OPT_INT, AT(max_connections), "100000", 1,
	  1000000, "TCP and WebSocket connections in all." },
	{ "MAX_CONNECTIONS_PER_IP", 0, NULL, OPT_INT,
	  AT(max_connections_per_ip), "1000", 1, 1000000,
	  "TCP and WebSocket connections of one client address." },
	SHARED_TLS_CERT(AT(tls_cert)),
	SHARED_TLS_KEY(AT(tls_key)),
};

const struct config_spec settings_spec = {
	.program = "hbbs",
	.about = "ID, rendezvous and signalling server for RustDesk clients",
	.opts = opts,
	.nopts = sizeof opts / sizeof opts[0],
	.size = sizeof(struct settings),
};
