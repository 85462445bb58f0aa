#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config/shared.h"
#include "services/utils/client/clientconf.h"
#include "services/utils/client/pubkey.h"
#include "services/utils/client/qr.h"
#include "services/utils/command.h"

struct settings {
	char *host;
	char *key;
	char *data_dir;
	char *api;
	char *relay;
	bool file_name;
	bool qr;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	{ "HOST", 0, NULL, OPT_STRING, AT(host), "", 0, 0,
	  "ID server as clients reach it; may also stand alone at the end." },
	{ "KEY", 'k', NULL, OPT_STRING, AT(key), "-", 0, 0,
	  "Public key of the server; - takes id_ed25519.pub in DATA_DIR, an "
	  "empty value leaves it out." },
	SHARED_DATA_DIR(AT(data_dir), ".", "Folder of the key pair."),
	{ "API", 0, NULL, OPT_STRING, AT(api), "", 0, 0,
	  "API server, https://... where clients use WebSocket." },
	{ "RELAY", 0, NULL, OPT_STRING, AT(relay), "", 0, 0,
	  "Relay server, if it is not the ID server's host." },
	{ "FILE_NAME", 0, NULL, OPT_BOOL, AT(file_name), "n", 0, 0,
	  "Print a file name for the portable Windows client instead." },
	{ "QR", 0, NULL, OPT_BOOL, AT(qr), "n", 0, 0,
	  "Draw the QR code that the mobile clients scan instead." },
};
static const struct config_spec spec = {
	.program = "rustdesk-utils config",
	.about = "a client's configuration as one string, to paste into it",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "HOST",
	.size = sizeof(struct settings),
};

static int fail(const char *what)
{
	fprintf(stderr, "rustdesk-utils config: %s\n", what);
	return EXIT_USAGE;
}

static int draw(const char *encoded)
{
	char text[CLIENTCONF_TEXT_MAX + 16];

	snprintf(text, sizeof(text), "config=%s", encoded);
	if (qr_draw(text, isatty(STDOUT_FILENO), stdout) < 0)
		return fail("this is too long for a QR code");
	return EXIT_SUCCESS;
}

static int print(const struct settings *s, const struct clientconf *c)
{
	char text[CLIENTCONF_TEXT_MAX];

	if (clientconf_encode(c, text) < 0)
		return fail("these values are too long");
	if (s->qr)
		return draw(text);
	if (s->file_name && clientconf_file_name(c, text) < 0)
		return fail("these values do not fit into a file name; use the "
			    "string");
	puts(text);
	return EXIT_SUCCESS;
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	const char *host = argc > 0 ? argv[0] : s->host;
	char key[PUBKEY_MAX];
	int r = pubkey_of_option(s->key, s->data_dir, key);

	if (r < 0) {
		fprintf(stderr,
			"rustdesk-utils config: no key: %s/id_ed25519.pub: "
			"%s; run this in the server's data folder, or use "
			"--data-dir or --key\n",
			s->data_dir, strerror(-r));
		return EXIT_USAGE;
	}
	struct clientconf c = {
		.host = host,
		.relay = or_null(s->relay),
		.api = or_null(s->api),
		.key = or_null(key),
	};
	const char *problem = clientconf_problem(&c);
	return problem ? fail(problem) : print(s, &c);
}

int command_config(int argc, char **argv)
{
	struct settings s = { .host = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 0, 1 }, run);
}
