#include "services/api/client/assign.h"

#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/book/books.h"
#include "services/api/core/options.h"
#include "services/api/core/rows.h"
#include "services/api/core/target.h"
#include "services/api/device/devices.h"
#include "services/api/device/trust.h"
#include "services/api/journal/journal.h"

/* Sets FIELD to the guid of the named object; "" and "-" clear it. */
static const char *set_ref(struct call *c, struct doc *dev, const char *name,
			   enum doc_kind kind, struct field_text field,
			   const char *missing)
{
	const char *guid = "";

	if (*name && strcmp(name, "-") != 0)
		guid = doc_guid_by_name(&c->db, kind, name);
	if (!guid)
		return missing;
	doc_set_text(dev, field, guid);
	return NULL;
}

static const char *set_user(struct tx *t, struct call *c, struct doc *dev,
			    struct json_object *in)
{
	(void)t;
	return set_ref(c, dev, js_text(in, "user_name"), DOC_USER, DEVICE_OWNER,
		       "User does not exist");
}

static const char *set_group(struct tx *t, struct call *c, struct doc *dev,
			     struct json_object *in)
{
	(void)t;
	return set_ref(c, dev, js_text(in, "device_group_name"),
		       DOC_DEVICE_GROUP, DEVICE_GROUP,
		       "Device group does not exist");
}

static const char *set_strategy(struct tx *t, struct call *c, struct doc *dev,
				struct json_object *in)
{
	(void)t;
	return set_ref(c, dev, js_text(in, "strategy_name"), DOC_STRATEGY,
		       DEVICE_STRATEGY, "Strategy does not exist");
}

static const char *set_text(struct doc *dev, struct json_object *in,
			    struct field_text field)
{
	const char *text = js_text(in, field.of.name);

	if (!text_is_name(text, 0, 300))
		return "Invalid format";
	doc_set_text(dev, field, text);
	return NULL;
}

static const char *set_note(struct tx *t, struct call *c, struct doc *dev,
			    struct json_object *in)
{
	(void)t, (void)c;
	return set_text(dev, in, DEVICE_NOTE);
}

static const char *set_username(struct tx *t, struct call *c, struct doc *dev,
				struct json_object *in)
{
	(void)t, (void)c;
	return set_text(dev, in, DEVICE_USERNAME);
}

static const char *set_name(struct tx *t, struct call *c, struct doc *dev,
			    struct json_object *in)
{
	(void)t, (void)c;
	return set_text(dev, in, DEVICE_NAME);
}

static const char *set_book(struct tx *t, struct call *c, struct doc *dev,
			    struct json_object *in)
{
	return book_put_device(t, c, dev, in);
}

const struct assign_field assign_fields[] = {
	{ "user_name", "preset-user-name", "user_name", PERM_DEVICE_ASSIGN,
	  set_user },
	{ "strategy_name", "preset-strategy-name", "strategy_name",
	  PERM_DEVICE_STRATEGY, set_strategy },
	{ "device_group_name", "preset-device-group-name", "device_group_name",
	  PERM_DEVICE_GROUP, set_group },
	{ "note", "preset-note", "note", PERM_DEVICE_INFO, set_note },
	/* The client puts these two presets into hostname and username. */
	{ "device_username", "-", "device_username", PERM_DEVICE_INFO,
	  set_username },
	{ "device_name", "-", "device_name", PERM_DEVICE_INFO, set_name },
	{ "address_book_name", "preset-address-book-name", "ab",
	  PERM_DEVICE_INFO, set_book },
	{ "address_book_tag", "preset-address-book-tag", NULL, PERM_NONE,
	  NULL },
	{ "address_book_alias", "preset-address-book-alias", NULL, PERM_NONE,
	  NULL },
	{ "address_book_password", "preset-address-book-password", NULL,
	  PERM_NONE, NULL },
	{ "address_book_note", "preset-address-book-note", NULL, PERM_NONE,
	  NULL },
};
const size_t assign_nfields = ARRAY_LEN(assign_fields);

/* "name[,tag[,alias[,password[,note]]]]": the note may contain commas. */
static struct json_object *split_book(struct call *c, const char *value)
{
	static const char *const parts[] = {
		"address_book_name", "address_book_tag", "address_book_alias",
		"address_book_password", "address_book_note"
	};
	struct json_object *o = call_object(c);

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		bool last = i + 1 == ARRAY_LEN(parts);
		size_t len = last ? strlen(value) : strcspn(value, ",");

		js_set_str(o, parts[i], pool_memdup(&c->pool, value, len));
		value += len;
		if (!*value)
			break;
		value++;
	}
	return o;
}

