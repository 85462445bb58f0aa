/*
 * text: pure string rules: LIKE filters, times, base64, identifiers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum { GUID_TEXT = 37, TEXT_TIME = 32 };

/*
 * The scripts' filter rule: '%' stands for any text, "-" alone means "empty",
 * anything else matches exactly; letters match regardless of case. A NULL or
 * empty pattern matches everything.
 */
bool text_like(const char *pattern, const char *value);

/* Lower-case ASCII copy, cut at SIZE - 1. */
void text_lower(char *out, size_t size, const char *in);

/* What a name is compared by: without the white space around it, letters in
 * lower case (Unicode's simple mapping). "" for a blank name. */
void text_fold(char *out, size_t size, const char *in);

/* 8-4-4-4-12 hex digits. */
bool text_is_guid(const char *s);
/* 16 bytes as a GUID. */
void text_guid(const uint8_t raw[static 16], char out[static GUID_TEXT]);
/* A new UUIDv7: sorts by NOW_MS. */
void text_guid7(uint64_t now_ms, char out[static GUID_TEXT]);

/* "YYYY-MM-DDTHH:MM:SS" in UTC. */
void text_time(int64_t unix_s, char out[static TEXT_TIME]);
/* "YYYY-MM-DD HH:MM:SS[.mmm]" (or with 'T') in UTC -> ms, or -EINVAL. */
MUST_USE int text_parse_time(const char *s, int64_t *out_ms);

/* Standard base64, padding optional. Decoded length, or -EINVAL. */
MUST_USE int text_unbase64(const char *s, uint8_t *out, size_t size);
/* Writes padded standard base64; SIZE must be enough (4 * n / 3 + 5). */
void text_base64(const void *data, size_t len, char *out, size_t size);
/* URL-safe base64 without padding. */
void text_base64url(const void *data, size_t len, char *out, size_t size);
void text_hex(const uint8_t *data, size_t len, char *out);

/* RustDesk ids and other names in keys: 1..64 printable characters without
 * white space or control characters. */
bool text_is_id(const char *s);
/* No control characters, valid length in bytes, not blank unless MIN is 0. */
bool text_is_name(const char *s, size_t min, size_t max);
/* Something@something without spaces. */
bool text_is_email(const char *s);
