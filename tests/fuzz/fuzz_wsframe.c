/* Frames of a client, whole and in pieces whose size the first byte chooses:
 * both ways give the same bytes, and never more than came. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/wsframe.h"

struct sum {
	uint64_t hash;
	size_t bytes, ends;
	int result;
};

static void add(struct sum *s, const struct wsframe_part *p)
{
	for (size_t i = 0; i < p->len; i++)
		s->hash = s->hash * 31 + p->data[i];
	s->bytes += p->len;
	s->ends += p->last;
	assert(p->kind <= WSFRAME_PONG);
	assert(p->kind < WSFRAME_CLOSE || p->len <= WSFRAME_CONTROL_MAX);
}

static struct sum read_in(const uint8_t *data, size_t size, size_t step)
{
	struct wsframe_reader r = { 0 };
	struct sum s = { 0 };
	struct wsframe_part p;

	for (size_t at = 0; at < size && s.result >= 0; at += step) {
		size_t n = size - at < step ? size - at : step, used = 0;
		uint8_t *piece = malloc(n);
		assert(piece);
		memcpy(piece, data + at, n);
		while (used < n && (s.result = wsframe_read(&r, piece, n, &used,
							    &p)) == 1) {
			assert(used <= n);
			add(&s, &p);
		}
		assert(s.result >= 0 || s.result == -EPROTO);
		free(piece);
	}
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct sum whole = read_in(data + 1, size - 1, size);
	struct sum parts = read_in(data + 1, size - 1, data[0] % 32U + 1);

	assert(whole.bytes <= size - 1);
	assert((whole.result < 0) == (parts.result < 0));
	assert(whole.bytes == parts.bytes && whole.hash == parts.hash);
	assert(whole.ends == parts.ends);
	return 0;
}