int assign_device(struct call *c)
{
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, c->param[0]);
	const char *type = js_text(c->in, "type");
	const char *value = js_text(c->in, "value");
	struct tx t;

	if (!dev)
		return call_missing(c);
	for (size_t i = 0; i < assign_nfields; i++) {
		const struct assign_field *f = &assign_fields[i];
		struct target who = target_device(&c->db, dev);
		struct json_object *in = call_object(c);

		if (!f->console || strcmp(f->console, type) != 0)
			continue;
		if (!call_may(c, f->perm, &who))
			return call_forbidden(c);
		js_set_str(in, f->name, value);
		if (strcmp(type, "ab") == 0)
			in = split_book(c, value);
		tx_init(&t, &c->db);
		const char *bad = f->apply(&t, c, dev, in);
		if (bad)
			return call_error(c, 400, bad);
		device_save(&t, dev);
		journal_write(&t, c, CONSOLE_DEVICE, CONSOLE_UPDATE_DEVICE,
			      doc_text(dev, DEVICE_ID));
		return call_result(c, tx_commit(&t));
	}
	return call_error(c, 400, "Invalid format: type");
}

/* The inventory entry of the calling machine; made if hbbs knows it. */
static struct doc *own_device(struct call *c, struct peer *p)
{
	const char *id = js_text(c->in, "id");

	if (!peer_load(&c->db, id, p) ||
	    !peer_same_machine(p, js_text(c->in, "uuid")))
		return NULL;
	struct doc *dev = doc_get(&c->db, DOC_DEVICE, p->guid);
	return dev ? dev : device_new(c, id, p);
}

int assign_by_cli(struct call *c)
{
	struct peer p;
	struct doc *dev = own_device(c, &p);
	struct tx t;

	if (!dev)
		return call_text(c, "Device is not registered yet");
	tx_init(&t, &c->db);
	for (size_t i = 0; i < assign_nfields; i++) {
		const struct assign_field *f = &assign_fields[i];

		if (!f->apply || !js_has(c->in, f->name))
			continue;
		struct target who = target_device(&c->db, dev);
		/* A token for devices may do all that --assign offers. */
		const char *bad = call_may(c, f->perm, &who) || c->who.api
					  ? f->apply(&t, c, dev, c->in)
					  : "Permission denied";
		if (bad)
			return call_text(c, bad);
	}
	trust_pin(dev, &p);
	device_save(&t, dev);
	journal_write(&t, c, CONSOLE_DEVICE, CONSOLE_UPDATE_DEVICE,
		      doc_text(dev, DEVICE_ID));
	return call_result(c, tx_commit(&t));
}

static int result(struct call *c, const char *text)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "result", text);
	return call_json(c, o);
}

/* True if the id belongs to a machine other than the caller's. */
static bool taken(struct call *c, const char *id, const char *deployed)
{
	const char *uuid = js_text(c->in, "uuid");
	struct peer p;

	if (peer_load(&c->db, id, &p) && !peer_same_machine(&p, uuid))
		return true;
	size_t len = strlen(uuid);
	return deployed &&
	       (strncmp(deployed, uuid, len) != 0 || deployed[len] != ' ');
}

int assign_deployed(struct call *c)
{
	const char *id = js_text(c->in, "id");
	const char *uuid = js_text(c->in, "uuid");
	const char *pk = js_text(c->in, "pk");
	uint8_t raw[PEER_UUID_MAX];
	struct peer p;
	struct tx t;

	if (!field_bool(options_get(&c->db, "general"),
			GENERAL_REQUIRE_DEPLOYMENT, false))
		return result(c, "NOT_ENABLED");
	if (!text_is_id(id) || text_unbase64(uuid, raw, sizeof(raw)) < 1 ||
	    text_unbase64(pk, raw, sizeof(raw)) != 32)
		return result(c, "INVALID_INPUT");
	const char *before =
		db_text(db_do(&c->db, "HGET", "policy:deployed", id, NULL));
	if (taken(c, id, before))
		return result(c, "ID_TAKEN");
	tx_init(&t, &c->db);
	tx_expect(&t, "policy:deployed", id, before);
	rows_deployed(&t, id, uuid, pk);
	/* Deploying a deleted device brings it back. */
	if (peer_load(&c->db, id, &p) && device_deleted(&c->db, p.guid)) {
		tx_do(&t, "HDEL", KEY_DEVICE_DELETED, p.guid, NULL);
		rows_device_forget(&t, id);
	}
	journal_write(&t, c, CONSOLE_DEVICE, CONSOLE_ADD_DEVICE, id);
	int r = tx_commit(&t);
	return r ? r : result(c, "OK");
}
