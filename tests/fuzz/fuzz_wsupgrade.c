/* A request that is OK has a nonce, ends where it says, and is the same with
 * anything behind it; every other one has an answer. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/wsupgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char answer[WSUPGRADE_ANSWER_MAX];
	struct wsupgrade u, again;
	enum wsupgrade_result r = wsupgrade_parse(data, size, &u);

	if (r == WSUPGRADE_OK) {
		assert(u.head_len > 0 && u.head_len <= size);
		assert(strlen(u.nonce) == WSUPGRADE_NONCE);
		assert(wsupgrade_parse(data, u.head_len, &again) == r);
		assert(strcmp(u.nonce, again.nonce) == 0);
		assert(strlen(u.real_ip) < sizeof u.real_ip);
		(void)wsupgrade_headers(&u);
	} else if (r != WSUPGRADE_MORE) {
		assert(wsupgrade_refuse(r, answer) == strlen(answer));
	}
	return 0;
}
