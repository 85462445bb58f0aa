/*
 * config: one option table per service -> one struct.
 *
 * The table is the only place an option is named. From it come flags,
 * environment variables, the configuration file, --help and the settings
 * table in README.md (`<program> --help-markdown`).
 *
 * Precedence: flag > configuration file > .env in the working directory >
 * environment > default (spec 6.3). Names are case-insensitive and '-' equals
 * '_', so RELAY-SERVERS and relay_servers are one option. For every option X
 * the name X_FILE reads the value from that file (container secrets). An
 * unknown flag, an unknown name in the configuration file, or a bad value is
 * an error that names it; unknown environment variables are not ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum opt_kind {
	OPT_STRING, /* char *, owned; "" by default, never NULL */
	OPT_SECRET, /* as OPT_STRING, but never printed */
	/* As OPT_STRING too, and checked; but for the first two, "" passes. */
	OPT_LOG_LEVEL,
	OPT_LOG_FORMAT,
	OPT_REDIS_URL, /* as OPT_SECRET (common/redis/redis_url.h) */
	OPT_NETWORK,   /* 10.0.0.0/8 */
	OPT_NETWORKS,  /* a list (common/proto/forwarded.h) */
	OPT_BIND,      /* an IP address of this machine */
	OPT_ADDRESS,   /* the same, maybe with a port */
	OPT_HOST,      /* host or host:port (common/base/hostport.h) */
	OPT_HOSTS,     /* a list of them */
	OPT_TEXTS,     /* ends those that are text */
	OPT_BOOL,      /* bool: y/n, yes/no, true/false, on/off, 1/0 */
	OPT_INT,       /* int64_t within [min, max] */
	OPT_PORT,      /* uint16_t; 0 only if min is 0 */
	OPT_DURATION,  /* int64_t milliseconds: "30s", "5m", "1h", "250ms",
			  a bare number means seconds */
	OPT_SIZE,      /* int64_t bytes: "64k", "1m", "2g", or bare */
	OPT_RATIO,     /* double within [0, 1] */
};

struct opt {
	const char *name;    /* canonical upper-case name, "RELAY_SERVERS" */
	char flag;           /* short flag letter, or 0 */
	const char *aliases; /* other names, space-separated, or NULL */
	enum opt_kind kind;
	size_t offset;    /* of the field in the service's struct */
	const char *def;  /* default, in the text form a user would write */
	int64_t min, max; /* for OPT_INT, OPT_DURATION (ms), OPT_SIZE;
			     both 0: no bounds */
	const char *help; /* one sentence for --help and README */
};

struct config_spec {
	const char *program; /* "hbbs" */
	const char *about;   /* one line above "usage" */
	const struct opt *opts;
	size_t nopts;
	size_t size;           /* of the service's struct */
	const char *arguments; /* for --help: what follows the flags, or NULL */
};

enum config_result {
	CONFIG_OK,   /* run */
	CONFIG_EXIT, /* help or version was printed: exit 0 */
	CONFIG_BAD,  /* the error was printed to stderr: exit 2 */
};

/*
 * Fills the zeroed struct at OUT from defaults, environment, .env, the file
 * given by -c/--config (INI: name = value, sections ignored) and ARGV.
 * Every option also has the long flag --its-name; --name=value and
 * --name value both work; a boolean flag may stand alone. A first argument
 * that is the program's own name is passed over. *REST is the index of the
 * first argument that is not a flag (subcommands), or argc.
 */
MUST_USE enum config_result config_load(const struct config_spec *spec,
					int argc, char **argv, void *out,
					int *rest);

/* The field of option NAME in CFG, NULL where the program has none. */
const void *config_get(const struct config_spec *spec, const void *cfg,
		       const char *name);

/* Frees what config_load() allocated. */
void config_free(const struct config_spec *spec, void *cfg);
