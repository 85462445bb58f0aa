/*
 * bucket: a token bucket. Time is an argument, so it is pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	uint64_t rate;    /* tokens per second */
	uint64_t burst;   /* most tokens it holds */
	uint64_t tokens;  /* in thousandths of a token */
	uint64_t last_ms; /* when tokens was right */
};

/* A full bucket. A rate of 0 means unlimited; a burst of 0 counts as 1. */
void bucket_init(struct bucket *b, uint64_t rate, uint64_t burst,
		 uint64_t now_ms);

/* Takes N tokens if they are there; all or nothing. */
bool bucket_take(struct bucket *b, uint64_t n, uint64_t now_ms);

/* How many whole tokens could be taken now (UINT64_MAX if unlimited). */
uint64_t bucket_available(struct bucket *b, uint64_t now_ms);

/* Takes min(N, available) tokens: for what has happened already. */
void bucket_spend(struct bucket *b, uint64_t n, uint64_t now_ms);
