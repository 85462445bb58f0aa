#include "common/process/app.h"
#include "services/api/operator/operator.h"
#include "services/api/server.h"

static int serve(const void *settings)
{
	return server_run(settings);
}

static int admin(const void *settings, int argc, char **argv)
{
	return operator_run(settings, argc, argv);
}

int main(int argc, char **argv)
{
	static const struct app_def def = {
		.spec = &api_config_spec,
		.probe = "/livez",
		.serve = serve,
		.command = "admin",
		.run = admin,
	};
	static struct api_config cfg;

	return app_main(&def, &cfg, argc, argv);
}
