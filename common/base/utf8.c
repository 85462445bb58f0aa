#include "common/base/utf8.h"

/* How many bytes a character that starts with FIRST has; 0: none starts so. */
static size_t length_of(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

size_t utf8_next(const uint8_t *data, size_t len, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = length_of(data[0]);

	if (n == 0 || n > len)
		return 0;
	uint32_t c = n == 1 ? data[0] : data[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (data[i] & 0x3fu);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

bool utf8_valid(const uint8_t *data, size_t len)
{
	uint32_t code;

	while (len > 0) {
		size_t n = utf8_next(data, len, &code);
		if (n == 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}
