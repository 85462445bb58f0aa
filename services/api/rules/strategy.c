#include "services/api/rules/strategy.h"

#include <stddef.h>

int strategy_pick(const struct strategy_ref levels[static 3])
{
	for (int i = 0; i < 3; i++)
		if (levels[i].guid && *levels[i].guid)
			return levels[i].enabled ? i : -1;
	return -1;
}

enum strategy_answer strategy_answer(const struct strategy_ref *effective,
				     int64_t reported)
{
	int64_t want = effective ? effective->modified : 0;

	if (want == reported)
		return STRATEGY_SILENT;
	return effective ? STRATEGY_PUSH : STRATEGY_FORGET;
}
