#include "services/hbbr/edge/command.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024, NUMBER_MAX = 1000000000 };

static void say(struct buf *out, const char *fmt, ...) PRINTF(2, 3);

static void say(struct buf *out, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof(line));
	(void)!buf_append(out, line, (size_t)n);
}

/* --- handlers: ARG is NULL when there is none ----------------------------- */

struct call {
	const struct controls *c;
	char *arg;
	struct buf *out;
};

static enum command_result list_show(struct call *k, const struct ipset *s)
{
	struct addr a;

	if (!k->arg)
		(void)!ipset_list(s, k->out);
	else if (addr_parse(k->arg, 0, &a) < 0)
		say(k->out, "not an address\n");
	else
		say(k->out, ipset_has(s, &a) ? "true\n" : "false\n");
	return COMMAND_DONE;
}

/* Applies VERB to every address of "ip|ip|..."; wrong ones are named. */
static enum command_result list_edit(struct call *k, struct ipset *s,
				     int (*verb)(struct ipset *, const char *))
{
	char *save = NULL;

	if (!k->arg)
		return COMMAND_DONE;
	for (char *ip = strtok_r(k->arg, "|", &save); ip;
	     ip = strtok_r(NULL, "|", &save)) {
		if (verb(s, ip) < 0)
			say(k->out, "%.64s: not changed\n", ip);
	}
	return COMMAND_LISTS;
}

static enum command_result list_remove(struct call *k, struct ipset *s)
{
	if (!k->arg || strcmp(k->arg, "all") != 0)
		return list_edit(k, s, ipset_remove);
	ipset_clear(s);
	return COMMAND_LISTS;
}

static enum command_result slow_add(struct call *k)
{
	return list_edit(k, k->c->slow, ipset_add);
}

static enum command_result slow_remove(struct call *k)
{
	return list_remove(k, k->c->slow);
}

static enum command_result slow_show(struct call *k)
{
	return list_show(k, k->c->slow);
}

static enum command_result blocked_add(struct call *k)
{
	return list_edit(k, k->c->blocked, ipset_add);
}

static enum command_result blocked_remove(struct call *k)
{
	return list_remove(k, k->c->blocked);
}

static enum command_result blocked_show(struct call *k)
{
	return list_show(k, k->c->blocked);
}

/* True and OUT if the argument is a number from 0 on. */
static bool number(struct call *k, double *value)
{
	char *end;

	double v = strtod(k->arg, &end);
	if (end == k->arg || *end != '\0' || !(v >= 0 && v <= NUMBER_MAX)) {
		say(k->out, "not a number\n");
		return false;
	}
	*value = v;
	return true;
}

static enum command_result threshold(struct call *k)
{
	double v;

	if (!k->arg)
		say(k->out, "%g\n", k->c->limits->downgrade_threshold);
	else if (number(k, &v))
		k->c->limits->downgrade_threshold = v;
	return COMMAND_DONE;
}

static enum command_result start_check(struct call *k)
{
	double v;

	if (!k->arg)
		say(k->out, "%" PRIu64 "s\n",
		    k->c->limits->downgrade_start_ms / 1000);
	else if (number(k, &v))
		k->c->limits->downgrade_start_ms = (uint64_t)(v * 1000);
	return COMMAND_DONE;
}

static bool bandwidth(struct call *k, uint64_t *bps)
{
	double v;

	if (!k->arg)
		say(k->out, "%gMb/s\n", (double)*bps / LIMITS_MBIT);
	else if (number(k, &v))
		*bps = (uint64_t)(v * LIMITS_MBIT);
	return k->arg;
}

static enum command_result limit_speed(struct call *k)
{
	bandwidth(k, &k->c->limits->slow_bps);
	return COMMAND_DONE;
}

static enum command_result single_bandwidth(struct call *k)
{
	bandwidth(k, &k->c->limits->single_bps);
	return COMMAND_DONE;
}

static enum command_result total_bandwidth(struct call *k)
{
	if (bandwidth(k, k->c->total_bps))
		shared_limit_set(k->c->total, *k->c->total_bps);
	return COMMAND_DONE;
}

static enum command_result usage(struct call *k)
{
	(void)k;
	return COMMAND_USAGE;
}

/* --- the table ------------------------------------------------------------ */

static enum command_result help(struct call *k);

static const struct {
	const char *name;
	const char *alias;
	const char *args;
	enum command_result (*run)(struct call *k);
} commands[] = {
	{ "help", "h", "", help },
	{ "blacklist-add", "ba", " <ip>[|<ip>...]", slow_add },
	{ "blacklist-remove", "br", " <ip>[|<ip>...]|all", slow_remove },
	{ "blacklist", "b", " [ip]", slow_show },
	{ "blocklist-add", "Ba", " <ip>[|<ip>...]", blocked_add },
	{ "blocklist-remove", "Br", " <ip>[|<ip>...]|all", blocked_remove },
	{ "blocklist", "B", " [ip]", blocked_show },
	{ "downgrade-threshold", "dt", " [ratio]", threshold },
	{ "downgrade-start-check", "t", " [seconds]", start_check },
	{ "limit-speed", "ls", " [Mb/s]", limit_speed },
	{ "total-bandwidth", "tb", " [Mb/s]", total_bandwidth },
	{ "single-bandwidth", "sb", " [Mb/s]", single_bandwidth },
	{ "usage", "u", "", usage },
};

static enum command_result help(struct call *k)
{
	for (size_t i = 1; i < ARRAY_LEN(commands); i++)
		say(k->out, "%s(%s)%s\n", commands[i].name, commands[i].alias,
		    commands[i].args);
	return COMMAND_DONE;
}

enum command_result command_run(const char *text, const struct controls *c,
				struct buf *out)
{
	char copy[TEXT_MAX];
	char *save = NULL;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(text, "\r\n"), text);
	const char *verb = strtok_r(copy, " ", &save);
	struct call k = { .c = c, .arg = strtok_r(NULL, " ", &save), out };

	for (size_t i = 0; verb && i < ARRAY_LEN(commands); i++) {
		if (strcmp(verb, commands[i].alias) == 0 ||
		    strcmp(verb, commands[i].name) == 0)
			return commands[i].run(&k);
	}
	say(out, "unknown command, h for help\n");
	return COMMAND_DONE;
}
