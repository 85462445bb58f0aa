#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/utils/command.h"

/* Where the Debian package says which Redis and folder the api has. */
static char packaged[] = "/etc/rustdesk-server/api.conf";
static char config_flag[] = "--config";

/* The api is installed beside this program; else it is in PATH. */
static void run_beside(char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 5);
	char *slash;

	if (n < 0)
		return;
	path[n] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return;
	strcpy(slash + 1, "api");
	execv(path, argv);
}

/* Accounts are the api's: its program does it, the same way as over HTTP. */
int cmd_admin(int argc, char **argv)
{
	char **args = calloc((size_t)argc + 4, sizeof(*args));
	int n = 0;

	if (!args)
		return EXIT_FAILURE;
	args[n++] = (char[]){ "api" };
	if (!getenv("REDIS_URL") && access(packaged, F_OK) == 0) {
		args[n++] = config_flag;
		args[n++] = packaged;
	}
	args[n++] = (char[]){ "admin" };
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	run_beside(args);
	if (errno == ENOENT)
		execvp("api", args);
	if (errno == ENOENT)
		fputs("rustdesk-utils admin: the program 'api' is not here. "
		      "Run this where it is:\n"
		      "docker compose exec api rustdesk-utils admin ...\n",
		      stderr);
	else
		fprintf(stderr, "rustdesk-utils admin: api: %s\n",
			strerror(errno));
	free(args);
	return EXIT_FAILURE;
}
