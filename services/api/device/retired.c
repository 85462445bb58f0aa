#include "services/api/device/retired.h"
#include "common/site/keynames.h"

#include <string.h>

struct doc **retired_many(struct db *d, const char *const *guids, size_t n,
			  size_t *found)
{
	struct doc **out = pool_alloc(d->pool, (n + 1) * sizeof(struct doc *));
	const char **argv = pool_alloc(d->pool, (n + 2) * sizeof(*argv));

	argv[0] = "HMGET";
	argv[1] = KEY_DEVICE_RETIRED;
	memcpy(argv + 2, guids, n * sizeof(*guids));
	const struct redis_reply *r =
		n ? db_argv(d, (int)n + 2, argv, NULL) : NULL;
	*found = 0;
	for (size_t i = 0; i < n; i++) {
		struct doc *dev = doc_of(d->pool, DOC_DEVICE, guids[i],
					 db_text(db_item(r, i)));

		if (dev)
			out[(*found)++] = dev;
	}
	return out;
}

struct doc *retired_take(struct db *d, const char *guid)
{
	const struct {
		struct field_text field;
		enum doc_kind kind;
	} refs[] = { { DEVICE_OWNER, DOC_USER },
		     { DEVICE_GROUP, DOC_DEVICE_GROUP },
		     { DEVICE_STRATEGY, DOC_STRATEGY } };
	size_t n;
	struct doc *dev = *retired_many(d, &guid, 1, &n);

	if (n == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(refs); i++) {
		const char *to = doc_text(dev, refs[i].field);

		if (*to && !doc_get(d, refs[i].kind, to))
			doc_set_text(dev, refs[i].field, "");
	}
	doc_del(dev, DEVICE_RETIRED_AT.of);
	doc_del(dev, DEVICE_RETIRED_BY.of);
	dev->raw = NULL;
	*dev->name = 0;
	return dev;
}
