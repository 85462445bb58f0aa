#include "common/base/hostport.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

enum { HOST_MAX = 253, LABEL_MAX = 63 }; /* RFC 1035 */

struct part {
	const char *at;
	size_t len;
};

static bool has(struct part p, char c)
{
	return memchr(p.at, c, p.len);
}

/* Mistakes that a single character shows. */
static const char *wrong_character(struct part p)
{
	static const struct {
		char c;
		const char *why;
	} rows[] = {
		{ '"', "has quotes; write host or host:port without them" },
		{ '\'', "has quotes; write host or host:port without them" },
		{ ';', "has a semicolon; entries are separated by commas" },
		{ '@', "has an @; write host or host:port" },
		{ '/', "has a path; write host or host:port" },
		{ ' ', "has a blank inside; entries are separated by commas" },
		{ '\t', "has a blank inside; entries are separated by commas" },
	};

	if (memmem(p.at, p.len, "://", 3))
		return "has a scheme; write host or host:port";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (has(p, rows[i].c))
			return rows[i].why;
	for (size_t i = 0; i < p.len; i++)
		if (iscntrl((unsigned char)p.at[i]))
			return "has a control character";
	return NULL;
}

/* Takes ":port" off P; false if what follows the colon is no port. */
static bool cut_port(struct part *p)
{
	const char *bracket = memrchr(p->at, ']', p->len);
	const char *colon = memrchr(p->at, ':', p->len);
	unsigned value = 0;

	/* Without brackets several colons are an IPv6 address alone. */
	if (!colon || (bracket && colon < bracket) ||
	    (!bracket && memchr(p->at, ':', p->len) != colon))
		return true;
	size_t digits = (size_t)(p->at + p->len - colon) - 1;
	for (size_t i = 0; i < digits && value <= UINT16_MAX; i++) {
		if (!isdigit((unsigned char)colon[1 + i]))
			return false;
		value = value * 10 + (unsigned)(colon[1 + i] - '0');
	}
	p->len = (size_t)(colon - p->at);
	return digits > 0 && value > 0 && value <= UINT16_MAX;
}

static const char *doubt_address(const struct addr *a)
{
	if (addr_is_unspecified(a))
		return "is no address that anybody can reach";
	if (addr_is_loopback(a))
		return "is this machine itself: clients elsewhere reach "
		       "their own";
	return NULL;
}

static bool is_name(struct part p)
{
	size_t label = 0;

	if (p.len == 0 || p.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < p.len; i++) {
		unsigned char c = (unsigned char)p.at[i];
		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if ((c < 0x80 && !isalnum(c) && c != '-' && c != '_') ||
			   ++label > LABEL_MAX) {
			return false;
		}
	}
	return true;
}

static bool all_digits_and_dots(struct part p)
{
	for (size_t i = 0; i < p.len; i++)
		if (!isdigit((unsigned char)p.at[i]) && p.at[i] != '.')
			return false;
	return true;
}

static enum hostport_verdict judge_host(struct part p, const char **why)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	*why = "is neither a name nor an address";
	if (p.len < sizeof text) {
		memcpy(text, p.at, p.len);
		text[p.len] = '\0';
		if (addr_parse(text, 0, &a) == 0) {
			*why = doubt_address(&a);
			return *why ? HOSTPORT_DOUBT : HOSTPORT_OK;
		}
	}
	if (has(p, ':') || has(p, '[') || !is_name(p) || all_digits_and_dots(p))
		return HOSTPORT_BAD;
	if (p.len == 9 && strncasecmp(p.at, "localhost", 9) == 0)
		*why = "is this machine itself: clients elsewhere reach "
		       "their own";
	else if (!has(p, '.'))
		*why = "is a name without a dot, as containers have: clients "
		       "elsewhere cannot resolve it";
	else
		return HOSTPORT_OK;
	return HOSTPORT_DOUBT;
}

static void judge(struct part p, struct hostport *out)
{
	size_t shown = p.len < HOSTPORT_TEXT ? p.len : HOSTPORT_TEXT - 1;
	const char *why = p.len > 0 ? wrong_character(p) : "is empty";

	memcpy(out->text, p.at, shown);
	out->text[shown] = '\0';
	out->verdict = HOSTPORT_BAD;
	if (!why && !cut_port(&p))
		why = "has a port that is not 1 to 65535";
	if (!why)
		out->verdict = judge_host(p, &why);
	out->why = out->verdict == HOSTPORT_OK ? "" : why;
}

bool hostport_next(const char **list, struct hostport *out)
{
	const char *at = *list;

	if (*at == '\0')
		return false;
	struct part p = { at, strcspn(at, ",") };
	*list = at + p.len + (at[p.len] == ',');
	while (p.len > 0 && isspace((unsigned char)p.at[p.len - 1]))
		p.len--;
	while (p.len > 0 && isspace((unsigned char)*p.at)) {
		p.at++;
		p.len--;
	}
	judge(p, out);
	return true;
}

bool hostport_bad(const char *list, struct hostport *out)
{
	while (hostport_next(&list, out))
		if (out->verdict == HOSTPORT_BAD)
			return true;
	return false;
}

void hostport_address(const char *text, bool with_port, struct hostport *out)
{
	struct part p = { text, strlen(text) };
	struct addr a;

	judge(p, out);
	if (addr_parse(text, 0, &a) == 0) {
		bool bad = a.port != 0 && !with_port;
		out->verdict = bad ? HOSTPORT_BAD : HOSTPORT_OK;
		out->why = bad ? "has a port; write the address alone" : "";
	} else if (out->verdict != HOSTPORT_BAD) {
		out->verdict = HOSTPORT_BAD;
		out->why = "is not an IP address";
	}
}
