#include "services/hbbr/state/heap.h"

#include <malloc.h>

void heap_setup(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_MAP_MIN);
}
