#include "services/utils/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/config/config.h"

int command_run(const struct config_spec *spec, int argc, char **argv,
		void *settings, struct command_words words, command_fn run)
{
	int rest, code = EXIT_USAGE;

	switch (config_load(spec, argc, argv, settings, &rest)) {
	case CONFIG_EXIT:
		return EXIT_SUCCESS;
	case CONFIG_BAD:
		return EXIT_USAGE;
	case CONFIG_OK:
		break;
	}
	int n = argc - rest;
	if (n >= words.min && n <= words.max)
		code = run(settings, n, argv + rest);
	else
		fprintf(stderr, "usage: %s [options] %s\n", spec->program,
			spec->arguments);
	config_free(spec, settings);
	return code;
}
