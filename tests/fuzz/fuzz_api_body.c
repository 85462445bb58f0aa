/* Input: a request body, checked against the shape of every route. What is
 * accepted survives being written and read again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/api/base/js.h"
#include "services/api/core/route.h"
#include "services/api/core/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool = { 0 };
	char *text = malloc(size + 1);
	bool ok, again;

	assert(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	struct json_object *o = js_parse(&pool, text, size, &ok);
	for (size_t i = 0; ok && i < nroutes; i++)
		if (routes[i].in)
			(void)schema_check(&pool, routes[i].in, o, true);
	if (ok && o) {
		const char *out = js_dump(o);

		(void)js_parse(&pool, out, strlen(out), &again);
		assert(again);
	}
	pool_fini(&pool);
	free(text);
	return 0;
}
