#include "services/api/rules/client_options.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/attr.h"

#define SWITCH OPTION_SWITCH
#define CHOICE OPTION_CHOICE
#define NUMBER OPTION_NUMBER
#define TEXT   OPTION_TEXT

static const struct client_option options[] = {
#define OPTION(group, name, kind, fallback, values, text)                      \
	{ group, name, kind, fallback, values, text },
#include "services/api/rules/option_rows.def"
#undef OPTION
};

const struct client_option *client_option_at(size_t i)
{
	return i < ARRAY_LEN(options) ? &options[i] : NULL;
}

const struct client_option *client_option_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

const char *client_option_kind(const struct client_option *o)
{
	static const char *const kinds[] = {
		[OPTION_SWITCH] = "switch",
		[OPTION_CHOICE] = "choice",
		[OPTION_NUMBER] = "number",
		[OPTION_TEXT] = "text",
	};

	return kinds[o->kind];
}

/* Is VALUE one of the words of LIST? */
static bool listed(const char *list, const char *value)
{
	size_t len = strlen(value);

	if (strchr(value, ' '))
		return false;
	for (const char *p = list; (p = strstr(p, value)); p += len)
		if ((p == list || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

const char *client_option_refuses(const char *name, const char *value)
{
	const struct client_option *o = client_option_find(name);

	if (!o || !*value)
		return NULL;
	switch (o->kind) {
	case OPTION_SWITCH:
		return listed("Y N", value) ? NULL : "Y or N";
	case OPTION_CHOICE:
		return listed(o->values, value) ? NULL : o->values;
	case OPTION_NUMBER:
		return strspn(value, "0123456789") == strlen(value)
			       ? NULL
			       : "a number";
	case OPTION_TEXT:
		break;
	}
	return NULL;
}
