#include "services/hbbs/state/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void outbox_init(struct outbox *o)
{
	*o = (struct outbox){ 0 };
}

void outbox_fini(struct outbox *o)
{
	free(o->acts);
	free(o->bytes);
	*o = (struct outbox){ 0 };
}

void outbox_reset(struct outbox *o)
{
	o->n = 0;
	o->used = 0;
}

/* Doubles until NEED fits below MAX; false leaves everything as it was. */
static bool grow(void **mem, size_t *cap, size_t need, size_t max, size_t unit)
{
	if (need <= *cap)
		return true;
	if (need > max)
		return false;

	size_t want = *cap ? *cap : 64;
	while (want < need)
		want *= 2;
	void *bigger = realloc(*mem, want * unit);
	if (!bigger)
		return false;
	*mem = bigger;
	*cap = want;
	return true;
}

static bool reserve_bytes(struct outbox *o, size_t len)
{
	void *mem = o->bytes;
	bool ok = grow(&mem, &o->size, o->used + len, OUTBOX_BYTES_MAX, 1);
	o->bytes = mem;
	return ok;
}

struct action *outbox_add(struct outbox *o, enum act kind, size_t len,
			  uint8_t **body)
{
	void *mem = o->acts;
	bool ok = grow(&mem, &o->cap, o->n + 1, OUTBOX_ACTIONS_MAX,
		       sizeof *o->acts);
	o->acts = mem;
	if (!ok || !reserve_bytes(o, len)) {
		o->dropped++;
		return NULL;
	}

	struct action *a = &o->acts[o->n++];
	*a = (struct action){ .kind = kind,
			      .body = { .off = o->used, .len = len } };
	if (body)
		*body = o->bytes + o->used;
	o->used += len;
	return a;
}

bool outbox_set_id(struct outbox *o, unsigned which, const char *id, size_t len)
{
	assert(o->n > 0 && which < 2);
	if (!reserve_bytes(o, len + 1)) {
		o->n--;
		o->dropped++;
		return false;
	}
	memcpy(o->bytes + o->used, id, len);
	o->bytes[o->used + len] = '\0';
	o->acts[o->n - 1].id[which] =
		(struct slice){ .off = o->used, .len = len };
	o->used += len + 1;
	return true;
}

const uint8_t *outbox_at(const struct outbox *o, struct slice s)
{
	return !o->bytes ? (const uint8_t *)"" : o->bytes + s.off;
}
