#include "services/hbbs/edge/command.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hostport.h"
#include "services/hbbs/state/ipchange.h"
#include "services/hbbs/state/ipcount.h"
#include "services/hbbs/state/punchlog.h"

enum {
	WORDS_MAX = 4,
	LINES = 10,
	ID_FROM = 10000000, /* larger numbers are ids, not offsets */
};

static const char help[] = "relay-servers(rs) <separated by ,>\n"
			   "ip-blocker(ib) [<ip>|<number>] [-]\n"
			   "ip-changes(ic) [<id>|<number>] [-]\n"
			   "punch-requests(pr) [<number>] [<page size>] | [-]\n"
			   "always-use-relay(aur) [Y|N]\n"
			   "test-geo(tg) <ip1> <ip2>\n"
			   "help(h)\n";

static int say(struct buf *out, const char *fmt, ...) PRINTF(2, 3);
static int say(struct buf *out, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return 0;
	size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	return buf_append(out, text, len);
}

/* --- the commands --------------------------------------------------------- */

struct call {
	struct core *c;
	char *word[WORDS_MAX]; /* arguments; NULL where there is none */
	uint64_t now_ms;
	struct buf *out;
};

static int cmd_help(struct call *call)
{
	return buf_append(call->out, help, sizeof help - 1);
}

/* As at the start: a bad entry changes nothing, of a doubtful one is told. */
static int replace_relays(struct call *call, const char *list)
{
	struct hostport e;
	int err = 0;

	if (hostport_bad(list, &e))
		return say(call->out, "'%s' %s\n", e.text, e.why);
	if (relays_parse(&call->c->relays, list) != 0)
		return say(call->out, "more than %d relays\n", RELAYS_MAX);
	while (err == 0 && hostport_next(&list, &e))
		if (e.verdict == HOSTPORT_DOUBT)
			err = say(call->out, "warning: '%s' %s\n", e.text,
				  e.why);
	return err;
}

static int cmd_relays(struct call *call)
{
	struct relay_list *l = &call->c->relays;

	if (call->word[0])
		return replace_relays(call, call->word[0]);
	for (size_t i = 0; i < l->n; i++) {
		int err = l->list[i].live
				  ? say(call->out, "%s\n", l->list[i].name)
				  : 0;
		if (err != 0)
			return err;
	}
	return 0;
}

static bool is_number(const char *text, size_t *out)
{
	char *end;

	if (!text || !isdigit((unsigned char)text[0]))
		return false;
	*out = strtoull(text, &end, 10);
	return *end == '\0';
}

static int print_ip(const struct call *call, const struct ipcount *i,
		    bool with_name)
{
	char name[ADDR_TEXT_MAX];
	uint64_t now = call->now_ms;

	return say(call->out, "%s%s%u/%llus %u/%llus\n",
		   with_name ? addr_format_ip(&i->ip, name) : "",
		   with_name ? ": " : "", i->count,
		   (unsigned long long)((now - i->last_ms) / 1000), i->nids,
		   (unsigned long long)((now - i->ids_ms) / 1000));
}

struct ip_walk {
	struct call *call;
	size_t skip;
	size_t left;
	int err;
};

static bool visit_ip(void *item, void *ctx)
{
	struct ip_walk *w = ctx;

	if (w->skip > 0) {
		w->skip--;
	} else if (w->left > 0 && w->err == 0) {
		w->left--;
		w->err = print_ip(w->call, item, true);
	}
	return false;
}

static int cmd_ips(struct call *call)
{
	struct map *t = &call->c->limits.registrations;
	size_t offset = 0;
	struct addr ip;

	if (call->word[0] && !is_number(call->word[0], &offset)) {
		if (addr_parse(call->word[0], 0, &ip) != 0)
			return say(call->out, "not an address\n");
		struct ipcount *i = ipcount_find(t, &ip);
		if (!i)
			return 0;
		if (call->word[1] && strcmp(call->word[1], "-") == 0) {
			ipcount_drop(t, i);
			return 0;
		}
		return print_ip(call, i, false);
	}
	struct ip_walk w = { call, offset, LINES, 0 };
	int err = say(call->out, "%zu\n", t->len);
	if (err != 0)
		return err;
	t->hand = 0;
	map_sweep(t, t->slots, visit_ip, &w);
	return w.err;
}

static int cmd_changes(struct call *call)
{
	struct map *t = &call->c->changes;
	const char *id = call->word[0];
	size_t offset = 0;

	ipchange_prune(t, call->now_ms);
	if (is_number(id, &offset) && offset <= ID_FROM)
		id = NULL;
	if (id && call->word[1] && strcmp(call->word[1], "-") == 0) {
		ipchange_drop(t, id);
		return 0;
	}
	if (!id) {
		int err = say(call->out, "%zu\n", ipchange_count(t));
		if (err != 0)
			return err;
	}
	return ipchange_print(t, id, offset, call->now_ms, call->out);
}

static int cmd_punches(struct call *call)
{
	size_t start = 0;
	size_t count = LINES;

	if (call->word[0] && strcmp(call->word[0], "-") == 0) {
		punchlog_clear(&call->c->punches);
		return 0;
	}
	if ((call->word[0] && !is_number(call->word[0], &start)) ||
	    (call->word[1] && !is_number(call->word[1], &count)))
		return say(call->out, "not a number\n");
	return punchlog_print(&call->c->punches, start, count, call->out);
}

static int cmd_always(struct call *call)
{
	bool *always = &call->c->rules->always_relay;

	if (!call->word[0])
		return say(call->out, "ALWAYS_USE_RELAY: %s\n",
			   *always ? "true" : "false");
	/* The list of relays stays as it is (spec 6.9 W13). */
	*always = toupper((unsigned char)call->word[0][0]) == 'Y';
	return 0;
}

static int cmd_geo(struct call *call)
{
	struct addr ip[2];
	struct relay_wish w = { .now_ms = call->now_ms };

	for (unsigned i = 0; i < 2; i++)
		if (call->word[i] && addr_parse(call->word[i], 0, &ip[i]) != 0)
			return say(call->out, "not an address\n");
	w.a = call->word[0] ? &ip[0] : NULL;
	w.b = call->word[1] ? &ip[1] : NULL;
	return say(call->out, "\"%s\"", relays_choose(&call->c->relays, &w));
}

static const struct {
	const char *name;
	const char *alias;
	int (*run)(struct call *call);
} commands[] = {
	{ "help", "h", cmd_help },
	{ "relay-servers", "rs", cmd_relays },
	{ "ip-blocker", "ib", cmd_ips },
	{ "ip-changes", "ic", cmd_changes },
	{ "punch-requests", "pr", cmd_punches },
	{ "always-use-relay", "aur", cmd_always },
	{ "test-geo", "tg", cmd_geo },
};

int command_run(struct core *c, char *line, uint64_t now_ms, struct buf *out)
{
	struct call call = { .c = c, .now_ms = now_ms, .out = out };
	char *rest;
	char *name = strtok_r(line, " \t\r\n", &rest);

	for (unsigned i = 0; i < WORDS_MAX; i++)
		call.word[i] = strtok_r(NULL, " \t\r\n", &rest);
	for (size_t i = 0; name && i < ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0 ||
		    strcmp(name, commands[i].alias) == 0)
			return commands[i].run(&call);
	return cmd_help(&call);
}
