#include "services/api/core/etag.h"

#include <string.h>

#include "common/proto/keys.h"

enum { BYTES = 16 };

const char *etag_of(struct call *c, const char *raw)
{
	uint8_t hash[32];
	char hex[2 * BYTES + 1];

	keys_sha256(hash, raw ? raw : "", raw ? strlen(raw) : 0);
	keys_hex(hex, sizeof(hex), hash, BYTES);
	return call_fmt(c, "\"%s\"", hex);
}

void etag_last(struct page *p, const char *raw)
{
	struct json_object *row = js_item(p->data, js_len(p->data) - 1);

	js_set_str(row, "etag", etag_of(p->call, raw));
}

void etag_show(struct call *c, const char *raw)
{
	call_header(c, "ETag", etag_of(c, raw));
}

bool etag_matches(struct call *c, const char *raw)
{
	const char *wanted = c->header[CALL_IF_MATCH];

	if (!wanted || strcmp(wanted, "*") == 0 ||
	    strstr(wanted, etag_of(c, raw)))
		return true;
	call_error(c, 412,
		   "Somebody else has changed it meanwhile: read it again");
	return false;
}
