/* hbbr: the relay server. */
#include "common/base/heap.h"
#include "common/process/app.h"
#include "services/hbbr/hbbr.h"
#include "services/hbbr/state/settings.h"

static enum config_result load(void *settings, int argc, char **argv, int *rest)
{
	return settings_load(settings, argc, argv, rest);
}

static int serve(const void *settings)
{
	heap_setup(HEAP_KEEP, HEAP_MAP_MIN);
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
