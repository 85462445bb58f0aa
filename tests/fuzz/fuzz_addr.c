/* What is decoded or parsed must encode and format to the same address. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/addr.h"

static void mangled(const uint8_t *data, size_t size)
{
	uint8_t out[ADDR_MANGLED_MAX];
	struct addr a = addr_unmangle(data, size);
	struct addr b = addr_unmangle(out, addr_mangle(&a, 0x12345678, out));

	/* ::a.b.c.d counts as a.b.c.d once it is encoded. */
	if (addr_is_v4(&a) || a.ip[0])
		assert(addr_eq(&a, &b));
}

static void text(const char *s)
{
	char buf[ADDR_TEXT_MAX];
	struct addr a, b;
	struct cidr c;

	if (addr_parse(s, 7, &a) == 0) {
		assert(addr_parse(addr_format(&a, buf), 9, &b) == 0);
		assert(addr_eq(&a, &b));
		assert(addr_parse(addr_format_ip(&a, buf), a.port, &b) == 0);
		assert(addr_eq(&a, &b));
	}
	if (cidr_parse(s, &c) == 0) {
		memcpy(a.ip, c.ip, sizeof(a.ip));
		assert(c.bits <= 128 && cidr_contains(&c, &a));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	assert(s);
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	mangled(data, size);
	text(s);
	free(s);
	return 0;
}
