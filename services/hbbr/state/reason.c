#include "services/hbbr/state/reason.h"

#include <assert.h>

#define REASON_WORD(symbol, word) [symbol] = word,
static const char *const words[REASONS] = {
	[REASON_NONE] = "none",
	REFUSALS(REASON_WORD) ENDINGS(REASON_WORD) COMMON_REASONS(REASON_WORD)
};

const char *reason_word(enum reason r)
{
	assert(r < REASONS);
	return words[r];
}
