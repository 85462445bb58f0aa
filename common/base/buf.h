/*
 * buf: a growable byte queue with a hard cap.
 *
 * Bytes are appended at the tail and consumed at the head. The cap is set
 * once; an append beyond it fails and changes nothing, so a peer that sends
 * faster than we can pass on costs at most the cap.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

struct buf {
	uint8_t *data; /* NULL while empty and never used */
	size_t head;   /* first unread byte */
	size_t tail;   /* first free byte */
	size_t size;   /* allocated; at most twice the cap */
	size_t cap;    /* tail - head never exceeds this */
};

void buf_init(struct buf *b, size_t cap);
void buf_fini(struct buf *b);

/* Copies LEN bytes to the tail. 0, -ENOBUFS beyond the cap, or -ENOMEM. */
MUST_USE int buf_append(struct buf *b, const void *data, size_t len);

/*
 * Makes room for LEN > 0 more bytes and returns where to write them, or NULL
 * beyond the cap or out of memory. Commit what was written with buf_wrote().
 */
MUST_USE uint8_t *buf_reserve(struct buf *b, size_t len);
void buf_wrote(struct buf *b, size_t len);

const uint8_t *buf_head(const struct buf *b);
size_t buf_len(const struct buf *b);

/* Drops LEN <= buf_len() bytes from the head; an emptied buffer larger than
 * BUF_KEEP gives its memory back. */
void buf_consume(struct buf *b, size_t len);

enum { BUF_KEEP = 4096 }; /* idle connections hold no more than this */
