/*
 * heap: how much of what was freed the process keeps.
 *
 * Message buffers come and go with every turn: giving their pages back each
 * time cost a third of the CPU of a WebSocket session.
 */
#pragma once

enum {
	HEAP_KEEP = 8 << 20,    /* free bytes at the end of a thread's heap */
	HEAP_MAP_MIN = 1 << 20, /* larger blocks go back at once */
};

/* Before the first thread is started. */
void heap_setup(void);
