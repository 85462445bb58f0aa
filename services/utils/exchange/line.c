#include "services/utils/exchange/line.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/utf8.h"

enum { B64 = sodium_base64_VARIANT_ORIGINAL, TIME_TEXT = 32 };

static void add(struct json_object *o, const char *name, const char *data,
		size_t len)
{
	json_object_object_add(o, name,
			       json_object_new_string_len(data, (int)len));
}

static void add_base64(struct json_object *o, const char *name,
		       const void *data, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, B64);
	char *text = malloc(size);

	if (!text)
		abort();
	sodium_bin2base64(text, size, data, len, B64);
	add(o, name, text, strlen(text));
	free(text);
}

static void add_time(struct json_object *o, const char *name, int64_t at_s)
{
	char text[TIME_TEXT];
	time_t t = (time_t)at_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		add(o, name, text, strlen(text));
}

struct json_object *line_head(int64_t now_s)
{
	struct json_object *o = json_object_new_object();

	add(o, "rustdesk-stack", "export", 6);
	json_object_object_add(o, "version", json_object_new_int(LINE_VERSION));
	add_time(o, "created", now_s);
	return o;
}

struct json_object *line_peer(const char *id, size_t len,
			      const struct record *r)
{
	struct json_object *o, *peer;
	char ip[ADDR_TEXT_MAX], guid[2 * RECORD_GUID_LEN + 1];

	if (!utf8_valid((const uint8_t *)id, len))
		return NULL;
	o = json_object_new_object();
	peer = json_object_new_object();
	json_object_object_add(o, "peer", peer);
	add(peer, "id", id, len);
	sodium_bin2hex(guid, sizeof(guid), r->guid, sizeof(r->guid));
	add(peer, "guid", guid, strlen(guid));
	add_base64(peer, "uuid", r->uuid, r->uuid_len);
	if (r->has_pk)
		add_base64(peer, "pk", r->pk, sizeof(r->pk));
	if (r->has_ip) {
		addr_format_ip(&r->ip, ip);
		add(peer, "ip", ip, strlen(ip));
	}
	add_time(peer, "created", r->created_s);
	if (r->disabled)
		json_object_object_add(peer, "disabled",
				       json_object_new_boolean(true));
	if (r->no_register_device)
		json_object_object_add(peer, "no_register_device",
				       json_object_new_boolean(true));
	return o;
}

struct json_object *line_key(const char *key, size_t len)
{
	struct json_object *o = json_object_new_object();

	if (line_add_text(o, "key", key, len))
		return o;
	json_object_put(o);
	return NULL;
}

bool line_add_text(struct json_object *o, const char *name, const char *data,
		   size_t len)
{
	if (len > 0 && (!utf8_valid((const uint8_t *)data, len) ||
			memchr(data, '\0', len)))
		return false;
	add(o, name, data, len);
	return true;
}

/* --- values ------------------------------------------------------------------
 */

static bool is_secret(const char *name)
{
	static const char *const names[] = {
		"pw",     "password",      "hash",          "totp",     "pin",
		"secret", "bind_password", "client_secret", "recovery",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static void strip(struct json_object *o)
{
	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			strip(json_object_array_get_idx(o, i));
		return;
	}
	if (!json_object_is_type(o, json_type_object))
		return;
	struct json_object_iterator i = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	const char *gone[64];
	size_t n = 0;
	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		const char *name = json_object_iter_peek_name(&i);
		if (is_secret(name) && n < ARRAY_LEN(gone))
			gone[n++] = name;
		else
			strip(json_object_iter_peek_value(&i));
	}
	while (n > 0)
		json_object_object_del(o, gone[--n]);
}

static struct json_object *parse(const char *text, size_t len)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = NULL;

	if (t && len > 0 && len < INT_MAX) {
		json_tokener_set_flags(t, JSON_TOKENER_STRICT |
						  JSON_TOKENER_VALIDATE_UTF8);
		o = json_tokener_parse_ex(t, text, (int)len);
		if (json_tokener_get_error(t) != json_tokener_success ||
		    json_tokener_get_parse_end(t) != len) {
			json_object_put(o);
			o = NULL;
		}
	}
	if (t)
		json_tokener_free(t);
	return o;
}

void line_add_value(struct json_object *o, const char *data, size_t len,
		    bool secrets)
{
	struct json_object *value =
		len > 0 && data[0] == '{' ? parse(data, len) : NULL;

	if (json_object_is_type(value, json_type_object)) {
		if (!secrets)
			strip(value);
		json_object_object_add(o, "json", value);
		return;
	}
	json_object_put(value);
	if (!line_add_text(o, "text", data, len))
		add_base64(o, "base64", data, len);
}

