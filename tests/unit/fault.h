/*
 * fault: makes one allocation fail. For test programs that the Makefile links
 * with --wrap=malloc and --wrap=calloc.
 */
#pragma once

#include <stddef.h>

/* 1: the next allocation fails, 2: the one after it; 0: none fails. */
static int fault_countdown;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);

static int fault_now(void)
{
	return fault_countdown > 0 && --fault_countdown == 0;
}

void *__wrap_malloc(size_t size)
{
	return fault_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fault_now() ? NULL : __real_calloc(n, size);
}
