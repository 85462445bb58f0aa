#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/attr.h"
#include "common/proto/keys.h"
#include "services/utils/command.h"

static const struct {
	const char *name;
	const char *arguments;
	const char *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "genkeypair", "", "makes a key pair for the servers",
	  command_genkeypair },
	{ "validatekeypair", "PUBLIC SECRET",
	  "do these two keys belong together?", command_validatekeypair },
	{ "config", "[options] HOST",
	  "configuration string, file name or QR code "
	  "for clients",
	  command_config },
	{ "doctor", "[options] HOST", "checks a server from where you are",
	  command_doctor },
	{ "import", "[options] PATH",
	  "takes over the reference server's peers and keys", command_import },
	{ "console", "[hbbs|hbbr] [COMMAND]", "gives a server a command",
	  command_console },
	{ "admin", "COMMAND ...",
	  "when nobody can sign in: passwords, administrators", command_admin },
	{ "backup", "[options] FILE", "saves everything durable in Redis",
	  command_backup },
	{ "restore", "[options] FILE", "puts a backup into Redis",
	  command_restore },
	{ "export", "[options] FILE", "writes it as lines of JSON",
	  command_export },
	{ "healthcheck", "hbbs|hbbr|api|PORT",
	  "is a service on this machine ready?", command_healthcheck },
};

static void usage(FILE *out)
{
	fputs("usage: rustdesk-utils COMMAND ...\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-15s %-22s  %s\n", commands[i].name,
			commands[i].arguments, commands[i].help);
	fputs("\n'rustdesk-utils COMMAND --help' tells the options.\n", out);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (keys_setup() < 0) {
		fputs("rustdesk-utils: libsodium does not start\n", stderr);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts("rustdesk-utils " VERSION);
		return EXIT_SUCCESS;
	}
	if (*name)
		fprintf(stderr, "rustdesk-utils: no command '%s'\n", name);
	usage(stderr);
	return EXIT_USAGE;
}
