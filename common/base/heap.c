#include "common/base/heap.h"

#include <malloc.h>

void heap_setup(int keep, int map_min)
{
	(void)mallopt(M_TRIM_THRESHOLD, keep);
	(void)mallopt(M_MMAP_THRESHOLD, map_min);
}
