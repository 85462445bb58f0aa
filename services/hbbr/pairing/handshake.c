#include "services/hbbr/pairing/handshake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/keys.h"

/* No valid first frame is shorter, so reading two bytes at once never takes
 * a byte of the stream behind it, and mostly yields the whole head. */
enum { FIRST_READ = 2 };

void handshake_init(struct handshake *h)
{
	*h = (struct handshake){ 0 };
}

void handshake_fini(struct handshake *h)
{
	free(h->frame);
	h->frame = NULL;
}

size_t handshake_want(struct handshake *h, uint8_t **at)
{
	if (h->frame) {
		*at = h->frame + h->have;
		return h->total - h->have;
	}
	*at = h->start + h->have;
	if (h->have < FIRST_READ)
		return FIRST_READ - h->have;
	return frame_head_len(h->start[0]) - h->have;
}

/* The head is complete: make room for the rest of the frame. */
static int handshake_sized(struct handshake *h, size_t head_len)
{
	size_t body_len = frame_body_len(h->start);

	if (body_len == 0)
		return -EBADMSG;
	if (body_len > HANDSHAKE_MAX)
		return -EMSGSIZE;
	h->total = head_len + body_len;
	h->frame = malloc(h->total);
	if (!h->frame)
		return -ENOMEM;
	memcpy(h->frame, h->start, h->have);
	return h->have == h->total;
}

int handshake_got(struct handshake *h, size_t n)
{
	h->have += n;
	if (h->frame) {
		assert(h->have <= h->total);
		return h->have == h->total;
	}

	size_t head_len = frame_head_len(h->start[0]);
	/* One byte can be a whole frame, an empty one: no second is waited
	 * for. */
	if (h->have < head_len ||
	    (h->have < FIRST_READ && frame_body_len(h->start) > 0))
		return 0;
	return handshake_sized(h, head_len);
}

const uint8_t *handshake_payload(const struct handshake *h, size_t *len)
{
	assert(h->frame && h->have == h->total);

	size_t head_len = frame_head_len(h->frame[0]);
	*len = h->total - head_len;
	return h->frame + head_len;
}

static enum reason judge_request(const char *key, const Hbb__RequestRelay *r,
				 struct relay_request *out)
{
	if (key[0] != '\0' && !keys_text_eq(key, r->licence_key))
		return REASON_BAD_KEY;

	/* wire_unpack() refuses longer ones. */
	size_t len = strlen(r->uuid);
	if (len == 0 || len > WIRE_UUID_TEXT_MAX)
		return REASON_BAD_UUID;
	memcpy(out->uuid, r->uuid, len + 1);
	out->controller = r->id[0] != '\0';
	out->tunnel = r->conn_type == HBB__CONN_TYPE__PORT_FORWARD ||
		      r->conn_type == HBB__CONN_TYPE__RDP;
	return REASON_NONE;
}

enum reason handshake_judge(const char *key, const uint8_t *msg, size_t len,
			    struct relay_request *out)
{
	struct wire_arena arena;

	if (len > HANDSHAKE_MAX)
		return REASON_TOO_BIG;
	Hbb__RendezvousMessage *m = wire_unpack(&arena, msg, len);
	if (!m)
		return REASON_BAD_MESSAGE;

	enum reason why = REASON_BAD_MESSAGE;
	if (m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY)
		why = judge_request(key, m->request_relay, out);
	wire_release(&arena);
	return why;
}
