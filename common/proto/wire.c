#include "common/proto/wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"

/*
 * First a walk over the bytes that allocates nothing and judges them by the
 * message descriptors; only what passes is given to protobuf-c.
 */
enum {
	SPILL_BASE = 2048,
	SPILL_PER_FIELD = 128, /* protobuf-c's bookkeeping, and rounding */
	TEXT_MAX = 8192,       /* strings without a limit of their own */
	REPEATED_MAX = 64 /* repeated fields without a limit of their own */
};

/* Wire types. */
enum { VARINT, FIXED64, LENGTH, GROUP_START, GROUP_END, FIXED32 };

/* Limits by field name: a name means the same in every message. */
static const struct {
	const char *name;
	size_t max_len;   /* of one text or byte string */
	size_t max_count; /* of a repeated field, 0: REPEATED_MAX */
} limits[] = {
	{ "id", WIRE_ID_FIELD_MAX, 0 },
	{ "old_id", WIRE_ID_FIELD_MAX, 0 },
	{ "peers", WIRE_ID_MAX, WIRE_PEERS_MAX },
	{ "uuid", WIRE_MACHINE_ID_MAX, 0 },
	{ "version", WIRE_VERSION_MAX, 0 },
	{ "token", WIRE_TOKEN_MAX, 0 },
	{ "licence_key", WIRE_KEY_MAX, 0 },
	{ "relay_server", WIRE_RELAY_MAX, 0 },
	{ "signed_params", WIRE_PARAMS_MAX, 0 },
	{ "webrtc_sdp_offer", WIRE_SDP_MAX, 0 },
	{ "webrtc_sdp_answer", WIRE_SDP_MAX, 0 },
	{ "headers", 0, WIRE_HEADERS_MAX },
	{ "body", SIZE_MAX, 0 },
	{ "message", SIZE_MAX, 0 },
};

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad; /* once set, every read returns 0 */
};

/* What one walk over a message has found, and may do. */
struct walk {
	size_t fields;       /* of all levels */
	bool groups;         /* there were some */
	const uint8_t *from; /* the input, and a copy of it whose groups are */
	uint8_t *copy;       /* to be overwritten; or NULL */
};

static uint64_t read_varint(struct cursor *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
		uint8_t byte = *c->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	c->bad = true;
	return 0;
}

static struct cursor read_bytes(struct cursor *c, uint64_t len)
{
	struct cursor part = { .at = c->at, .end = c->at };

	if (c->bad || len > (size_t)(c->end - c->at)) {
		c->bad = true;
		return part;
	}
	c->at += len;
	part.end = c->at;
	return part;
}

static size_t len_limit(const ProtobufCFieldDescriptor *f)
{
	/* A relay uuid is a string, a machine id is bytes. */
	if (f->type == PROTOBUF_C_TYPE_STRING && strcmp(f->name, "uuid") == 0)
		return WIRE_UUID_TEXT_MAX;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (strcmp(f->name, limits[i].name) == 0)
			return limits[i].max_len;
	}
	return TEXT_MAX;
}

static size_t count_limit(const ProtobufCFieldDescriptor *f)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (limits[i].max_count && strcmp(f->name, limits[i].name) == 0)
			return limits[i].max_count;
	}
	return REPEATED_MAX;
}

/* The next tag, or 0 if it is none. Counts the field. */
static uint32_t read_tag(struct cursor *c, struct walk *w)
{
	uint64_t tag = read_varint(c);

	if (c->bad || tag >> 3 == 0 || tag > UINT32_MAX ||
	    ++w->fields > WIRE_FIELDS_MAX)
		return 0;
	return (uint32_t)tag;
}

/* Skips a value that has no fields of its own. False: the type has some, or
 * does not exist. */
static bool skip_plain(struct cursor *c, unsigned type)
{
	if (type == VARINT)
		read_varint(c);
	else if (type == FIXED64)
		read_bytes(c, 8);
	else if (type == LENGTH)
		read_bytes(c, read_varint(c));
	else if (type == FIXED32)
		read_bytes(c, 4);
	else
		return false;
	return true;
}

/* Walks from behind the start of a group to behind its end. */
static bool skip_group(struct cursor *c, struct walk *w, uint32_t number)
{
	uint32_t open[WIRE_GROUPS_MAX] = { number };
	size_t depth = 1;

	while (depth > 0) {
		uint32_t tag = read_tag(c, w);
		if (tag == 0)
			return false;
		if ((tag & 7) == GROUP_START) {
			if (depth == WIRE_GROUPS_MAX)
				return false;
			open[depth++] = tag >> 3;
		} else if ((tag & 7) == GROUP_END) {
			if (open[--depth] != tag >> 3)
				return false;
		} else if (!skip_plain(c, tag & 7)) {
			return false;
		}
	}
	return !c->bad;
}

/* Makes the group from FROM to TO an unknown field of the same length that
 * protobuf-c knows how to skip: its tag with the other type, then a length,
 * padded to as many bytes as it takes, and whatever was there. */
