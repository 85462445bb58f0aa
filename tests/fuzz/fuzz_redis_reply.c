#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/redis/redis_resp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Keeps the reads from being left out. */
static volatile size_t sink;

/* Reads every byte that the view gives access to. */
static size_t walk(const struct redis_reply *r)
{
	size_t len;
	size_t sum = 0;
	const char *text = redis_str(r, &len);

	for (size_t i = 0; i < len; i++)
		sum += (unsigned char)text[i];
	if (text)
		assert(text[len] == 0);
	for (size_t i = 0; i < redis_len(r); i++)
		sum += walk(redis_at(r, i));
	return sum + (size_t)redis_int(r) + redis_unavailable(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct redis_reader reader;
	struct redis_reply *reply;
	int r = redis_reader_init(&reader, REDIS_HELLO_MAX);

	/* In two parts, so that every value is also seen incomplete. */
	for (int part = 0; r >= 0 && part < 2; part++) {
		size_t n = part ? len - len / 2 : len / 2;
		r = redis_reader_feed(&reader, data, n);
		data += n;
		while (r >= 0 && (r = redis_reader_next(&reader, &reply)) > 0) {
			sink += walk(reply);
			redis_reply_free(reply);
		}
	}
	redis_reader_fini(&reader);
	return 0;
}
