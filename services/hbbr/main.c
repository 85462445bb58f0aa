/* hbbr: the relay server. */
#include <malloc.h>

#include "common/process/app.h"
#include "services/hbbr/hbbr.h"
#include "services/hbbr/state/settings.h"

enum {
	/* Message buffers come and go with every turn: giving their pages back
	 * each time cost a third of the CPU of a WebSocket session. */
	KEEP_FREE = 8 << 20,
	MMAP_MIN = 1 << 20,
};

static enum config_result load(void *settings, int argc, char **argv, int *rest)
{
	return settings_load(settings, argc, argv, rest);
}

static int serve(const void *settings)
{
	(void)mallopt(M_TRIM_THRESHOLD, KEEP_FREE);
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_MIN);
	return hbbr_run(settings);
}

int main(int argc, char **argv)
{
	static const struct app_def def = {
		.spec = &settings_spec,
		.load = load,
		.probe = "/readyz",
		.serve = serve,
	};
	struct settings s = { 0 };

	return app_main(&def, &s, argc, argv);
}