static void hide_group(struct walk *w, const uint8_t *from, const uint8_t *body,
		       const uint8_t *to)
{
	uint8_t *tag = w->copy + (from - w->from);
	uint8_t *at = w->copy + (body - w->from);
	size_t room = (size_t)(to - body);
	size_t head = 1;

	while ((room - head) >> (7 * head) != 0)
		head++;
	*tag = (uint8_t)((*tag & ~7U) | LENGTH);
	for (size_t i = 0, left = room - head; i < head; i++, left >>= 7)
		at[i] = (uint8_t)((left & 0x7f) | (i + 1 < head ? 0x80 : 0));
}

/* A group is never one of our fields; protobuf-c refuses all of them, other
 * libraries skip what they do not know. START is its tag. */
static bool group_ok(struct cursor *c, struct walk *w, const uint8_t *start,
		     uint32_t number)
{
	const uint8_t *body = c->at;

	if (!skip_group(c, w, number))
		return false;
	w->groups = true;
	if (w->copy)
		hide_group(w, start, body, c->at);
	return true;
}

static bool value_ok(const ProtobufCFieldDescriptor *f, struct cursor value,
		     struct walk *w);

/* Walks one message. Recursion is as deep as our own messages nest: unknown
 * fields are skipped, by length or as groups. */
static bool message_ok(const ProtobufCMessageDescriptor *d, struct cursor c,
		       struct walk *w)
{
	size_t repeated = 0;

	while (c.at < c.end && !c.bad) {
		const uint8_t *start = c.at;
		uint32_t tag = read_tag(&c, w);
		if (tag == 0)
			return false;
		const ProtobufCFieldDescriptor *f =
			protobuf_c_message_descriptor_get_field(d, tag >> 3);
		if (f && f->label == PROTOBUF_C_LABEL_REPEATED &&
		    ++repeated > count_limit(f))
			return false;

		if ((tag & 7) == LENGTH && f) {
			struct cursor value = read_bytes(&c, read_varint(&c));
			if (!c.bad && !value_ok(f, value, w))
				return false;
		} else if ((tag & 7) == GROUP_START && !f) {
			if (!group_ok(&c, w, start, tag >> 3))
				return false;
		} else if (!skip_plain(&c, tag & 7)) {
			return false;
		}
	}
	return !c.bad;
}

static bool value_ok(const ProtobufCFieldDescriptor *f, struct cursor value,
		     struct walk *w)
{
	size_t len = (size_t)(value.end - value.at);

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return message_ok(f->descriptor, value, w);
	if (len > len_limit(f))
		return false;
	/* A NUL would end the C string early: two readers of one message
	 * could then see two different ids. */
	return f->type != PROTOBUF_C_TYPE_STRING ||
	       (utf8_valid(value.at, len) && !memchr(value.at, 0, len));
}

struct block {
	_Alignas(16) struct block *next;
};

static void *arena_alloc(void *data, size_t size)
{
	struct wire_arena *a = data;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (size <= sizeof(a->fixed) - a->used) {
		void *p = a->fixed + a->used;
		a->used += size;
		return p;
	}
	if (size > a->spill_cap - a->spilled)
		return NULL;
	struct block *b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->next = a->spill;
	a->spill = b;
	a->spilled += size;
	return b + 1;
}

/* Everything goes at once in wire_release(). */
static void arena_free(void *data, void *p)
{
	(void)data;
	(void)p;
}

/* The same message, in the arena, without its groups. */
static const uint8_t *without_groups(const ProtobufCMessageDescriptor *d,
				     struct wire_arena *arena,
				     struct cursor all)
{
	size_t len = (size_t)(all.end - all.at);
	struct walk w = { .from = all.at };

	arena->spill_cap += len + 16;
	w.copy = arena_alloc(arena, len);
	if (!w.copy)
		return NULL;
	memcpy(w.copy, all.at, len);
	(void)message_ok(d, all, &w);
	return w.copy;
}

ProtobufCMessage *wire_unpack_as(const ProtobufCMessageDescriptor *d,
				 struct wire_arena *arena, const uint8_t *data,
				 size_t len)
{
	ProtobufCAllocator allocator = {
		.alloc = arena_alloc,
		.free = arena_free,
		.allocator_data = arena,
	};
	struct cursor all = { .at = data, .end = data + len };
	struct walk w = { .from = data };

	arena->used = 0;
	arena->spill = NULL;
	arena->spilled = 0;
	if (!message_ok(d, all, &w))
		return NULL;
	arena->spill_cap = 2 * len + w.fields * SPILL_PER_FIELD + SPILL_BASE;
	if (w.groups) {
		data = without_groups(d, arena, all);
		if (!data)
			return NULL;
	}
	ProtobufCMessage *m =
		protobuf_c_message_unpack(d, &allocator, len, data);
	if (!m)
		wire_release(arena);
	return m;
}

Hbb__RendezvousMessage *wire_unpack(struct wire_arena *arena,
				    const uint8_t *data, size_t len)
{
	return (Hbb__RendezvousMessage *)wire_unpack_as(
		&hbb__rendezvous_message__descriptor, arena, data, len);
}

void wire_release(struct wire_arena *arena)
{
	struct block *b = arena->spill;

	while (b) {
		struct block *next = b->next;
		free(b);
		b = next;
	}
	arena->spill = NULL;
}

size_t wire_size(const Hbb__RendezvousMessage *m)
{
	return protobuf_c_message_get_packed_size(&m->base);
}

size_t wire_pack(const Hbb__RendezvousMessage *m, uint8_t *out)
{
	return protobuf_c_message_pack(&m->base, out);
}
