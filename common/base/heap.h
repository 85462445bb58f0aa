/*
 * heap: how much of what was freed a process keeps.
 */
#pragma once

#include <stdint.h>

enum {
	/* hbbr: message buffers come and go with every turn; giving their
	 * pages back each time cost a third of the CPU of a WebSocket
	 * session. */
	HEAP_KEEP = 8 << 20,    /* free bytes at the end of a thread's heap */
	HEAP_MAP_MIN = 1 << 20, /* larger blocks go back at once */
	/* and what is free between blocks in use, from so much on */
	HEAP_HOLES = 16 << 20,

	/* hbbs: messages are short. Who sends long ones leaves no holes between
	 * what stays. */
	HEAP_SHORT_KEEP = 1 << 20,
	HEAP_SHORT_MAP_MIN = 32 << 10,

	/* api: many threads, each with a heap of its own; bodies, answers and
	 * connections leave holes in all of them. */
	HEAP_API_HOLES = 4 << 20,
};

/* Before the first thread is started: keeps KEEP free bytes, maps blocks from
 * MAP_MIN bytes on, so that they go back when they are freed. */
void heap_setup(int keep, int map_min);

/* Gives back what is free in all heaps if more than MOST bytes of it have pages
 * than when it was least. Looks at each free block: for every second or few, on
 * one thread. */
void heap_tidy(int64_t most);
