#include <stdlib.h>

#include "common/base/heap.h"
#include "common/process/app.h"
#include "services/hbbs/hbbs.h"
#include "services/hbbs/state/settings.h"

static int serve(const void *settings)
{
	static struct hbbs hbbs; /* large; one per process */

	if (hbbs_start(&hbbs, settings) != 0)
		return EXIT_FAILURE;
	hbbs_run(&hbbs);
	hbbs_fini(&hbbs);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct app_def def = {
		.spec = &settings_spec,
		.probe = "/readyz",
		.serve = serve,
	};
	struct settings s = { 0 };

	heap_setup(HEAP_SHORT_KEEP, HEAP_SHORT_MAP_MIN);
	return app_main(&def, &s, argc, argv);
}
