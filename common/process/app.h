/*
 * app: how a service starts: settings, sub-commands, the log, and on its loop
 * signals, the internal port and readiness.
 *
 * Options are found by their names (common/config/shared.h), so the same
 * wrong value gets the same words from every service.
 */
#pragma once

#include <stdbool.h>

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/config/config.h"
#include "common/net/loop.h"

struct ops;

/* What a program is; one literal in its main.c. */
struct app_def {
	const struct config_spec *spec;
	/* In place of config_load(), with what follows from its result; NULL:
	 * nothing does. */
	enum config_result (*load)(void *settings, int argc, char **argv,
				   int *rest);
	const char *probe; /* what `healthcheck` asks of the internal port */
	/* Runs until a signal. Returns the exit status. */
	int (*serve)(const void *settings);
	/* One more sub-command, or NULL. Returns the exit status. */
	const char *command;
	int (*run)(const void *settings, int argc, char **argv);
};

/* main(): SETTINGS is the zeroed struct of the spec. Returns the exit status:
 * 2 for a wrong command line or setting, which was told on stderr. */
int app_main(const struct app_def *def, void *settings, int argc, char **argv);

struct app_hooks {
	void (*stop)(void *ctx); /* a signal, the second one included */
	/* SIGHUP, after stop() too: who drains still serves. NULL: nothing to
	 * do. */
	void (*reload)(void *ctx);
	/* Appends Prometheus text. */
	void (*metrics)(void *ctx, struct buf *out);
	/* True if new work is welcome, else *WHY is a literal. Not asked once
	 * a signal has come: "stopping". */
	bool (*ready)(void *ctx, const char **why);
	void *ctx;
};

struct app_process {
	struct app_hooks hooks;
	struct ops *ops;
	bool stopping; /* a signal has come */
};

/* Listens to signals and on the internal port of SETTINGS. 0, or -errno after
 * logging what is wrong. */
MUST_USE int app_open(struct app_process *a, struct loop *l,
		      const struct config_spec *spec, const void *settings,
		      const struct app_hooks *hooks);
/* Closes the port; may be called again. */
void app_close(struct app_process *a);
