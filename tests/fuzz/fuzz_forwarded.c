/* Input: X-Real-IP, newline, X-Forwarded-For, which is tried as the other
 * headers too. The peer's port always stays, and a stranger's headers never
 * count. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trusted t, fuzzed;
	struct addr proxy, stranger;
	char *s = malloc(size + 1);

	assert(s);
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	char *newline = strchr(s, '\n');
	const char *list = newline ? newline + 1 : NULL;
	if (newline)
		*newline = '\0';

	assert(trusted_parse("10.0.0.0/8 ::1", &t) == 0);
	assert(addr_parse("10.0.0.1:5", 0, &proxy) == 0);
	assert(addr_parse("9.9.9.9:6", 0, &stranger) == 0);
	struct forwarded_headers h = {
		.real_ip = s,
		.forwarded_for = list,
		.forwarded = list,
		.proto = list,
	};
	for (int i = 0; i < 2; i++) {
		struct forwarded f = forwarded_read(&t, &proxy, &h);
		assert(f.client.port == 5);
		assert(f.proxied || addr_eq(&f.client, &proxy));
		f = forwarded_read(&t, &stranger, &h);
		assert(!f.proxied && addr_eq(&f.client, &stranger));
		assert(f.proto == FORWARDED_UNSAID);
		h.forwarded_for = NULL; /* then Forwarded counts */
	}

	if (trusted_parse(s, &fuzzed) == 0)
		assert(fuzzed.n <= TRUSTED_MAX);
	free(s);
	return 0;
}
