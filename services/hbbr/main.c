/* hbbr: the relay server. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/process/ops.h"
#include "common/proto/keys.h"
#include "services/hbbr/hbbr.h"
#include "services/hbbr/state/settings.h"

enum {
	EXIT_USAGE = 2,
	PROBE_MS = 3000,
	/* Message buffers come and go with every turn: giving their pages back
	 * each time cost a third of the CPU of a WebSocket session. */
	KEEP_FREE = 8 << 20,
	MMAP_MIN = 1 << 20,
};

static int healthcheck(const struct settings *s)
{
	int r = ops_probe(s->ops_bind, s->ops_port, "/readyz", PROBE_MS);

	if (r < 0)
		fprintf(stderr, "hbbr: not ready: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int serve(const struct settings *s)
{
	log_setup("hbbr", s->level, s->format);
	signal(SIGPIPE, SIG_IGN); /* splice() has no MSG_NOSIGNAL */
	if (keys_setup() < 0) {
		log_error("start_failed", "libsodium does not start");
		return EXIT_FAILURE;
	}
	(void)mallopt(M_TRIM_THRESHOLD, KEEP_FREE);
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_MIN);
	log_info("starting", "version %s", VERSION);
	sock_raise_nofile();
	return hbbr_run(s);
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	int rest = argc;
	int status = EXIT_USAGE;

	switch (settings_load(&s, argc, argv, &rest)) {
	case CONFIG_EXIT:
		status = EXIT_SUCCESS;
		break;
	case CONFIG_BAD:
		break;
	case CONFIG_OK:
		if (rest == argc)
			status = serve(&s);
		else if (strcmp(argv[rest], "healthcheck") == 0)
			status = healthcheck(&s);
		else
			fprintf(stderr, "hbbr: unknown command '%s'\n",
				argv[rest]);
		break;
	}
	settings_free(&s);
	return status;
}
