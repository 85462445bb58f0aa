#include "common/site/presence.h"

#include <errno.h>
#include <string.h>

static void put_le32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

void presence_encode(const struct presence *p, uint8_t out[static PRESENCE_LEN])
{
	out[0] = PRESENCE_VERSION;
	out[1] = (uint8_t)p->via;
	out[2] = (uint8_t)(p->addr.port & 0xff);
	out[3] = (uint8_t)(p->addr.port >> 8);
	put_le32(out + PRESENCE_EPOCH_AT, p->epoch);
	put_le32(out + PRESENCE_TIME_AT, p->written_s);
	memcpy(out + 12, p->addr.ip, 16);
}

int presence_decode(const uint8_t *data, size_t len, struct presence *out)
{
	if (len != PRESENCE_LEN || data[0] != PRESENCE_VERSION ||
	    data[1] < VIA_UDP || data[1] > VIA_WS)
		return -EINVAL;
	*out = (struct presence){
		.via = (enum transport)data[1],
		.addr.port = (uint16_t)(data[2] | data[3] << 8),
		.epoch = get_le32(data + PRESENCE_EPOCH_AT),
		.written_s = get_le32(data + PRESENCE_TIME_AT),
	};
	memcpy(out->addr.ip, data + 12, 16);
	return 0;
}
