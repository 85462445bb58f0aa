#include "common/base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

void buf_init(struct buf *b, size_t cap)
{
	assert(cap <= SIZE_MAX / 4);
	*b = (struct buf){ .cap = cap };
}

void buf_fini(struct buf *b)
{
	free(b->data);
	buf_init(b, b->cap);
}

static void move_to_front(struct buf *b, uint8_t *to)
{
	size_t used = buf_len(b);

	if (used > 0)
		memmove(to, b->data + b->head, used);
	b->head = 0;
	b->tail = used;
}

/* Moving the bytes to the front only pays when at least as much was consumed
 * since the last move; up to twice the cap is allocated to keep it so. */
static int make_room(struct buf *b, size_t len)
{
	size_t used = buf_len(b);

	if (len > b->cap - used)
		return -ENOBUFS;
	if (b->size - b->tail >= len)
		return 0;
	if (b->head >= used && b->size - used >= len) {
		move_to_front(b, b->data);
		return 0;
	}

	size_t size = b->size ? b->size * 2 : FIRST_SIZE;
	if (size > b->cap * 2)
		size = b->cap * 2;
	if (size < used + len)
		size = used + len;
	uint8_t *data = malloc(size);
	if (!data)
		return -ENOMEM;
	move_to_front(b, data);
	free(b->data);
	b->data = data;
	b->size = size;
	return 0;
}

int buf_append(struct buf *b, const void *data, size_t len)
{
	int r = make_room(b, len);

	if (r < 0 || len == 0)
		return r;
	memcpy(b->data + b->tail, data, len);
	b->tail += len;
	return 0;
}

uint8_t *buf_reserve(struct buf *b, size_t len)
{
	assert(len > 0);
	return make_room(b, len) < 0 ? NULL : b->data + b->tail;
}

void buf_wrote(struct buf *b, size_t len)
{
	assert(len <= b->size - b->tail);
	b->tail += len;
}

const uint8_t *buf_head(const struct buf *b)
{
	return b->data ? b->data + b->head : NULL;
}

size_t buf_len(const struct buf *b)
{
	return b->tail - b->head;
}

void buf_consume(struct buf *b, size_t len)
{
	assert(len <= buf_len(b));
	b->head += len;
	if (b->head < b->tail)
		return;
	b->head = b->tail = 0;
	if (b->size > BUF_KEEP)
		buf_fini(b);
}
