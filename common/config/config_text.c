#include "common/config/config_text.h"

#include <errno.h>
#include <string.h>

static const char blank[] = " \t\r";

void config_text_init(struct config_text *t, char *text)
{
	*t = (struct config_text){ .at = text };
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *s)
{
	s += strspn(s, blank);
	size_t n = strlen(s);
	while (n > 0 && strchr(blank, s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

static char *unquote(char *s)
{
	size_t n = strlen(s);

	if (n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n - 1] == s[0]) {
		s[n - 1] = '\0';
		s++;
	}
	return s;
}

static char *next_line(struct config_text *t)
{
	char *line = t->at;
	char *end = strchr(line, '\n');

	if (*line == '\0')
		return NULL;
	t->at = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	t->line++;
	return trim(line);
}

int config_text_next(struct config_text *t, const char **name,
		     const char **value)
{
	static const char export[] = "export ";
	char *line;

	do {
		line = next_line(t);
		if (!line)
			return 0;
	} while (line[0] == '\0' || strchr("#;[", line[0]));

	char *equals = strchr(line, '=');
	if (!equals)
		return -EINVAL;
	*equals = '\0';
	if (strncmp(line, export, sizeof(export) - 1) == 0)
		line += sizeof(export) - 1;
	*name = trim(line);
	*value = unquote(trim(equals + 1));
	return **name ? 1 : -EINVAL;
}
