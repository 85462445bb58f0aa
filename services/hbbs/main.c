#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/config/config.h"
#include "common/process/ops.h"
#include "common/proto/keys.h"
#include "services/hbbs/hbbs.h"
#include "services/hbbs/state/settings.h"

enum { PROBE_MS = 3000 };

/* `hbbs healthcheck`, for the container. */
static int healthcheck(const struct settings *s)
{
	int err = ops_probe(s->ops_bind, s->ops_port, "/readyz", PROBE_MS);

	if (err != 0)
		fprintf(stderr, "hbbs: not ready: %s\n", strerror(-err));
	return err == 0 ? 0 : 1;
}

static int setup_log(const struct settings *s)
{
	enum log_level level;
	enum log_format format;

	if (log_level_parse(s->log_level, &level) != 0) {
		fprintf(stderr, "hbbs: LOG_LEVEL: '%s' is not a level\n",
			s->log_level);
		return -1;
	}
	if (log_format_parse(s->log_format, &format) != 0) {
		fprintf(stderr, "hbbs: LOG_FORMAT: '%s' is not a format\n",
			s->log_format);
		return -1;
	}
	log_setup("hbbs", level, format);
	return 0;
}

static int serve(const struct settings *s)
{
	static struct hbbs hbbs;

	if (setup_log(s) != 0)
		return 2;
	if (keys_setup() != 0 || hbbs_start(&hbbs, s) != 0)
		return 1;
	hbbs_run(&hbbs);
	hbbs_fini(&hbbs);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	int rest;
	enum config_result r =
		config_load(&settings_spec, argc, argv, &s, &rest);
	int code = r == CONFIG_EXIT ? 0 : 2;

	if (r == CONFIG_OK && rest == argc)
		code = serve(&s);
	else if (r == CONFIG_OK && strcmp(argv[rest], "healthcheck") == 0)
		code = healthcheck(&s);
	else if (r == CONFIG_OK)
		fprintf(stderr, "hbbs: unknown command '%s'\n", argv[rest]);
	config_free(&settings_spec, &s);
	return code;
}
