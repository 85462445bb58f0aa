#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/process/ops.h"
#include "services/api/operator/operator.h"
#include "services/api/server.h"

int main(int argc, char **argv)
{
	static struct api_config cfg;
	enum log_level level;
	enum log_format format;
	int rest, r;

	switch (config_load(&api_config_spec, argc, argv, &cfg, &rest)) {
	case CONFIG_BAD:
		return 2;
	case CONFIG_EXIT:
		return 0;
	case CONFIG_OK:
		break;
	}
	if (rest < argc && strcmp(argv[rest], "admin") == 0) {
		r = operator_run(&cfg, argc - rest, argv + rest);
	} else if (rest < argc && strcmp(argv[rest], "healthcheck") == 0) {
		r = ops_probe(cfg.ops_bind, cfg.ops_port, "/livez", 3000) == 0
			    ? 0
			    : 1;
	} else if (log_level_parse(cfg.log_level, &level) < 0 ||
		   log_format_parse(cfg.log_format, &format) < 0) {
		fprintf(stderr, "api: bad LOG_LEVEL or LOG_FORMAT\n");
		r = 2;
	} else {
		log_setup("api", level, format);
		sock_raise_nofile();
		r = server_run(&cfg);
	}
	config_free(&api_config_spec, &cfg);
	return r;
}
