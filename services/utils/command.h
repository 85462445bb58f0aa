/*
 * command: the subcommands of rustdesk-utils.
 *
 * Each is a main() of its own in a file of its own: ARGV[0] is its name, the
 * result is the exit code. main.c has the table that describes them.
 */
#pragma once

int command_genkeypair(int argc, char **argv);
int command_validatekeypair(int argc, char **argv);
int command_config(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_healthcheck(int argc, char **argv);
int command_import(int argc, char **argv);
int command_console(int argc, char **argv);
int command_admin(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_export(int argc, char **argv);

enum {
	EXIT_USAGE = 2, /* the command line or a setting is wrong */
};

struct config_spec;

/* How many words follow the options. */
struct command_words {
	int min, max;
};

/* The command itself, on its settings and those words; returns the exit code.
 */
typedef int (*command_fn)(void *settings, int argc, char **argv);

/* What most commands begin with: reads the options into SETTINGS, counts the
 * words, runs RUN and frees the settings. Returns the exit code. */
int command_run(const struct config_spec *spec, int argc, char **argv,
		void *settings, struct command_words words, command_fn run);
