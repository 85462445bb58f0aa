#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/addr.h"
#include "common/process/ops.h"
#include "services/utils/command.h"

enum { TIMEOUT_MS = 3000 };

static const struct {
	const char *service;
	uint16_t port; /* the default of its OPS_PORT */
} services[] = {
	{ "hbbs", 21120 },
	{ "hbbr", 21121 },
	{ "api", 21124 },
};

static bool find_port(const char *text, uint16_t *out)
{
	char *end;

	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (strcmp(text, services[i].service) == 0) {
			*out = services[i].port;
			return true;
		}
	}
	unsigned long n = strtoul(text, &end, 10);
	*out = (uint16_t)n;
	return *end == '\0' && n > 0 && n <= UINT16_MAX;
}

int command_healthcheck(int argc, char **argv)
{
	uint16_t port;

	if (argc != 2 || !find_port(argv[1], &port)) {
		fprintf(stderr, "usage: rustdesk-utils %s hbbs|hbbr|api|PORT\n",
			argv[0]);
		return EXIT_USAGE;
	}
	int r = ops_probe("", port, "/readyz", TIMEOUT_MS);
	if (r == 0) {
		puts("ready");
		return EXIT_SUCCESS;
	}
	printf("not ready: no good answer from 127.0.0.1:%u/readyz (%s)\n",
	       port, strerror(-r));
	return EXIT_FAILURE;
}
