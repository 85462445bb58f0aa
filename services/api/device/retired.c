#include "services/api/device/retired.h"
#include "common/site/keynames.h"

#include <string.h>

struct doc *retired_read(struct db *d, const char *guid)
{
	const char *raw =
		db_text(db_do(d, "HGET", KEY_DEVICE_RETIRED, guid, NULL));

	return doc_of(d->pool, DOC_DEVICE, guid, raw);
}

struct doc *retired_take(struct db *d, const char *guid)
{
	const struct {
		struct field_text field;
		enum doc_kind kind;
	} refs[] = { { DEVICE_OWNER, DOC_USER },
		     { DEVICE_GROUP, DOC_DEVICE_GROUP },
		     { DEVICE_STRATEGY, DOC_STRATEGY } };
	struct doc *dev = retired_read(d, guid);

	if (!dev)
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
