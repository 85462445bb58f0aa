#include "services/api/base/breaker.h"

bool breaker_down(const struct breaker *b)
{
	return b->failures >= BREAKER_FAILURES;
}

bool breaker_slow(const struct breaker *b)
{
	return !breaker_down(b) && b->mean_ms > BREAKER_SLOW_MS;
}

static uint64_t pause_of(unsigned failures)
{
	unsigned doublings = failures - BREAKER_FAILURES;

	return doublings > 4 ? BREAKER_PAUSE_MAX_MS
			     : (uint64_t)BREAKER_PAUSE_MS << doublings;
}

bool breaker_ask(struct breaker *b, uint64_t now_ms)
{
	if (!breaker_down(b))
		return true;
	if (now_ms < b->retry_ms)
		return false;
	b->retry_ms = now_ms + pause_of(b->failures);
	return true;
}

void breaker_answered(struct breaker *b, uint64_t began_ms, uint64_t now_ms)
{
	b->failures = 0;
	b->mean_ms = (b->mean_ms * 3 + (now_ms - began_ms)) / 4;
}

void breaker_failed(struct breaker *b, uint64_t began_ms, uint64_t now_ms)
{
	if (breaker_down(b) && began_ms < b->failed_ms)
		return;
	b->failures++;
	b->failed_ms = now_ms;
	if (breaker_down(b))
		b->retry_ms = now_ms + pause_of(b->failures);
}
