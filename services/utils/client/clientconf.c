#include "services/utils/client/clientconf.h"

#include <errno.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { JSON_MAX = CLIENTCONF_TEXT_MAX / 4 * 3 - 3 };

/* No field may hold these: they separate fields, or cannot be typed. */
static bool is_clean(const char *text)
{
	for (; text && *text; text++) {
		if (*text <= ' ' || *text == 0x7f || strchr(",\"\\", *text))
			return false;
	}
	return true;
}

const char *clientconf_problem(const struct clientconf *c)
{
	if (!c->host || !*c->host)
		return "a host is needed";
	if (!is_clean(c->host))
		return "the host holds a blank, a comma or a quote";
	if (!is_clean(c->relay))
		return "the relay holds a blank, a comma or a quote";
	if (!is_clean(c->api))
		return "the API address holds a blank, a comma or a quote";
	if (!is_clean(c->key))
		return "the key holds a blank, a comma or a quote";
	return NULL;
}

static bool add(struct json_object *o, const char *name, const char *value)
{
	struct json_object *s = value ? json_object_new_string(value) : NULL;

	if (!value)
		return true;
	if (s && json_object_object_add(o, name, s) == 0)
		return true;
	json_object_put(s);
	return false;
}

static void reverse(char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n / 2; i++) {
		char c = s[i];
		s[i] = s[n - 1 - i];
		s[n - 1 - i] = c;
	}
}

int clientconf_encode(const struct clientconf *c,
		      char out[static CLIENTCONF_TEXT_MAX])
{
	struct json_object *o = json_object_new_object();
	int r = -ENOMEM;

	if (o && add(o, "host", c->host) && add(o, "relay", c->relay) &&
	    add(o, "api", c->api) && add(o, "key", c->key)) {
		size_t len = 0;
		const char *json = json_object_to_json_string_length(
			o,
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
			&len);
		r = len > JSON_MAX ? -E2BIG : 0;
		if (r == 0)
			sodium_bin2base64(
				out, CLIENTCONF_TEXT_MAX,
				(const unsigned char *)json, len,
				sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	}
	if (r == 0)
		reverse(out);
	json_object_put(o);
	return r;
}

/* Windows forbids these in file names. */
static bool fits_file_name(const struct clientconf *c)
{
	const char *const fields[] = { c->host, c->relay, c->api, c->key };

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (fields[i] && strpbrk(fields[i], "<>:\"/\\|?*"))
			return false;
	}
	return true;
}

static int plain_name(const struct clientconf *c,
		      char out[static CLIENTCONF_TEXT_MAX])
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "rustdesk-host=", c->host },
		{ "key=", c->key },
		{ "api=", c->api },
		{ "relay=", c->relay },
	};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!fields[i].value || !*fields[i].value)
			continue;
		int n = snprintf(out + len, CLIENTCONF_TEXT_MAX - len, "%s%s,",
				 fields[i].name, fields[i].value);
		if (n < 0 || (size_t)n >= CLIENTCONF_TEXT_MAX - len)
			return -E2BIG;
		len += (size_t)n;
	}
	/* The comma at the end shields against the " (1)" of a second
	 * download. */
	int n = snprintf(out + len, CLIENTCONF_TEXT_MAX - len, ".exe");
	return n < 0 || (size_t)n >= CLIENTCONF_TEXT_MAX - len ? -E2BIG : 0;
}

int clientconf_file_name(const struct clientconf *c,
			 char out[static CLIENTCONF_TEXT_MAX])
{
	char encoded[CLIENTCONF_TEXT_MAX];
	int r;

	if (fits_file_name(c))
		return plain_name(c, out);
	r = clientconf_encode(c, encoded);
	if (r < 0)
		return r;
	/* The client splits the name at "--". */
	if (strstr(encoded, "--") || encoded[0] == '-')
		return -EINVAL;
	int n = snprintf(out, CLIENTCONF_TEXT_MAX, "rustdesk-licensed-%s.exe",
			 encoded);
	return n < 0 || n >= CLIENTCONF_TEXT_MAX ? -E2BIG : 0;
}
