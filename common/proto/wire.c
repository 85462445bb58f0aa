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
	{ "headers", 0, WIRE_HEADERS_MAX },
	{ "body", SIZE_MAX, 0 },
	{ "message", SIZE_MAX, 0 },
};

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad; /* once set, every read returns 0 */
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

static bool value_ok(const ProtobufCFieldDescriptor *f, struct cursor value,
		     size_t *fields);

/* Walks one message. Recursion is as deep as our own messages nest: unknown
 * fields are skipped by length, and groups are refused. */
static bool message_ok(const ProtobufCMessageDescriptor *d, struct cursor c,
		       size_t *fields)
{
	size_t repeated = 0;

	while (c.at < c.end && !c.bad) {
		uint64_t tag = read_varint(&c);
		const ProtobufCFieldDescriptor *f = NULL;
		if (tag >> 3 == 0 || tag > UINT32_MAX ||
		    ++*fields > WIRE_FIELDS_MAX)
			return false;
		f = protobuf_c_message_descriptor_get_field(
			d, (unsigned)(tag >> 3));
		if (f && f->label == PROTOBUF_C_LABEL_REPEATED &&
		    ++repeated > count_limit(f))
			return false;

		switch (tag & 7) {
		case 0:
			read_varint(&c);
			break;
		case 1:
			read_bytes(&c, 8);
			break;
		case 2: {
			uint64_t len = read_varint(&c);
			struct cursor value = read_bytes(&c, len);
			if (f && !c.bad && !value_ok(f, value, fields))
				return false;
			break;
		}
		case 5:
			read_bytes(&c, 4);
			break;
		default:
			return false; /* a group, or nothing at all */
		}
	}
	return !c.bad;
}

static bool value_ok(const ProtobufCFieldDescriptor *f, struct cursor value,
		     size_t *fields)
{
	size_t len = (size_t)(value.end - value.at);

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return message_ok(f->descriptor, value, fields);
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
	size_t fields = 0;

	arena->used = 0;
	arena->spill = NULL;
	arena->spilled = 0;
	if (!message_ok(d, all, &fields))
		return NULL;
	arena->spill_cap = 2 * len + fields * SPILL_PER_FIELD + SPILL_BASE;
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
