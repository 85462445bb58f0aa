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
	FIN = 0x80,
	RESERVED = 0x70,
	OP = 0x0f,
	MASKED = 0x80,
	LENGTH = 0x7f,
	LONGEST_FORM = 127, /* the length follows in eight bytes */
	MASK_SIZE = 4,
};

static_assert(WSFRAME_BODY_MAX <= UINT16_MAX, "two bytes announce every frame");

static size_t head_size(size_t len)
{
	return len <= SHORT_MAX ? HEAD_SHORT : HEAD_LONG;
}

size_t wsframe_put_head(uint8_t *head, bool first, bool last, size_t len)
{
	head[0] = (uint8_t)((last ? FIN : 0) | (first ? WSFRAME_BINARY : 0));
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
	size_t full = len / WSFRAME_BODY_MAX * WSFRAME_MAX;
	size_t rest = len % WSFRAME_BODY_MAX;

	if (rest == 0 && full > 0)
		return full;
	return full + head_size(rest) + rest;
}

int wsframe_put(struct buf *out, const void *data, size_t len)
{
	return wsframe_put_part(out, data, len, true, true);
}

int wsframe_put_part(struct buf *out, const void *data, size_t len, bool first,
		     bool last)
{
	const uint8_t *from = data;
	size_t done = 0;

	if (len > out->cap)
		return -ENOBUFS;
	uint8_t *at = buf_reserve(out, message_size(len));
	if (!at)
		return -ENOBUFS;
	do {
		size_t n = len - done < WSFRAME_BODY_MAX ? len - done
							 : WSFRAME_BODY_MAX;
		at += wsframe_put_head(at, first && done == 0,
				       last && done + n == len, n);
		if (n > 0)
			memcpy(at, from + done, n);
		at += n;
		done += n;
	} while (done < len);
	buf_wrote(out, message_size(len));
	return 0;
}

int wsframe_put_control(struct buf *out, enum wsframe_op op, const void *data,
			size_t len)
{
	uint8_t head[HEAD_SHORT] = { (uint8_t)(FIN | op), (uint8_t)len };

	assert(len <= WSFRAME_CONTROL_MAX);
	out->cap += HEAD_SHORT + len;
	uint8_t *at = buf_reserve(out, HEAD_SHORT + len);
	if (!at)
		return -ENOMEM;
	memcpy(at, head, HEAD_SHORT);
	if (len > 0)
		memcpy(at + HEAD_SHORT, data, len);
	buf_wrote(out, HEAD_SHORT + len);
	return 0;
}

void wsframe_put_close(struct buf *out, uint16_t code)
{
	uint8_t body[] = { (uint8_t)(code >> 8), (uint8_t)code };

	/* Out of memory the peer only misses the reason. */
	(void)!wsframe_put_control(out, WSFRAME_CLOSE, body, sizeof(body));
}

/* --- reading ---------------------------------------------------------------
 */

static bool is_control(uint8_t op)
{
	return op >= WSFRAME_CLOSE;
}

/* Bytes of the head, as far as is known. */
static size_t head_wanted(const struct wsframe_reader *r)
{
	unsigned form = r->head[1] & LENGTH;

	if (r->have < HEAD_SHORT)
		return HEAD_SHORT;
	return HEAD_SHORT + MASK_SIZE +
	       (form == LONGEST_FORM ? 8
		: form == LONG_FORM  ? 2
				     : 0);
}

/* What two bytes already tell. */
static bool start_ok(const struct wsframe_reader *r)
{
	uint8_t op = r->head[0] & OP;
	bool fin = (r->head[0] & FIN) != 0;

	if ((r->head[0] & RESERVED) != 0 || (r->head[1] & MASKED) == 0)
		return false;
	if (is_control(op))
		return op <= WSFRAME_PONG && fin &&
		       (r->head[1] & LENGTH) <= WSFRAME_CONTROL_MAX;
	return op <= WSFRAME_BINARY && (op == WSFRAME_MORE) == r->open;
}

/* False for a length in a longer form than it takes. */
static bool read_length(struct wsframe_reader *r)
{
	unsigned form = r->head[1] & LENGTH;
	uint64_t value = 0;

	if (form < LONG_FORM) {
		r->left = form;
		return true;
	}
	for (size_t i = 0; i < (form == LONG_FORM ? 2 : 8); i++)
		value = value << 8 | r->head[HEAD_SHORT + i];
	r->left = value;
	return form == LONG_FORM ? value > SHORT_MAX
				 : value > UINT16_MAX && value >> 63 == 0;
}

/* Takes what is missing of the head. 1: it is whole, 0 or -EPROTO. */
static int read_head(struct wsframe_reader *r, const uint8_t *data, size_t len,
		     size_t *used)
{
	while (r->have < head_wanted(r)) {
		if (*used == len)
			return 0;
		r->head[r->have++] = data[(*used)++];
		if (r->have == HEAD_SHORT && !start_ok(r))
			return -EPROTO;
		if (r->have + MASK_SIZE == head_wanted(r) && !read_length(r))
			return -EPROTO;
	}
	memcpy(r->mask, r->head + r->have - MASK_SIZE, MASK_SIZE);
	r->op = r->head[0] & OP;
	r->fin = (r->head[0] & FIN) != 0;
	r->turn = 0;
	r->have = 0;
	r->inside = true;
	return 1;
}

/* Eight bytes at a time; the rest one by one. */
static void unmask(struct wsframe_reader *r, uint8_t *data, size_t len)
{
	uint8_t turned[8];
	uint64_t mask, word;
	size_t i = 0;

	for (unsigned k = 0; k < sizeof turned; k++)
		turned[k] = r->mask[(r->turn + k) % MASK_SIZE];
	memcpy(&mask, turned, sizeof mask);
	for (; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, data + i, sizeof word);
		word ^= mask;
		memcpy(data + i, &word, sizeof word);
	}
	for (size_t k = 0; i < len; i++, k++)
		data[i] ^= turned[k];
	r->turn = (unsigned)((r->turn + len) % MASK_SIZE);
}

int wsframe_read(struct wsframe_reader *r, uint8_t *data, size_t len,
		 size_t *used, struct wsframe_part *out)
{
	bool fresh = !r->inside;
	int got = fresh ? read_head(r, data, len, used) : 1;

	if (got <= 0)
		return got;
	size_t here = len - *used;
	size_t n = r->left < here ? (size_t)r->left : here;
	if (n == 0 && !fresh)
		return 0;
	if (n > 0)
		unmask(r, data + *used, n);
	r->left -= n;
	r->inside = r->left > 0;
	if (r->op == WSFRAME_TEXT || r->op == WSFRAME_BINARY)
		r->kind = r->op;
	bool control = is_control(r->op);
	*out = (struct wsframe_part){
		.data = n > 0 ? data + *used : NULL,
		.len = n,
		.left = r->left,
		.kind = control ? r->op : r->kind,
		.first = fresh && r->op != WSFRAME_MORE,
		.last = r->fin && !r->inside,
	};
	*used += n;
	if (!control)
		r->open = !out->last;
	return 1;
}

/* --- writing ---------------------------------------------------------------
 */

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
