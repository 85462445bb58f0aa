#include "services/utils/doctor/doctor.h"
#include "services/utils/doctor/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/config/shared.h"
#include "services/utils/command.h"

#define AT(field) offsetof(struct doctor, field)
static const struct opt opts[] = {
	{ "KEY", 'k', NULL, OPT_STRING, AT(key), "-", 0, 0,
	  "Public key that the clients are given; - takes the key pair in "
	  "DATA_DIR." },
	SHARED_DATA_DIR(AT(data_dir), ".", "Folder of the key pair."),
	{ "TOKEN", 0, NULL, OPT_SECRET, AT(token), "", 0, 0,
	  "Access token of a user, where only users that are signed in may "
	  "connect; an administrator's shows mail and directories." },
	{ "RELAY", 0, NULL, OPT_STRING, AT(relay), "", 0, 0,
	  "Host of the relay, if it is another one." },
	{ "PORT", 'p', NULL, OPT_PORT, AT(port), "21116", 3, 0,
	  "Port of the ID server." },
	{ "RELAY_PORT", 0, NULL, OPT_PORT, AT(relay_port), "21117", 1, 0,
	  "Port of the relay." },
	{ "HTTPS_PORT", 0, NULL, OPT_PORT, AT(https_port), "443", 1, 0,
	  "Port of the web server." },
	{ "INSECURE", 0, NULL, OPT_BOOL, AT(insecure), "n", 0, 0,
	  "Accept any certificate." },
	{ "TIMEOUT", 0, NULL, OPT_DURATION, AT(timeout_ms), "3s", 100, 60000,
	  "How long to wait for each answer." },
	{ "SKIP", 0, NULL, OPT_STRING, AT(skip), "", 0, 0,
	  "Checks to leave out, separated by commas: key, ports, udp, signal, "
	  "offer, relay, wss, certificate, api, acme, mail, directory, "
	  "redis." },
	SHARED_REDIS_URL(AT(redis_url), "",
			 "Redis of the servers, to see whether it answers; "
			 "empty leaves it out."),
};
static const struct config_spec spec = {
	.program = "rustdesk-utils doctor",
	.about = "checks a server: names, keys, ports, relay, WebSocket, API",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "HOST",
	.size = sizeof(struct doctor),
};

static const struct {
	const char *name;
	void (*run)(struct doctor *d);
} checks[] = {
	{ "key", check_key },     { "ports", check_ports },
	{ "udp", check_udp },     { "signal", check_signal },
	{ "offer", check_offer }, { "relay", check_relay },
	{ "wss", check_wss },     { "certificate", check_certificate },
	{ "api", check_api },     { "acme", check_acme },
	{ "mail", check_mail },   { "directory", check_directory },
	{ "redis", check_redis },
};

static void print(const char *verdict, const char *what, const char *fmt,
		  va_list args) __attribute__((format(printf, 3, 0)));

static void print(const char *verdict, const char *what, const char *fmt,
		  va_list args)
{
	printf("%-5s %-11s ", verdict, what);
	vprintf(fmt, args);
	putchar('\n');
	fflush(stdout);
}

void doctor_ok(const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print("ok", what, fmt, args);
	va_end(args);
}

void doctor_fail(struct doctor *d, const char *what, const char *fmt, ...)
{
	va_list args;

	d->failed++;
	va_start(args, fmt);
	print("fail", what, fmt, args);
	va_end(args);
}

/* Is NAME a word of LIST? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (list += strspn(list, ", "); *list; list += strspn(list, ", ")) {
		size_t word = strcspn(list, ", ");
		if (word == len && memcmp(list, name, len) == 0)
			return true;
		list += word;
	}
	return false;
}

static int examine(void *settings, int argc, char **argv)
{
	struct doctor *d = settings;

	(void)argc;
	d->host = argv[0];
	if (!check_names(d))
		return EXIT_FAILURE;
	if (pubkey_of_option(d->key, d->data_dir, d->public_key) < 0)
		d->public_key[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		if (!listed(d->skip, checks[i].name))
			checks[i].run(d);
	}
	if (d->failed == 0)
		puts("Everything that was checked works.");
	else
		printf("%u of the checks failed.\n", d->failed);
	return d->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_doctor(int argc, char **argv)
{
	struct doctor s = { .host = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 1, 1 }, examine);
}
