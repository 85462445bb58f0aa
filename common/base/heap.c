#include "common/base/heap.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

void heap_setup(int keep, int map_min)
{
	(void)mallopt(M_TRIM_THRESHOLD, keep);
	(void)mallopt(M_MMAP_THRESHOLD, map_min);
}

/* Bytes of memory that are there and hold nothing in use: free blocks whose
 * pages did not go back. Programs and stacks are counted, too: they stay. */
static int64_t holes(void)
{
	struct mallinfo2 m = mallinfo2();
	long resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%*d %ld", &resident) != 1)
		resident = 0;
	fclose(f);
	return resident * sysconf(_SC_PAGESIZE) -
	       (int64_t)(m.uordblks + m.hblkhd);
}

void heap_tidy(int64_t most)
{
	static int64_t least = INT64_MAX;
	int64_t now = holes();

	if (now - most > least) {
		malloc_trim(0);
		least = now = holes();
	}
	if (now < least)
		least = now;
}
