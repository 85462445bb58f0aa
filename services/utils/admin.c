#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/attr.h"
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

/* Is ARG the option NAME, alone or with "=VALUE"? */
static bool is_option(const char *arg, const char *name)
{
	size_t len = strlen(name);

	return strncmp(arg, name, len) == 0 &&
	       (arg[len] == '=' || arg[len] == '\0');
}

/* How many of ARGV's words, from the second on, say which Redis it is: these
 * options are the api's own and go before its command. */
static int words_of_redis(int argc, char **argv)
{
	static const char *const options[] = { config_flag, "-c", "--redis-url",
					       "--redis-url-file" };
	int i = 1;

	for (size_t o = 0; i < argc && o < ARRAY_LEN(options);) {
		if (!is_option(argv[i], options[o])) {
			o++;
			continue;
		}
		i += strchr(argv[i], '=') || i + 1 == argc ? 1 : 2;
		o = 0;
	}
	return i - 1;
}

/* Accounts are the api's: its program does it, the same way as over HTTP. */
int command_admin(int argc, char **argv)
{
	char **args = calloc((size_t)argc + 4, sizeof(*args));
	int redis = words_of_redis(argc, argv);
	int n = 0;

	if (!args)
		return EXIT_FAILURE;
	args[n++] = (char[]){ "api" };
	if (redis == 0 && !getenv("REDIS_URL") && access(packaged, R_OK) == 0) {
		args[n++] = config_flag;
		args[n++] = packaged;
	}
	for (int i = 1; i <= redis; i++)
		args[n++] = argv[i];
	args[n++] = (char[]){ "admin" };
	for (int i = redis + 1; i < argc; i++)
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
