/*
 * attr: compiler attributes and the few macros every module uses.
 */
#pragma once

#include <stddef.h>

/* The caller must look at the result: it carries an error. */
#define MUST_USE __attribute__((warn_unused_result))

/* printf-like function: format is argument F, the values start at A. */
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

#define NORETURN __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define BIT(n) (1u << (n))

/* The struct that embeds MEMBER at address PTR. */
#define container_of(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))
