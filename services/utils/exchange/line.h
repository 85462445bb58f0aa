/*
 * line: one line of an export, to and from JSON. Pure.
 *
 *   {"rustdesk-stack":"export","version":1,"created":"2026-01-31T12:00:00Z"}
 *   {"peer":{"id":"..","guid":"..","uuid":"base64","pk":"base64",
 *            "ip":"..","created":"..","disabled":true}}
 *   {"key":"api:user","field":"guid","json":{..}}        of a hash
 *   {"key":"api:user:name","field":"..","text":".."}
 *   {"key":"api:user:order","member":"..","score":".."}  of a sorted set
 *   {"key":"..","member":".."}                           of a set
 *   {"key":"..","text":".."}                             a string
 *   {"key":"..","expires_ms":1}                          of any key
 *
 * A value that is a JSON object is written as one ("json"), other text as
 * text, anything else as "base64".
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/record.h"

enum { LINE_VERSION = 1 };

enum line_kind {
	LINE_BAD,
	LINE_HEAD,
	LINE_PEER,
	LINE_FIELD,
	LINE_SCORED,
	LINE_MEMBER,
	LINE_STRING,
	LINE_EXPIRES,
};

/* Borrows from ROOT, which the reader owns; VALUE_OWN is freed with it. */
struct line {
	enum line_kind kind;
	struct json_object *root;
	const char *key;
	const char *name; /* field, member, or the id of a peer */
	const char *score;
	const char *value;
	size_t value_len;
	int64_t expires_ms;
	struct record peer;
	void *value_own;
};

/* LINE_BAD if it is none of the above. */
void line_parse(struct line *out, const char *text, size_t len);
void line_free(struct line *l);

/* New objects, to be written with line_print(); NULL if out of memory or if a
 * name is not text. */
struct json_object *line_head(int64_t now_s);
struct json_object *line_peer(const char *id, size_t len,
			      const struct record *r);
struct json_object *line_key(const char *key, size_t len);
/* False if DATA is not text. */
MUST_USE bool line_add_text(struct json_object *o, const char *name,
			    const char *data, size_t len);
/* As json, text or base64; without SECRETS, members that hold secrets are
 * left out of objects. */
void line_add_value(struct json_object *o, const char *data, size_t len,
		    bool secrets);
