#include "services/api/rules/strategy.h"

#include <stddef.h>
#include <string.h>

int strategy_pick(const struct strategy_ref levels[static 3])
{
	for (int i = 0; i < 3; i++)
		if (levels[i].guid && *levels[i].guid)
			return levels[i].enabled ? i : -1;
	return -1;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), len = strlen(end);

	return n >= len && strcmp(s + n - len, end) == 0;
}

bool strategy_secret(const char *option, const char *value)
{
	static const char *const ends[] = { "password", "-pin", "-token",
					    "-secret" };

	/* allow-numeric-one-time-password and the like are switches. */
	if (!*value || strcmp(value, "Y") == 0 || strcmp(value, "N") == 0)
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(option, ends[i]))
			return true;
	/* The device's own one-time codes, and its messenger's key. */
	return strcmp(option, "2fa") == 0 || strcmp(option, "bot") == 0;
}

enum strategy_answer strategy_answer(const struct strategy_ref *effective,
				     int64_t reported)
{
	int64_t want = effective ? effective->modified : 0;

	if (want == reported)
		return STRATEGY_SILENT;
	return effective ? STRATEGY_PUSH : STRATEGY_FORGET;
}
