#include "services/hbbr/state/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysinfo.h>

#include "common/config/shared.h"

enum {
	PORT_DEFAULT = 21117,
	WORKERS_AUTO = -1,
	WORKERS_AUTO_MAX = 4, /* four splice workers saturate 40 Gbit/s */
	WORKERS_MAX = 64,
	CAP_MAX = 1000000, /* about the most descriptors a process gets */
};

#define AT(field) offsetof(struct settings, field)

static const struct opt opts[] = {
	{ "KEY", 'k', NULL, OPT_STRING, AT(key), "-", 0, 0,
	  "Public key that clients must present; '-' reads id_ed25519.pub in "
	  "DATA_DIR, a file's name means its content, an empty value admits "
	  "everybody" },
	SHARED_DATA_DIR(
		AT(data_dir), ".",
		"Folder with id_ed25519.pub (the private key is never needed)"),
	SHARED_BIND(AT(bind)),
	{ "PORT", 'p', NULL, OPT_PORT, AT(port), "21117", 0, 65533,
	  "TCP port, WebSocket is two above; given as a variable instead of "
	  "a flag it is one below the TCP port, as the reference has it" },
	{ "WORKERS", 0, NULL, OPT_INT, AT(workers), "-1", WORKERS_AUTO,
	  WORKERS_MAX,
	  "Threads that relay TCP pairs; 0 relays on the main thread, -1 "
	  "takes one less than the processors, 1 to 4" },
	{ "SINGLE_BANDWIDTH", 0, NULL, OPT_INT, AT(single_bandwidth), "128", 0,
	  INT32_MAX, "Mbit/s of one session, 0 for no limit" },
	{ "TOTAL_BANDWIDTH", 0, NULL, OPT_INT, AT(total_bandwidth), "1024", 0,
	  INT32_MAX, "Mbit/s of all sessions together, 0 for no limit" },
	{ "LIMIT_SPEED", 0, NULL, OPT_INT, AT(limit_speed), "32", 0, INT32_MAX,
	  "Mbit/s of a session that is blacklisted or downgraded" },
	{ "DOWNGRADE_THRESHOLD", 0, NULL, OPT_RATIO, AT(downgrade_threshold),
	  "0.66", 0, 0,
	  "Share of SINGLE_BANDWIDTH that a session may use on average" },
	{ "DOWNGRADE_START_CHECK", 0, NULL, OPT_DURATION,
	  AT(downgrade_start_ms), "1800", 0, 0,
	  "How long a session may exceed that share" },
	{ "BLACKLIST", 0, NULL, OPT_STRING, AT(blacklist), "blacklist.txt", 0,
	  0,
	  "File of addresses to slow down to LIMIT_SPEED, relative to "
	  "DATA_DIR" },
	{ "BLOCKLIST", 0, NULL, OPT_STRING, AT(blocklist), "blocklist.txt", 0,
	  0, "File of addresses to refuse, relative to DATA_DIR" },
	{ "IDLE_TIMEOUT", 0, NULL, OPT_DURATION, AT(idle_ms), "2h", 0, 0,
	  "A session without a byte for so long ends; 0 never ends it" },
	{ "MAX_SESSIONS", 0, NULL, OPT_INT, AT(max_sessions), "50000", 1,
	  CAP_MAX, "Relay sessions at a time" },
	{ "MAX_PARKED", 0, NULL, OPT_INT, AT(max_parked), "10000", 1, CAP_MAX,
	  "Connections that are not paired yet" },
	{ "MAX_PARKED_PER_IP", 0, NULL, OPT_INT, AT(max_parked_per_ip), "1000",
	  0, CAP_MAX,
	  "The same for one IPv4 address or IPv6 /64; 0 for no limit" },
	{ "MAX_MESSAGE", 0, NULL, OPT_SIZE, AT(max_message), "32m", 65536,
	  1 << 30,
	  "Largest message of a session with a WebSocket end; the largest that "
	  "clients send is an image on the clipboard, 32 MiB for a screen of "
	  "3840 x 2160" },
	{ "BRIDGE_MEMORY", 0, NULL, OPT_SIZE, AT(bridge_memory), "192m",
	  1 << 20, INT64_MAX,
	  "Buffers of all sessions with a WebSocket end and of connections "
	  "that "
	  "wait; beyond it the session that holds the most ends" },
	SHARED_TRUSTED_PROXIES(AT(trusted_proxies)),
	SHARED_PROXY_PROTOCOL(AT(proxy_protocol)),
	SHARED_TLS_CERT(AT(tls_cert)),
	SHARED_TLS_KEY(AT(tls_key)),
	SHARED_REDIS_URL(AT(redis_url), "",
			 "Redis of the site; empty relays without one"),
	SHARED_STATE_REDIS_URL(AT(state_redis_url)),
	SHARED_NODE_ID(AT(node_id)),
	{ "RELAY_ADDRESS", 0, NULL, OPT_HOST, AT(address), "", 0, 0,
	  "host:port under which clients reach this relay" },
	{ "RELAY_LAN_ADDRESS", 0, NULL, OPT_HOST, AT(lan_address), "", 0, 0,
	  "host:port under which clients of the local network reach it" },
	{ "TICKETS", 0, NULL, OPT_BOOL, AT(tickets), "Y", 0, 0,
	  "With Redis: relay only sessions that hbbs has allowed" },
	{ "MESH_PORT", 0, NULL, OPT_PORT, AT(mesh_port), "21122", 0, 65535,
	  "With Redis: internal TCP port for links from other relays; 0 takes "
	  "a free one" },
	{ "MESH_BIND", 0, NULL, OPT_BIND, AT(mesh_bind), "", 0, 0,
	  "Address of that port; empty for all" },
	{ "MESH_ADDRESS", 0, NULL, OPT_ADDRESS, AT(mesh_address), "", 0, 0,
	  "IP address (and port) under which other relays reach that port; "
	  "empty means MESH_BIND, or without it the address this relay has "
	  "towards Redis; a port on loopback is told to nobody" },
	{ "DRAIN_TIMEOUT", 0, NULL, OPT_DURATION, AT(drain_ms), "30s", 0, 0,
	  "After SIGTERM: how long sessions may go on before the relay stops" },
	{ "CONSOLE", 0, NULL, OPT_BOOL, AT(console), "N", 0, 0,
	  "Take console commands on the TCP port from loopback" },
	{ "CONSOLE_SOCKET", 0, NULL, OPT_STRING, AT(console_socket),
	  "hbbr.sock", 0, 0,
	  "Unix socket that takes console commands, relative to DATA_DIR; "
	  "empty for none" },
	SHARED_OPS_PORT(AT(ops_port), "21121"),
	SHARED_OPS_BIND(AT(ops_bind)),
	SHARED_LOG_LEVEL(AT(log_level)),
	SHARED_LOG_FORMAT(AT(log_format)),
};

