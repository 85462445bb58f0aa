#include "services/hbbr/state/limits.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, WINDOW_MS = 1000 };

/* Keeps byte counts times nanoseconds within 64 bits. */
static const uint64_t RATE_MAX = 10000000000; /* bytes/s */

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void shared_limit_init(struct shared_limit *s, uint64_t bps)
{
	atomic_init(&s->paid_ns, 0);
	atomic_init(&s->bytes_per_s, 0);
	shared_limit_set(s, bps);
}

void shared_limit_set(struct shared_limit *s, uint64_t bps)
{
	uint64_t rate = bps == 0 ? 0 : min_u64(bps / 8 + 1, RATE_MAX);

	atomic_store_explicit(&s->bytes_per_s, rate, memory_order_relaxed);
}

/*
 * The bucket is kept as the time up to which its traffic is paid for: one
 * word, so that the workers share it without a lock. It is full when that
 * time is now or earlier, and empty when it is a burst ahead of now.
 */
uint64_t shared_limit_available(struct shared_limit *s, uint64_t now_ms)
{
	uint64_t rate =
		atomic_load_explicit(&s->bytes_per_s, memory_order_relaxed);
	if (rate == 0)
		return UINT64_MAX;

	uint64_t now = now_ms * NS_PER_MS;
	uint64_t paid = atomic_load_explicit(&s->paid_ns, memory_order_relaxed);
	uint64_t full = NS_PER_S / LIMITS_BURST_DIV;
	uint64_t ahead = paid > now ? paid - now : 0;
	if (ahead >= full)
		return 0;
	return (full - ahead) * (rate / 1000 + 1) / (NS_PER_S / 1000);
}

void shared_limit_spend(struct shared_limit *s, uint64_t n, uint64_t now_ms)
{
	uint64_t rate =
		atomic_load_explicit(&s->bytes_per_s, memory_order_relaxed);
	if (rate == 0)
		return;

	uint64_t now = now_ms * NS_PER_MS;
	uint64_t cost = n * NS_PER_S / rate;
	uint64_t paid = atomic_load_explicit(&s->paid_ns, memory_order_relaxed);
	uint64_t next;
	do {
		next = (paid > now ? paid : now) + cost;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->paid_ns, &paid, next, memory_order_relaxed,
		memory_order_relaxed));
}

static void meter_fill(struct meter *m, uint64_t bps, uint64_t now_ms)
{
	uint64_t rate = bps == 0 ? 0 : min_u64(bps / 8 + 1, RATE_MAX);
	uint64_t burst = rate / LIMITS_BURST_DIV;

	if (burst < LIMITS_BURST_MIN)
		burst = LIMITS_BURST_MIN;
	bucket_init(&m->bucket, rate, burst, now_ms);
	m->debt = 0;
}

void meter_init(struct meter *m, const struct limits *l, uint64_t now_ms)
{
	*m = (struct meter){
		.limits = *l,
		.started_ms = now_ms,
		.window_ms = now_ms,
	};
	meter_fill(m, l->single_bps, now_ms);
}

void meter_throttle(struct meter *m, bool slow, uint64_t now_ms)
{
	slow = slow || m->downgraded;
	if (m->slow == slow)
		return;
	m->slow = slow;
	meter_fill(m, slow ? m->limits.slow_bps : m->limits.single_bps, now_ms);
}

uint64_t meter_allow(struct meter *m, struct shared_limit *total,
		     uint64_t now_ms)
{
	uint64_t mine = bucket_available(&m->bucket, now_ms);

	if (m->debt > 0 && mine != UINT64_MAX) {
		uint64_t pay = min_u64(m->debt, mine);
		bucket_spend(&m->bucket, pay, now_ms);
		m->debt -= pay;
		mine -= pay;
		if (m->debt > 0)
			return 0;
	}
	return min_u64(mine, shared_limit_available(total, now_ms));
}

static void meter_downgrade(struct meter *m, uint64_t now_ms)
{
	uint64_t elapsed = now_ms - m->started_ms;
	double fair = (double)elapsed / 1000 * (double)m->limits.single_bps *
		      m->limits.downgrade_threshold;

	if (m->downgraded || m->limits.single_bps == 0 ||
	    elapsed <= m->limits.downgrade_start_ms ||
	    (double)m->bytes * 8 <= fair)
		return;
	m->downgraded = true;
	meter_throttle(m, true, now_ms);
}

bool meter_roll(struct meter *m, uint64_t now_ms)
{
	uint64_t elapsed = now_ms - m->window_ms;

	if (elapsed < WINDOW_MS)
		return false;
	m->current_bps = m->window_bytes * 8 * 1000 / elapsed;
	if (m->current_bps > m->highest_bps)
		m->highest_bps = m->current_bps;
	m->window_ms = now_ms;
	m->window_bytes = 0;
	meter_downgrade(m, now_ms);
	return true;
}

bool meter_spend(struct meter *m, struct shared_limit *total, uint64_t n,
		 uint64_t now_ms)
{
	uint64_t mine = bucket_available(&m->bucket, now_ms);

	bucket_spend(&m->bucket, n, now_ms);
	if (mine < n)
		m->debt += n - mine;
	shared_limit_spend(total, n, now_ms);
	m->bytes += n;
	m->window_bytes += n;
	return meter_roll(m, now_ms);
}
