#include "services/utils/backup/item.h"

#include <string.h>

enum { HEAD = 13, NAME_MAX_LEN = 1024 };

static void put_le(uint8_t *out, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get_le(const uint8_t *in, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)in[i] << 8 * i;
	return v;
}

int item_begin(struct buf *out, enum item_kind kind, int64_t expires_ms,
	       const char *name, size_t name_len)
{
	uint8_t head[HEAD] = { (uint8_t)kind };

	put_le(head + 1, (uint64_t)expires_ms, 8);
	put_le(head + 9, name_len, 4);
	int r = buf_append(out, head, sizeof(head));
	return r < 0 ? r : buf_append(out, name, name_len);
}

int item_element(struct buf *out, const void *data, size_t len)
{
	uint8_t head[4];

	put_le(head, len, 4);
	int r = buf_append(out, head, sizeof(head));
	return r < 0 ? r : buf_append(out, data, len);
}

bool item_next(const struct item *i, size_t *at, const uint8_t **data,
	       size_t *len)
{
	if (i->len - *at < 4)
		return false;
	*len = (size_t)get_le(i->data + *at, 4);
	if (*len > i->len - *at - 4)
		return false;
	*data = i->data + *at + 4;
	*at += 4 + *len;
	return true;
}

static bool elements_sound(const struct item *i)
{
	size_t at = 0, n = 0, len;
	const uint8_t *data;

	while (item_next(i, &at, &data, &len))
		n++;
	return at == i->len && n > 0 && (i->kind == ITEM_SET || n % 2 == 0);
}

bool item_parse(const uint8_t *record, size_t len, struct item *out)
{
	if (len < HEAD)
		return false;
	size_t name_len = (size_t)get_le(record + 9, 4);
	if (name_len == 0 || name_len > NAME_MAX_LEN || name_len > len - HEAD)
		return false;
	*out = (struct item){
		.kind = (enum item_kind)record[0],
		.expires_ms = (int64_t)get_le(record + 1, 8),
		.name = (const char *)record + HEAD,
		.name_len = name_len,
		.data = record + HEAD + name_len,
		.len = len - HEAD - name_len,
	};
	if (out->expires_ms < 0)
		return false;
	switch (out->kind) {
	case ITEM_DUMP:
	case ITEM_FILE:
		return out->len > 0;
	case ITEM_HASH:
	case ITEM_ZSET:
	case ITEM_SET:
		return elements_sound(out);
	}
	return false;
}
