#include "services/api/device/trust.h"

#include <sodium.h>
#include <string.h>

#include "services/api/device/devices.h"
#include "services/api/device/retired.h"

enum { KEY_TEXT = 48 }; /* base64 of 32 bytes */

/* The key of P as text; "-" for a device without one. */
static void key_of(const struct peer *p, char out[static KEY_TEXT])
{
	if (p->has_pk)
		text_base64(p->pk, sizeof(p->pk), out, KEY_TEXT);
	else
		strcpy(out, "-");
}

static bool remembered(const struct doc *dev, struct field_text field,
		       const struct peer *p)
{
	char key[KEY_TEXT];

	key_of(p, key);
	return strcmp(doc_text(dev, field), key) == 0;
}

/* `--deploy` leaves machine id and key: "uuid pk", both base64. */
static bool deployed(struct db *d, const struct doc *dev, const struct peer *p)
{
	const char *row = db_text(db_do(d, "HGET", "policy:deployed",
					doc_text(dev, DEVICE_ID), NULL));
	const char *key = row ? strchr(row, ' ') : NULL;
	uint8_t pk[sizeof(p->pk)];

	return key && p->has_pk &&
	       peer_same_machine(
		       p, pool_memdup(d->pool, row, (size_t)(key - row))) &&
	       text_unbase64(key + 1, pk, sizeof(pk)) == sizeof(pk) &&
	       sodium_memcmp(pk, p->pk, sizeof(pk)) == 0;
}

void trust_pin(struct doc *dev, const struct peer *p)
{
	char key[KEY_TEXT];

	key_of(p, key);
	doc_set_text(dev, DEVICE_TRUSTED_KEY, key);
}

bool trust_holds(struct db *d, const struct doc *dev, const struct peer *p)
{
	return remembered(dev, DEVICE_TRUSTED_KEY, p) || deployed(d, dev, p);
}

void trust_note_signed(struct call *c, const struct peer *p)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, p->guid);
	char key[KEY_TEXT];
	struct tx t;

	if (!dev || remembered(dev, DEVICE_SIGNED_KEY, p))
		return;
	key_of(p, key);
	doc_set_text(dev, DEVICE_SIGNED_KEY, key);
	tx_init(&t, &c->db);
	device_save(&t, dev);
	/* Another writer was first: the next signature is noted. */
	(void)!tx_commit(&t);
}

bool trust_proved(struct db *d, const struct doc *dev)
{
	struct peer p;

	return peer_load(d, doc_text(dev, DEVICE_ID), &p) && p.has_pk &&
	       strcmp(p.guid, dev->guid) == 0 &&
	       (trust_holds(d, dev, &p) ||
		remembered(dev, DEVICE_SIGNED_KEY, &p));
}

bool trust_no_room(struct call *c, const struct peer *p)
{
	struct doc *dev = NULL;

	if (!call_no_room(c))
		return false;
	dev = doc_get(&c->db, DOC_DEVICE, p->guid);
	if (!dev)
		dev = retired_take(&c->db, p->guid);
	c->no_room = !dev || !trust_proved(&c->db, dev);
	return c->no_room;
}