const struct config_spec settings_spec = {
	.program = "hbbr",
	.about = "Relay server: joins the two connections of a session.",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.size = sizeof(struct settings),
};

/* Was the port a flag? The reference listens one above a PORT variable. */
static bool port_is_flag(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-p", 2) == 0 ||
		    strcasecmp(argv[i], "--port") == 0 ||
		    strncasecmp(argv[i], "--port=", 7) == 0)
			return true;
	}
	return false;
}

static int64_t auto_workers(void)
{
	int64_t n = get_nprocs() - 1;

	return n < 1 ? 1 : n > WORKERS_AUTO_MAX ? WORKERS_AUTO_MAX : n;
}

static void settings_derive(struct settings *s)
{
	/* config_load() has checked them. */
	(void)!trusted_parse(s->trusted_proxies, &s->proxies);
	(void)!trusted_parse(s->proxy_protocol, &s->proxy_protocol_nets);
	s->nworkers = s->workers == WORKERS_AUTO ? auto_workers() : s->workers;
}

enum config_result settings_load(struct settings *s, int argc, char **argv,
				 int *rest)
{
	enum config_result r = config_load(&settings_spec, argc, argv, s, rest);

	if (r != CONFIG_OK)
		return r;
	bool given = s->port != PORT_DEFAULT || getenv("PORT");
	if (given && s->port != 0 && !port_is_flag(argc, argv))
		s->port++;
	settings_derive(s);
	return CONFIG_OK;
}

void settings_free(struct settings *s)
{
	config_free(&settings_spec, s);
}

struct limits settings_limits(const struct settings *s)
{
	return (struct limits){
		.single_bps = (uint64_t)s->single_bandwidth * LIMITS_MBIT,
		.slow_bps = (uint64_t)s->limit_speed * LIMITS_MBIT,
		.downgrade_threshold = s->downgrade_threshold,
		.downgrade_start_ms = (uint64_t)s->downgrade_start_ms,
	};
}
