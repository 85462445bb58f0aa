#include "common/base/heap.h"

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>

void heap_setup(int keep, int map_min)
{
	(void)mallopt(M_TRIM_THRESHOLD, keep);
	(void)mallopt(M_MMAP_THRESHOLD, map_min);
}

void heap_tidy(void)
{
	static size_t least = SIZE_MAX;
	size_t holes = mallinfo2().fordblks;

	if (holes > least && holes - least >= HEAP_HOLES) {
		malloc_trim(0);
		/* Pages that went back still count as free. */
		least = holes = mallinfo2().fordblks;
	}
	if (holes < least)
		least = holes;
}
