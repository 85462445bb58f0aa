#include "common/base/bucket.h"

enum { SCALE = 1000 }; /* a rate per second is as many thousandths per ms */

void bucket_init(struct bucket *b, uint64_t rate, uint64_t burst,
		 uint64_t now_ms)
{
	uint64_t most = UINT64_MAX / SCALE;

	if (burst > most)
		burst = most;
	*b = (struct bucket){
		.rate = rate,
		.burst = burst > 0 ? burst : 1,
		.last_ms = now_ms,
	};
	b->tokens = b->burst * SCALE;
}

static void refill(struct bucket *b, uint64_t now_ms)
{
	uint64_t full = b->burst * SCALE;
	uint64_t passed = now_ms > b->last_ms ? now_ms - b->last_ms : 0;

	if (passed == 0)
		return;
	b->last_ms = now_ms;
	if (passed > (full - b->tokens) / b->rate)
		b->tokens = full;
	else
		b->tokens += passed * b->rate;
}

uint64_t bucket_available(struct bucket *b, uint64_t now_ms)
{
	if (b->rate == 0)
		return UINT64_MAX;
	refill(b, now_ms);
	return b->tokens / SCALE;
}

bool bucket_take(struct bucket *b, uint64_t n, uint64_t now_ms)
{
	if (n > bucket_available(b, now_ms))
		return false;
	bucket_spend(b, n, now_ms);
	return true;
}

void bucket_spend(struct bucket *b, uint64_t n, uint64_t now_ms)
{
	uint64_t there = bucket_available(b, now_ms);

	if (b->rate > 0)
		b->tokens -= (n < there ? n : there) * SCALE;
}
