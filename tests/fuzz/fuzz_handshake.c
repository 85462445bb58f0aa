/* The first frame of a relay connection, arriving in pieces whose sizes the
 * input chooses: what is taken never exceeds the frame, and the judgement
 * holds for every payload. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/process/console.h"
#include "services/hbbr/pairing/handshake.h"

static size_t feed(struct handshake *h, const uint8_t *data, size_t size,
		   int *result)
{
	size_t step = (size_t)data[0] % 64 + 1;
	size_t taken = 1;

	*result = 0;
	while (*result == 0 && taken < size) {
		uint8_t *at;
		size_t n = handshake_want(h, &at);
		assert(n > 0 && n <= HANDSHAKE_MAX + FRAME_HEAD_MAX);
		n = n < step ? n : step;
		n = n < size - taken ? n : size - taken;
		memcpy(at, data + taken, n);
		taken += n;
		*result = handshake_got(h, n);
	}
	return taken - 1;
}

static void judge(const uint8_t *msg, size_t len)
{
	struct relay_request rq;

	enum reason why = handshake_judge("", msg, len, &rq);
	if (why == REASON_NONE) {
		size_t n = strnlen(rq.uuid, sizeof(rq.uuid));
		assert(n > 0 && n <= WIRE_UUID_TEXT_MAX);
	}
	/* No uuid makes up for a wrong key. */
	why = handshake_judge("a key that no input has", msg, len, &rq);
	assert(why != REASON_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct handshake h;
	size_t len;
	int r;

	if (size == 0)
		return 0;
	handshake_init(&h);
	size_t taken = feed(&h, data, size, &r);
	assert(r == 0 || r == 1 || r == -EMSGSIZE || r == -EBADMSG);
	if (r == 1) {
		const uint8_t *msg = handshake_payload(&h, &len);
		assert(taken == len + frame_head_len(data[1]));
		assert(memcmp(msg, data + 1 + taken - len, len) == 0);
		judge(msg, len);
		/* The console never mistakes a valid frame for a command. */
		struct relay_request rq;
		if (handshake_judge("", msg, len, &rq) == REASON_NONE)
			assert(console_judge(data + 1, taken) < 0);
	}
	handshake_fini(&h);
	return 0;
}
