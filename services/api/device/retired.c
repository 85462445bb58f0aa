#include "services/api/device/retired.h"
#include "common/site/keynames.h"

#include <string.h>

struct json_object *retired_read(struct db *d, const char *guid)
{
	const char *raw =
		db_text(db_do(d, "HGET", KEY_DEVICE_RETIRED, guid, NULL));
	bool ok;

	return raw ? js_parse(d->pool, raw, strlen(raw), &ok) : NULL;
}

struct json_object *retired_take(struct db *d, const char *guid)
{
	static const struct {
		const char *member;
		enum doc_kind kind;
	} refs[] = { { "owner", DOC_USER },
		     { "group", DOC_DEVICE_GROUP },
		     { "strategy", DOC_STRATEGY } };
	struct json_object *j = retired_read(d, guid);

	if (!j)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(refs); i++) {
		const char *to = js_text(j, refs[i].member);

		if (*to && !doc_get(d, refs[i].kind, to))
			js_set_str(j, refs[i].member, "");
	}
	js_del(j, "retired_at");
	js_del(j, "retired_by");
	return j;
}
