#include "common/process/app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hostport.h"
#include "common/base/log.h"
#include "common/net/sock.h"
#include "common/process/ops.h"
#include "common/proto/keys.h"

enum { EXIT_USAGE = 2, PROBE_MS = 3000 };

/* --- settings, by name ---------------------------------------------------- */

static const char *text_of(const struct config_spec *spec, const void *settings,
			   const char *name)
{
	const void *field = config_get(spec, settings, name);

	return field ? *(char *const *)field : "";
}

static uint16_t port_of(const struct config_spec *spec, const void *settings,
			const char *name)
{
	return *(const uint16_t *)config_get(spec, settings, name);
}

/* What one option alone cannot tell. */
static bool settings_fit(const struct config_spec *spec, const void *settings)
{
	bool cert = text_of(spec, settings, "TLS_CERT")[0] != '\0';
	bool key = text_of(spec, settings, "TLS_KEY")[0] != '\0';

	if (cert == key)
		return true;
	fprintf(stderr,
		"%s: TLS_CERT and TLS_KEY belong together: %s is not set\n",
		spec->program, cert ? "TLS_KEY" : "TLS_CERT");
	return false;
}

/* Well formed, but hardly what was meant. */
static void tell_doubts(const struct config_spec *spec, const void *settings)
{
	for (size_t i = 0; i < spec->nopts; i++) {
		const struct opt *o = &spec->opts[i];
		struct hostport e;

		if (o->kind != OPT_HOST && o->kind != OPT_HOSTS)
			continue;
		const char *list = text_of(spec, settings, o->name);
		while (hostport_next(&list, &e))
			if (e.verdict == HOSTPORT_DOUBT)
				log_warn("doubtful_option", "%s: '%s' %s",
					 o->name, e.text, e.why);
	}
}

/* --- main ----------------------------------------------------------------- */

static int healthcheck(const struct app_def *d, const void *settings)
{
	int err = ops_probe(text_of(d->spec, settings, "OPS_BIND"),
			    port_of(d->spec, settings, "OPS_PORT"), d->probe,
			    PROBE_MS);

	if (err != 0)
		fprintf(stderr, "%s: not ready: %s\n", d->spec->program,
			strerror(-err));
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(const struct app_def *d, const void *settings)
{
	enum log_format format = LOG_TEXT;
	enum log_level level = LOG_INFO;

	/* config_load() has checked them. */
	(void)!log_level_parse(text_of(d->spec, settings, "LOG_LEVEL"), &level);
	(void)!log_format_parse(text_of(d->spec, settings, "LOG_FORMAT"),
				&format);
	log_setup(d->spec->program, level, format);
	signal(SIGPIPE, SIG_IGN); /* splice() has no MSG_NOSIGNAL */
	if (keys_setup() < 0) {
		log_error("start_failed", "libsodium does not start");
		return EXIT_FAILURE;
	}
	log_info("starting", "version %s", VERSION);
	tell_doubts(d->spec, settings);
	sock_raise_nofile();
	return d->serve(settings);
}

static int run(const struct app_def *d, const void *settings, int argc,
	       char **argv)
{
	if (!settings_fit(d->spec, settings))
		return EXIT_USAGE;
	if (argc == 0)
		return serve(d, settings);
	if (strcmp(argv[0], "healthcheck") == 0)
		return healthcheck(d, settings);
	if (d->command && strcmp(argv[0], d->command) == 0)
		return d->run(settings, argc, argv);
	fprintf(stderr, "%s: unknown command '%s'\nTry '%s --help'.\n",
		d->spec->program, argv[0], d->spec->program);
	return EXIT_USAGE;
}

int app_main(const struct app_def *def, void *settings, int argc, char **argv)
{
	int rest = argc;
	int status = EXIT_USAGE;
	enum config_result r =
		def->load ? def->load(settings, argc, argv, &rest)
			  : config_load(def->spec, argc, argv, settings, &rest);

	if (r == CONFIG_OK)
		status = run(def, settings, argc - rest, argv + rest);
	else if (r == CONFIG_EXIT)
		status = EXIT_SUCCESS;
	config_free(def->spec, settings);
	return status;
}

/* --- on the loop ---------------------------------------------------------- */

static void on_signal(int signum, void *ctx)
{
	struct app_process *a = ctx;

	if (signum == SIGHUP) {
		if (a->hooks.reload)
			a->hooks.reload(a->hooks.ctx);
		return;
	}
	log_info("stopping", "signal %d", signum);
	a->stopping = true;
	a->hooks.stop(a->hooks.ctx);
}

static void on_metrics(void *ctx, struct buf *out)
{
	struct app_process *a = ctx;

	a->hooks.metrics(a->hooks.ctx, out);
}

static bool is_ready(void *ctx, const char **why)
{
	struct app_process *a = ctx;

	*why = "stopping";
	return !a->stopping && a->hooks.ready(a->hooks.ctx, why);
}

int app_open(struct app_process *a, struct loop *l,
	     const struct config_spec *spec, const void *settings,
	     const struct app_hooks *hooks)
{
	struct ops_hooks h = { on_metrics, is_ready, a };
	const char *bind = text_of(spec, settings, "OPS_BIND");
	uint16_t port = port_of(spec, settings, "OPS_PORT");

	*a = (struct app_process){ .hooks = *hooks };
	int err = loop_on_signal(l, on_signal, a);
	if (err < 0) {
		log_error("start_failed", "signals: %s", strerror(-err));
		return err;
	}
	err = ops_open(l, bind, port, &h, &a->ops);
	if (err < 0)
		log_error("listen_failed", "OPS_BIND '%s', OPS_PORT %u: %s",
			  bind, (unsigned)port, strerror(-err));
	return err;
}

void app_close(struct app_process *a)
{
	ops_close(a->ops);
	a->ops = NULL;
}