/* --- reading
 * ------------------------------------------------------------------ */

static const char *text_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) ||
	    !json_object_is_type(v, json_type_string) ||
	    strlen(json_object_get_string(v)) !=
		    (size_t)json_object_get_string_len(v))
		return NULL;
	return json_object_get_string(v);
}

static bool flag_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) &&
	       json_object_get_boolean(v);
}

static bool bytes_of(struct json_object *o, const char *name, uint8_t *out,
		     size_t size, size_t *len)
{
	const char *text = text_of(o, name);

	return text && sodium_base642bin(out, size, text, strlen(text), NULL,
					 len, NULL, B64) == 0;
}

static bool read_time(const char *text, int64_t *out)
{
	struct tm tm = { .tm_year = 0 };
	const char *end =
		text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	*out = end ? (int64_t)timegm(&tm) : 0;
	return end && *end == '\0';
}

static bool read_peer(struct line *l, struct json_object *o)
{
	struct record *r = &l->peer;
	size_t len;
	const char *guid = text_of(o, "guid"), *ip = text_of(o, "ip");

	l->name = text_of(o, "id");
	if (!l->name || !*l->name || strlen(l->name) > WIRE_ID_MAX || !guid ||
	    sodium_hex2bin(r->guid, sizeof(r->guid), guid, strlen(guid), NULL,
			   &len, NULL) != 0 ||
	    len != sizeof(r->guid) ||
	    !bytes_of(o, "uuid", r->uuid, sizeof(r->uuid), &r->uuid_len) ||
	    !read_time(text_of(o, "created"), &r->created_s))
		return false;
	r->has_pk = json_object_object_get_ex(o, "pk", NULL);
	if (r->has_pk && (!bytes_of(o, "pk", r->pk, sizeof(r->pk), &len) ||
			  len != sizeof(r->pk)))
		return false;
	r->has_ip = ip;
	if (r->has_ip && addr_parse(ip, 0, &r->ip) < 0)
		return false;
	r->disabled = flag_of(o, "disabled");
	r->no_register_device = flag_of(o, "no_register_device");
	return true;
}

static bool read_value(struct line *l)
{
	struct json_object *v;
	const char *text = text_of(l->root, "text");

	if (text) {
		l->value = text;
		l->value_len = strlen(text);
		return true;
	}
	if (json_object_object_get_ex(l->root, "json", &v) &&
	    json_object_is_type(v, json_type_object)) {
		l->value = json_object_to_json_string_length(
			v,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
			&l->value_len);
		return l->value;
	}
	text = text_of(l->root, "base64");
	if (!text)
		return false;
	size_t size = strlen(text) / 4 * 3 + 3;
	l->value_own = malloc(size);
	l->value = l->value_own;
	return l->value_own &&
	       sodium_base642bin(l->value_own, size, text, strlen(text), NULL,
				 &l->value_len, NULL, B64) == 0;
}

static enum line_kind key_kind(struct line *l)
{
	struct json_object *v;

	l->key = text_of(l->root, "key");
	if (!l->key || !*l->key)
		return LINE_BAD;
	if (json_object_object_get_ex(l->root, "expires_ms", &v)) {
		l->expires_ms = json_object_get_int64(v);
		return l->expires_ms > 0 ? LINE_EXPIRES : LINE_BAD;
	}
	l->name = text_of(l->root, "member");
	l->score = text_of(l->root, "score");
	if (l->name)
		return l->score ? LINE_SCORED : LINE_MEMBER;
	l->name = text_of(l->root, "field");
	if (!read_value(l))
		return LINE_BAD;
	return l->name ? LINE_FIELD : LINE_STRING;
}

void line_parse(struct line *out, const char *text, size_t len)
{
	struct json_object *v;

	*out = (struct line){ .kind = LINE_BAD };
	out->root = parse(text, len);
	if (!json_object_is_type(out->root, json_type_object))
		return;
	if (json_object_object_get_ex(out->root, "peer", &v)) {
		if (json_object_is_type(v, json_type_object) &&
		    read_peer(out, v))
			out->kind = LINE_PEER;
	} else if (text_of(out->root, "rustdesk-stack")) {
		if (json_object_object_get_ex(out->root, "version", &v) &&
		    json_object_get_int(v) == LINE_VERSION)
			out->kind = LINE_HEAD;
	} else {
		out->kind = key_kind(out);
	}
}

void line_free(struct line *l)
{
	json_object_put(l->root);
	free(l->value_own);
	l->root = NULL;
	l->value_own = NULL;
}
