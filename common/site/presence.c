#include "common/site/presence.h"
#include "common/base/le.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/*
 *	all	version transport port(2) epoch(4) time(4)
 *	1	ip(16)
 *	2	local ip(4 or 16)
 */
enum { HEAD = 12, IP4_AT = 12 /* in a mapped address */ };

size_t presence_encode(const struct presence *p, unsigned version,
		       uint8_t out[static PRESENCE_MAX])
{
	size_t n = HEAD;
	bool small = version > 1 && addr_is_v4(&p->addr);
	size_t skip = small ? IP4_AT : 0;

	out[0] = (uint8_t)version;
	out[1] = (uint8_t)p->via;
	le16_put(out + 2, p->addr.port);
	le32_put(out + PRESENCE_EPOCH_AT, p->epoch);
	le32_put(out + PRESENCE_TIME_AT, p->written_s);
	if (version > 1)
		out[n++] = p->local;
	memcpy(out + n, p->addr.ip + skip, sizeof p->addr.ip - skip);
	return n + sizeof p->addr.ip - skip;
}

void presence_way(const struct presence *p, uint8_t out[static PRESENCE_WAY])
{
	uint8_t whole[PRESENCE_MAX];
	size_t head = PRESENCE_TIME_AT - 1;

	presence_encode(p, 1, whole);
	memcpy(out, whole + 1, head);
	memcpy(out + head, whole + HEAD, PRESENCE_WAY - head);
}

/* The mapped form of the LEN bytes at IP; false if there is no such address. */
static bool get_ip(const uint8_t *ip, size_t len, struct addr *out)
{
	if (len != 4 && len != sizeof out->ip)
		return false;
	if (len == 4)
		out->ip[10] = out->ip[11] = 0xff;
	memcpy(out->ip + sizeof out->ip - len, ip, len);
	return true;
}

int presence_decode(const uint8_t *data, size_t len, struct presence *out)
{
	if (len < HEAD + 4 || data[0] < PRESENCE_OLDEST ||
	    data[0] > PRESENCE_NEWEST || data[1] < VIA_UDP || data[1] > VIA_WS)
		return -EINVAL;
	*out = (struct presence){
		.via = (enum transport)data[1],
		.addr.port = (uint16_t)(data[2] | data[3] << 8),
		.epoch = le32_get(data + PRESENCE_EPOCH_AT),
		.written_s = le32_get(data + PRESENCE_TIME_AT),
	};
	if (data[0] == 1)
		return len == HEAD + 16 && get_ip(data + HEAD, 16, &out->addr)
			       ? 0
			       : -EINVAL;
	out->local = data[HEAD];
	return get_ip(data + HEAD + 1, len - HEAD - 1, &out->addr) ? 0
								   : -EINVAL;
}
