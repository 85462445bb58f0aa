/* Frames must tile the input exactly, and a head must survive a rewrite. */
#include <assert.h>
#include <errno.h>

#include "common/proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MAX_BODY = 4096 };
	struct frame f;
	int r;

	while ((r = frame_parse(data, size, MAX_BODY, &f)) == 1) {
		uint8_t head[FRAME_HEAD_MAX];
		assert(f.wire_len <= size && f.len <= MAX_BODY);
		assert(f.body + f.len == data + f.wire_len);
		size_t n = frame_put_head(head, f.len);
		assert(n <= f.wire_len - f.len);
		assert(frame_head_len(head[0]) == n);
		assert(frame_body_len(head) == f.len);
		data += f.wire_len;
		size -= f.wire_len;
	}
	assert(r == 0 || r == -EMSGSIZE);
	return 0;
}
