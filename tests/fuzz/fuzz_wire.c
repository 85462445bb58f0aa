/* A message that is accepted can be written and read again, unchanged. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_arena first, second;
	Hbb__RendezvousMessage *m = wire_unpack(&first, data, size);

	if (!m)
		return 0;
	size_t len = wire_size(m);
	uint8_t *bytes = malloc(len + 1);
	assert(bytes && wire_pack(m, bytes) == len);
	Hbb__RendezvousMessage *again = wire_unpack(&second, bytes, len);
	assert(again && again->union_case == m->union_case);

	uint8_t *twice = malloc(len + 1);
	assert(twice && wire_pack(again, twice) == len);
	assert(memcmp(bytes, twice, len) == 0);
	wire_release(&second);
	wire_release(&first);
	free(twice);
	free(bytes);
	return 0;
}
