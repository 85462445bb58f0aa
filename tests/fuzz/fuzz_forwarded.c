/* Input: X-Real-IP, newline, X-Forwarded-For. The peer's port always stays,
 * and a stranger's headers never count. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trusted t, fuzzed;
	struct addr proxy, stranger;
	bool proxied;
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
	struct addr a = forwarded_client(&t, &proxy, s, list, &proxied);
	assert(a.port == 5 && (proxied || addr_eq(&a, &proxy)));
	a = forwarded_client(&t, &stranger, s, list, &proxied);
	assert(!proxied && addr_eq(&a, &stranger));

	if (trusted_parse(s, &fuzzed) == 0)
		assert(fuzzed.n <= TRUSTED_MAX);
	free(s);
	return 0;
}
