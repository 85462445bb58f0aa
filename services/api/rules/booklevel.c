#include "services/api/rules/booklevel.h"

#include <stdbool.h>
#include <string.h>

static bool matches(const struct book_rule *r, const char *user,
		    const char *group)
{
	switch (r->subject) {
	case BOOK_EVERYONE:
		return true;
	case BOOK_GROUP:
		return *group && strcmp(r->guid, group) == 0;
	case BOOK_USER:
		return *user && strcmp(r->guid, user) == 0;
	}
	return false;
}

enum book_level book_level_of(const struct book_rule *rules, size_t n,
			      const char *user, const char *group)
{
	const struct book_rule *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (matches(&rules[i], user, group) &&
		    (!best || rules[i].subject > best->subject))
			best = &rules[i];
	return best ? best->level : BOOK_NONE;
}
