#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/redis/redis_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct redis_url url;
	const char *why;
	char *text = malloc(len + 1);

	if (!text)
		return 0;
	memcpy(text, data, len);
	text[len] = 0;
	if (redis_url_parse(text, &url, &why) == 0) {
		assert((url.via == REDIS_VIA_UNIX) == (url.nhosts == 0));
		assert(url.nhosts <= REDIS_HOSTS_MAX);
		for (size_t i = 0; i < url.nhosts; i++)
			assert(url.hosts[i].name[0] && url.hosts[i].port);
	} else {
		assert(why);
	}
	free(text);
	return 0;
}
