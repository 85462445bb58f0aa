/* A header is accepted only as a whole: every shorter piece of it must ask
 * for more, and what follows it must not matter. */
#include <assert.h>
#include <errno.h>

#include "common/proto/proxyproto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr a = { .port = 0 }, b = { .port = 0 };
	bool local;
	int n = proxyproto_parse(data, size, &a, &local);

	assert(n == -EPROTO || (n >= 0 && (size_t)n <= size));
	if (n == 0)
		assert(size < PROXYPROTO_MAX);
	if (n <= 0)
		return 0;
	assert(n <= PROXYPROTO_MAX);
	for (size_t len = 0; len < (size_t)n; len++)
		assert(proxyproto_parse(data, len, &b, &local) == 0);
	assert(proxyproto_parse(data, (size_t)n, &b, &local) == n);
	assert(addr_eq(&a, &b));
	return 0;
}
