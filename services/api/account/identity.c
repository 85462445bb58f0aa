#include "services/api/account/identity.h"

#include <string.h>
#include <strings.h>

#include "common/base/utf8.h"
#include "services/api/base/text.h"

/* The first three groups are little-endian (MS-DTYP 2.3.4). */
static const char *guid_text(struct pool *p, const uint8_t d[static 16])
{
	const uint8_t raw[16] = { d[3],  d[2],  d[1],  d[0], d[5],  d[4],
				  d[7],  d[6],  d[8],  d[9], d[10], d[11],
				  d[12], d[13], d[14], d[15] };
	char out[GUID_TEXT];

	text_guid(raw, out);
	return pool_strdup(p, out);
}

static bool is_printable(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < ' ' || data[i] == 0x7f)
			return false;
	return utf8_valid(data, len) &&
	       (len < 4 || memcmp(data, "hex-", 4) != 0);
}

const char *identity_text(struct pool *p, const char *attribute,
			  const uint8_t *data, size_t len)
{
	if (len == 16 && strcasecmp(attribute, "objectGUID") == 0)
		return guid_text(p, data);
	if (is_printable(data, len))
		return pool_memdup(p, data, len);
	char *hex = pool_alloc(p, len * 2 + 1);
	text_hex(data, len, hex);
	return pool_printf(p, "hex-%s", hex);
}
