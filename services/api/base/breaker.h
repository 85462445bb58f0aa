/*
 * breaker: remembers whether somebody answers (a circuit breaker). Pure.
 *
 * After BREAKER_FAILURES in a row the target counts as down: calls are
 * refused at once, but for one probe when its pause is over. Each failed
 * probe doubles the pause. Who answers late on average counts as slow.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BREAKER_FAILURES = 2,
	BREAKER_PAUSE_MS = 2000, /* the first; doubled up to the next */
	BREAKER_PAUSE_MAX_MS = 60000,
	BREAKER_SLOW_MS = 2000, /* average of the last answers */
};

struct breaker {
	unsigned failures; /* in a row */
	uint64_t failed_ms;
	uint64_t retry_ms; /* when the next probe may go */
	uint64_t mean_ms;  /* how long answers take */
};

bool breaker_down(const struct breaker *b);
bool breaker_slow(const struct breaker *b);

/* May a call be made now? While down, true is given for one probe. */
bool breaker_ask(struct breaker *b, uint64_t now_ms);
/* How the call that began at BEGAN_MS ended. Failures of calls that were under
 * way together count as one once the target is down. */
void breaker_answered(struct breaker *b, uint64_t began_ms, uint64_t now_ms);
void breaker_failed(struct breaker *b, uint64_t began_ms, uint64_t now_ms);
