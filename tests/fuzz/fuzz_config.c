/* A configuration file of any content is read to its end, and every value of
 * it can be offered to every kind of option. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/config/config_text.h"
#include "common/config/config_value.h"

struct values {
	char *string;
	bool flag;
	int64_t number, time, size;
	uint16_t port;
	double ratio;
};

#define OPT(kind, field, min, max)                                             \
	{                                                                      \
		"X", 0, NULL, kind, offsetof(struct values, field), "", min,   \
			max, ""                                                \
	}
static const struct opt opts[] = {
	OPT(OPT_STRING, string, 0, 0),   OPT(OPT_BOOL, flag, 0, 0),
	OPT(OPT_INT, number, -5, 5),     OPT(OPT_PORT, port, 1, 0),
	OPT(OPT_DURATION, time, 0, 100), OPT(OPT_SIZE, size, 0, 0),
	OPT(OPT_RATIO, ratio, 0, 0),
};

static void offer(struct values *v, const char *text)
{
	const char *why;

	for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
		int r = config_value_set(&opts[i], text, v, &why);
		assert(r == 0 || (r == -EINVAL && *why));
	}
	assert(strcmp(v->string, text) == 0);
	assert(v->number >= -5 && v->number <= 5);
	assert(v->time >= 0 && v->time <= 100 && v->size >= 0);
	assert(v->ratio >= 0 && v->ratio <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct values v = { .string = NULL };
	struct config_text t;
	const char *name, *value;
	char *text = malloc(size + 1);
	int r;

	assert(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	config_text_init(&t, text);
	while ((r = config_text_next(&t, &name, &value)) != 0) {
		assert(r == 1 || r == -EINVAL);
		if (r == 1)
			offer(&v, value);
	}
	free(v.string);
	free(text);
	return 0;
}
