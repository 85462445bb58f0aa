#include "common/proto/frame.h"

#include <assert.h>
#include <errno.h>

static_assert(FRAME_BODY_MAX <= UINT32_MAX >> 2, "body length fits the head");

size_t frame_head_len(uint8_t first)
{
	return (first & 3u) + 1u;
}

size_t frame_body_len(const uint8_t *head)
{
	size_t head_len = frame_head_len(head[0]);
	uint32_t value = 0;

	for (size_t i = 0; i < head_len; i++)
		value |= (uint32_t)head[i] << (8 * i);
	return value >> 2;
}

int frame_parse(const uint8_t *data, size_t len, size_t max_body,
		struct frame *out)
{
	if (len == 0)
		return 0;
	size_t head_len = frame_head_len(data[0]);
	if (len < head_len)
		return 0;

	/* Judge the announced size before waiting for it: a 4-byte lie must
	 * not make us buffer a gigabyte. */
	size_t body_len = frame_body_len(data);
	if (body_len > max_body)
		return -EMSGSIZE;
	if (len - head_len < body_len)
		return 0;

	*out = (struct frame){
		.body = data + head_len,
		.len = body_len,
		.wire_len = head_len + body_len,
	};
	return 1;
}

size_t frame_put_head(uint8_t head[static FRAME_HEAD_MAX], size_t body_len)
{
	assert(body_len <= FRAME_BODY_MAX);

	size_t head_len = 1u + (body_len > 0x3f) + (body_len > 0x3fff) +
			  (body_len > 0x3fffff);
	uint32_t value = (uint32_t)(body_len << 2 | (head_len - 1));
	for (size_t i = 0; i < head_len; i++)
		head[i] = (uint8_t)(value >> (8 * i));
	return head_len;
}
