#include "common/site/record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/base/le.h"
#include "state.pb-c.h"

static ProtobufCBinaryData bytes_of(const void *p, size_t len)
{
	/* protobuf-c has no const fields; packing only reads. */
	union {
		const void *in;
		uint8_t *out;
	} u = { .in = p };
	return (ProtobufCBinaryData){ .len = len, .data = u.out };
}

size_t record_encode(const struct record *r,
		     uint8_t out[static RECORD_ENCODED_MAX])
{
	State__PeerRecord m = STATE__PEER_RECORD__INIT;
	m.guid = bytes_of(r->guid, sizeof r->guid);
	m.uuid = bytes_of(r->uuid, r->uuid_len);
	if (r->has_pk)
		m.pk = bytes_of(r->pk, sizeof r->pk);
	if (r->has_ip)
		m.ip = addr_is_v4(&r->ip) ? bytes_of(r->ip.ip + 12, 4)
					  : bytes_of(r->ip.ip, 16);
	m.created_s = r->created_s;
	m.no_register_device = r->no_register_device;
	m.disabled = r->disabled;

	assert(state__peer_record__get_packed_size(&m) <= RECORD_ENCODED_MAX);
	return state__peer_record__pack(&m, out);
}

static void copy_ip(struct record *out, const ProtobufCBinaryData *ip)
{
	if (ip->len == 4) {
		out->ip.ip[10] = out->ip.ip[11] = 0xff;
		memcpy(out->ip.ip + 12, ip->data, 4);
	} else if (ip->len == 16) {
		memcpy(out->ip.ip, ip->data, 16);
	}
	out->has_ip = ip->len == 4 || ip->len == 16;
}

int record_decode(const uint8_t *data, size_t len, struct record *out)
{
	if (len < 4)
		return -EINVAL;
	State__PeerRecord *m =
		state__peer_record__unpack(NULL, len - 4, data + 4);
	if (!m)
		return -EINVAL;

	*out = (struct record){
		.revision = le32_get(data),
		.created_s = m->created_s,
		.no_register_device = m->no_register_device,
		.disabled = m->disabled,
		.has_pk = m->pk.len == RECORD_PK_LEN,
	};
	int err = m->uuid.len > sizeof out->uuid ? -EINVAL : 0;
	if (err == 0 && m->uuid.len > 0) {
		memcpy(out->uuid, m->uuid.data, m->uuid.len);
		out->uuid_len = m->uuid.len;
	}
	if (out->has_pk)
		memcpy(out->pk, m->pk.data, RECORD_PK_LEN);
	out->has_guid = m->guid.len == RECORD_GUID_LEN;
	if (out->has_guid)
		memcpy(out->guid, m->guid.data, RECORD_GUID_LEN);
	copy_ip(out, &m->ip);
	state__peer_record__free_unpacked(m, NULL);
	return err;
}

bool record_uuid_eq(const struct record *r, const uint8_t *uuid, size_t len)
{
	return r->uuid_len == len &&
	       (len == 0 || memcmp(r->uuid, uuid, len) == 0);
}
