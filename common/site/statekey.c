#include "common/site/statekey.h"

#include <stdio.h>

uint16_t statekey_crc16(const void *data, size_t len)
{
	const uint8_t *p = data;
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)p[i] << 8;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
	}
	return (uint16_t)crc;
}

const char *statekey_peer(const char *id, size_t len,
			  char out[static STATEKEY_MAX])
{
	snprintf(out, STATEKEY_MAX, "peer:%04x", statekey_crc16(id, len));
	return out;
}

const char *statekey_seen(const char *id, size_t len,
			  char out[static STATEKEY_MAX])
{
	snprintf(out, STATEKEY_MAX, "seen:%04x", statekey_crc16(id, len));
	return out;
}

const char *statekey_node(const char *service, uint32_t epoch,
			  char out[static STATEKEY_MAX])
{
	snprintf(out, STATEKEY_MAX, "node:%.10s:%08x", service, epoch);
	return out;
}

const char *statekey_lists(uint32_t epoch, char out[static STATEKEY_MAX])
{
	snprintf(out, STATEKEY_MAX, "lists:hbbr:%08x", epoch);
	return out;
}

const char *statekey_bus(const char *service, uint32_t epoch,
			 char out[static STATEKEY_MAX])
{
	snprintf(out, STATEKEY_MAX, "bus:%.10s:%08x", service, epoch);
	return out;
}
