#include "common/config/config_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *suffix;
	int64_t factor;
};

static const struct unit durations[] = {
	{ "", 1000 },     { "ms", 1 },      { "s", 1000 },     { "m", 60000 },
	{ "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};
static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", 1 << 10 },
	{ "m", 1 << 20 },
	{ "g", 1 << 30 },
};

bool config_value_bool(const char *text, bool *out)
{
	static const char *const words[][2] = {
		{ "n", "y" },    { "no", "yes" }, { "false", "true" },
		{ "off", "on" }, { "0", "1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		for (size_t value = 0; value < 2; value++) {
			if (strcasecmp(text, words[i][value]) == 0) {
				*out = value == 1;
				return true;
			}
		}
	}
	return false;
}

/* A whole number and what follows it. White space and '+' do not pass. */
static bool split_number(const char *text, int64_t *number, const char **rest)
{
	char *end;

	if (!isdigit((unsigned char)text[text[0] == '-']))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	*rest = end;
	return errno == 0;
}

static bool in_bounds(const struct opt *o, int64_t value)
{
	return (o->min == 0 && o->max == 0) ||
	       (value >= o->min && value <= o->max);
}

static bool parse_units(const char *text, const struct unit *units, size_t n,
			int64_t *out)
{
	int64_t number;
	const char *rest;

	if (!split_number(text, &number, &rest) || number < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(rest, units[i].suffix) == 0)
			return !__builtin_mul_overflow(number, units[i].factor,
						       out);
	}
	return false;
}

static bool parse_ratio(const char *text, double *out)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return false;
	double value = strtod(text, &end);
	if (end == text || *end || !(value >= 0 && value <= 1))
		return false;
	*out = value;
	return true;
}

static bool parse_port(const struct opt *o, const char *text, uint16_t *out)
{
	int64_t number;
	const char *rest;

	if (!split_number(text, &number, &rest) || *rest)
		return false;
	if (number < 0 || number > UINT16_MAX || (number == 0 && o->min > 0))
		return false;
	*out = (uint16_t)number;
	return true;
}

static int set_string(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

static bool set_number(const struct opt *o, const char *text, void *field)
{
	const char *rest = "";
	int64_t value = 0;
	bool ok = false;

	if (o->kind == OPT_INT)
		ok = split_number(text, &value, &rest) && !*rest;
	else if (o->kind == OPT_DURATION)
		ok = parse_units(text, durations, ARRAY_LEN(durations), &value);
	else
		ok = parse_units(text, sizes, ARRAY_LEN(sizes), &value);
	if (ok && in_bounds(o, value))
		*(int64_t *)field = value;
	return ok && in_bounds(o, value);
}

int config_value_set(const struct opt *o, const char *text, void *cfg,
		     const char **why)
{
	static const char *const reasons[] = {
		[OPT_BOOL] = "must be y or n (yes/no, true/false, on/off, 1/0)",
		[OPT_INT] = "must be a whole number",
		[OPT_PORT] = "must be a port number, 1 to 65535",
		[OPT_DURATION] = "must be a time such as 250ms, 30s, 5m or 1h",
		[OPT_SIZE] = "must be a size in bytes such as 65536, 64k or 1m",
		[OPT_RATIO] = "must be a number from 0 to 1",
	};
	void *field = (char *)cfg + o->offset;
	bool ok;

	if (o->kind < OPT_TEXTS)
		return set_string(field, text);
	*why = reasons[o->kind];
	if (o->kind == OPT_BOOL)
		ok = config_value_bool(text, field);
	else if (o->kind == OPT_PORT)
		ok = parse_port(o, text, field);
	else if (o->kind == OPT_RATIO)
		ok = parse_ratio(text, field);
	else
		ok = set_number(o, text, field);
	return ok ? 0 : -EINVAL;
}

void config_value_explain(const struct opt *o, const char *text,
			  const char *why, char *out, size_t size)
{
	const char *unit = o->kind == OPT_DURATION ? " milliseconds" : "";
	bool bounded = o->kind == OPT_INT || o->kind == OPT_DURATION ||
		       o->kind == OPT_SIZE;

	if (bounded && (o->min || o->max))
		snprintf(out, size,
			 "'%s': %s, from %" PRId64 " to %" PRId64 "%s", text,
			 why, o->min, o->max, unit);
	else
		snprintf(out, size, "'%s': %s", text, why);
}

bool config_value_empty_ok(enum opt_kind kind)
{
	return kind < OPT_TEXTS && kind != OPT_LOG_LEVEL &&
	       kind != OPT_LOG_FORMAT;
}

const char *config_value_placeholder(const struct opt *o)
{
	static const char *const names[] = {
		[OPT_STRING] = "TEXT",     [OPT_SECRET] = "SECRET",
		[OPT_LOG_LEVEL] = "LEVEL", [OPT_LOG_FORMAT] = "FORMAT",
		[OPT_REDIS_URL] = "URL",   [OPT_NETWORK] = "NETWORK",
		[OPT_NETWORKS] = "LIST",   [OPT_BIND] = "ADDRESS",
		[OPT_ADDRESS] = "ADDRESS", [OPT_HOST] = "HOST",
		[OPT_HOSTS] = "LIST",      [OPT_BOOL] = "",
		[OPT_INT] = "N",           [OPT_PORT] = "PORT",
		[OPT_DURATION] = "TIME",   [OPT_SIZE] = "BYTES",
		[OPT_RATIO] = "RATIO",
	};

	return names[o->kind];
}
