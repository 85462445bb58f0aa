/*
 * item: what one record of a backup says. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/buf.h"

enum item_kind {
	ITEM_DUMP = 'K', /* a whole key as Redis' DUMP gave it */
	ITEM_HASH = 'H', /* part of a large key: field, value, ... */
	ITEM_ZSET = 'Z', /* member, score as text, ... */
	ITEM_SET = 'S',  /* member, ... */
	ITEM_FILE = 'F', /* a key file: its name and its bytes */
};

/* Borrows from the record it was read from. */
struct item {
	enum item_kind kind;
	int64_t expires_ms; /* Unix time; 0: never */
	const char *name;   /* of the key or file */
	size_t name_len;
	const uint8_t *data; /* dump, file, or the elements below */
	size_t len;
};

/* Appends the head; elements or data follow. 0 or -errno. */
MUST_USE int item_begin(struct buf *out, enum item_kind kind,
			int64_t expires_ms, const char *name, size_t name_len);
MUST_USE int item_element(struct buf *out, const void *data, size_t len);

/* True if the record is sound, its elements included. */
MUST_USE bool item_parse(const uint8_t *record, size_t len, struct item *out);

/* The next element of a part, or false after the last. AT starts at 0. */
bool item_next(const struct item *i, size_t *at, const uint8_t **data,
	       size_t *len);
