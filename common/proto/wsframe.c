#include "common/proto/wsframe.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	HEAD_SHORT = 2,
	HEAD_LONG = 4,
	SHORT_MAX = 125, /* bytes that HEAD_SHORT can announce */
	LONG_FORM = 126, /* the length follows in two bytes */
	FRAGMENT = WSFRAME_MAX - HEAD_LONG,
	FIN = 0x80,
	BINARY = 2, /* opcode of the first fragment; later ones have 0 */
	CLOSE = 8,
};

static_assert(FRAGMENT <= UINT16_MAX, "two bytes announce every frame");

static size_t head_size(size_t len)
{
	return len <= SHORT_MAX ? HEAD_SHORT : HEAD_LONG;
}

static size_t put_head(uint8_t *head, bool first, bool last, size_t len)
{
	head[0] = (uint8_t)((last ? FIN : 0) | (first ? BINARY : 0));
	if (len <= SHORT_MAX) {
		head[1] = (uint8_t)len;
		return HEAD_SHORT;
	}
	head[1] = LONG_FORM;
	head[2] = (uint8_t)(len >> 8);
	head[3] = (uint8_t)len;
	return HEAD_LONG;
}

static size_t message_size(size_t len)
{
	size_t full = len / FRAGMENT * WSFRAME_MAX;
	size_t rest = len % FRAGMENT;

	if (rest == 0 && full > 0)
		return full;
	return full + head_size(rest) + rest;
}

int wsframe_put(struct buf *out, const void *data, size_t len)
{
	const uint8_t *from = data;
	size_t done = 0;

	if (len > out->cap)
		return -ENOBUFS;
	uint8_t *at = buf_reserve(out, message_size(len));
	if (at == NULL)
		return -ENOBUFS;
	do {
		size_t n = len - done < FRAGMENT ? len - done : FRAGMENT;
		at += put_head(at, done == 0, done + n == len, n);
		if (n > 0)
			memcpy(at, from + done, n);
		at += n;
		done += n;
	} while (done < len);
	buf_wrote(out, message_size(len));
	return 0;
}

void wsframe_put_close(struct buf *out, uint16_t code)
{
	const uint8_t frame[] = { FIN | CLOSE, 2, (uint8_t)(code >> 8),
				  (uint8_t)code };

	out->cap += sizeof(frame);
	/* Out of memory the peer only misses the reason. */
	(void)!buf_append(out, frame, sizeof(frame));
}

static size_t frame_size(const uint8_t *frame)
{
	if (frame[1] <= SHORT_MAX)
		return HEAD_SHORT + (size_t)frame[1];
	return HEAD_LONG + ((size_t)frame[2] << 8 | frame[3]);
}

size_t wsframe_batch(const struct buf *out)
{
	const uint8_t *data = buf_head(out);
	size_t len = buf_len(out);
	size_t n = 0;

	while (n < len) {
		size_t next = frame_size(data + n);
		if (n + next > WSFRAME_BATCH)
			break;
		n += next;
	}
	return n;
}
