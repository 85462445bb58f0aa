/*
 * utf8: decodes UTF-8 strictly (no overlong forms, no surrogates). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the character at the start of DATA, LEN > 0. Returns its length in
 * bytes and its code point, or 0 if these bytes are not UTF-8. */
size_t utf8_next(const uint8_t *data, size_t len, uint32_t *code);

bool utf8_valid(const uint8_t *data, size_t len);
