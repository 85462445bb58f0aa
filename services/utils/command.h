/*
 * command: the subcommands of rustdesk-utils.
 *
 * Each is a main() of its own in a file of its own: ARGV[0] is its name, the
 * result is the exit code. main.c has the table that describes them.
 */
#pragma once

int cmd_genkeypair(int argc, char **argv);
int cmd_validatekeypair(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_healthcheck(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_admin(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_export(int argc, char **argv);

enum {
	EXIT_USAGE = 2, /* the command line or a setting is wrong */
};
