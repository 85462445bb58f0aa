/* Input: a line of an export, as `import` reads it. What is understood has the
 * parts that its kind needs. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/utils/exchange/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct line *l)
{
	switch (l->kind) {
	case LINE_BAD:
	case LINE_HEAD:
		break;
	case LINE_PEER:
		assert(l->name && l->peer.uuid_len <= sizeof(l->peer.uuid));
		break;
	case LINE_FIELD:
		assert(l->key && l->name && l->value);
		break;
	case LINE_SCORED:
		assert(l->key && l->name && l->score);
		break;
	case LINE_MEMBER:
		assert(l->key && l->name);
		break;
	case LINE_STRING:
		assert(l->key && l->value);
		break;
	case LINE_EXPIRES:
		assert(l->key);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct line l;

	assert(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0'; /* as getline() leaves it */
	line_parse(&l, text, size);
	check(&l);
	line_free(&l);
	free(text);
	return 0;
}
