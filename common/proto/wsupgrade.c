#include "common/proto/wsupgrade.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct text {
	const char *at;
	size_t len;
};

static bool same_word(struct text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

/* The next line without its end; moves T behind it. A bare LF ends one too. */
static struct text next_line(struct text *t)
{
	const char *end = memchr(t->at, '\n', t->len);
	size_t n = end ? (size_t)(end - t->at) : t->len;
	struct text line = { t->at, n };

	t->at += n + (end ? 1 : 0);
	t->len -= n + (end ? 1 : 0);
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct text trim(struct text t)
{
	while (t.len > 0 && (*t.at == ' ' || *t.at == '\t')) {
		t.at++;
		t.len--;
	}
	while (t.len > 0 && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* The part before the next C; moves T behind it. */
static struct text cut(struct text *t, char c)
{
	const char *end = t->len > 0 ? memchr(t->at, c, t->len) : NULL;
	size_t n = end ? (size_t)(end - t->at) : t->len;
	struct text part = { t->at, n };

	t->at += n + (end ? 1 : 0);
	t->len -= n + (end ? 1 : 0);
	return part;
}

/* A comma-separated header has the word WORD. */
static bool has_word(struct text list, const char *word)
{
	while (list.len > 0)
		if (same_word(trim(cut(&list, ',')), word))
			return true;
	return false;
}

/* What is known while the lines are read. */
struct request {
	bool upgrade, connection; /* ask for a WebSocket */
	unsigned keys, versions;  /* how often the header came */
	bool version_ok;
	bool key_ok;
};

/* Several headers of one name are one list (RFC 9110 5.3). What does not fit
 * leaves the mark that no header starts with: it does not count. */
static void join(char out[static WSUPGRADE_FORWARDED], struct text value)
{
	size_t len = strlen(out);
	size_t gap = len > 0 ? 2 : 0;

	if (out[0] == '\n' || len + gap + value.len >= WSUPGRADE_FORWARDED ||
	    memchr(value.at, 0, value.len)) {
		strcpy(out, "\n");
		return;
	}
	memcpy(out + len, ", ", gap);
	memcpy(out + len + gap, value.at, value.len);
	out[len + gap + value.len] = '\0';
}

/* The base64 of 16 bytes: 22 digits, the last with two bits unused. */
static bool is_nonce(struct text value)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	if (value.len != WSUPGRADE_NONCE || value.at[22] != '=' ||
	    value.at[23] != '=')
		return false;
	for (size_t i = 0; i < 22; i++)
		if (value.at[i] == '\0' || !strchr(digits, value.at[i]))
			return false;
	return true;
}

static void take_header(struct request *r, struct wsupgrade *out,
			struct text name, struct text value)
{
	if (same_word(name, "Upgrade")) {
		r->upgrade |= has_word(value, "websocket");
	} else if (same_word(name, "Connection")) {
		r->connection |= has_word(value, "Upgrade");
	} else if (same_word(name, "Sec-WebSocket-Version")) {
		r->versions++;
		r->version_ok = same_word(value, "13");
	} else if (same_word(name, "Sec-WebSocket-Key")) {
		r->keys++;
		r->key_ok = is_nonce(value);
		if (r->key_ok)
			memcpy(out->nonce, value.at, WSUPGRADE_NONCE);
	} else if (same_word(name, "X-Forwarded-For")) {
		join(out->forwarded_for, value);
	} else if (same_word(name, "Forwarded")) {
		join(out->forwarded, value);
	} else if (same_word(name, "X-Real-IP")) {
		join(out->real_ip, value);
	} else if (same_word(name, "X-Forwarded-Proto")) {
		join(out->proto, value);
	}
}

/* "GET /any/path HTTP/1.1". */
static enum wsupgrade_result read_first_line(struct text line)
{
	struct text method = cut(&line, ' ');
	struct text path = cut(&line, ' ');

	if (method.len == 0 || path.len == 0 || line.len != 8 ||
	    memcmp(line.at, "HTTP/1.", 7) != 0)
		return WSUPGRADE_MALFORMED;
	if (method.len != 3 || memcmp(method.at, "GET", 3) != 0)
		return WSUPGRADE_METHOD;
	return line.at[7] == '1' ? WSUPGRADE_OK : WSUPGRADE_PLAIN;
}

static enum wsupgrade_result judge(const struct request *r)
{
	if (!r->upgrade || !r->connection)
		return WSUPGRADE_PLAIN;
	if (r->versions != 1 || !r->version_ok)
		return WSUPGRADE_VERSION;
	return r->keys == 1 && r->key_ok ? WSUPGRADE_OK : WSUPGRADE_KEY;
}

static enum wsupgrade_result read_head(struct text head, struct wsupgrade *out)
{
	struct request r = { 0 };
	enum wsupgrade_result first = read_first_line(next_line(&head));

	if (first != WSUPGRADE_OK)
		return first;
	while (head.len > 0) {
		struct text value = next_line(&head);
		if (value.len == 0)
			break;
		struct text name = cut(&value, ':');
		/* No colon, a folded line, or a blank in the name. */
		if (value.at == name.at + name.len || name.len == 0 ||
		    memchr(name.at, ' ', name.len) ||
		    memchr(name.at, '\t', name.len))
			return WSUPGRADE_MALFORMED;
		take_header(&r, out, name, trim(value));
	}
	return judge(&r);
}

/* Bytes up to behind the empty line, or 0. */
static size_t find_end(const char *data, size_t len)
{
	const char *end = data + len;
	const char *at = data;

	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		const char *next = at + (at < end && *at == '\r');
		if (next < end && *next == '\n')
			return (size_t)(next + 1 - data);
	}
	return 0;
}

/* A request starts with a word in capitals: other protocols need not send a
 * whole head to be known as such. */
static bool looks_like_http(const char *data, size_t len)
{
	for (size_t i = 0; i < len && i < 16; i++) {
		if (data[i] == ' ')
			return i > 0;
		if (data[i] < 'A' || data[i] > 'Z')
			return false;
	}
	return len < 16;
}

enum wsupgrade_result wsupgrade_parse(const uint8_t *data, size_t len,
				      struct wsupgrade *out)
{
	const char *text = (const char *)data;
	size_t most = len < WSUPGRADE_MAX ? len : WSUPGRADE_MAX;

	*out = (struct wsupgrade){ 0 };
	if (len == 0)
		return WSUPGRADE_MORE;
	if (!looks_like_http(text, len))
		return WSUPGRADE_MALFORMED;
	out->head_len = find_end(text, most);
	if (out->head_len == 0)
		return len < WSUPGRADE_MAX ? WSUPGRADE_MORE
					   : WSUPGRADE_TOO_LONG;
	return read_head((struct text){ text, out->head_len }, out);
}

static const char *value_of(const char *text)
{
	return text[0] != '\0' && text[0] != '\n' ? text : NULL;
}

struct forwarded_headers wsupgrade_headers(const struct wsupgrade *u)
{
	return (struct forwarded_headers){
		.forwarded_for = value_of(u->forwarded_for),
		.forwarded = value_of(u->forwarded),
		.real_ip = value_of(u->real_ip),
		.proto = value_of(u->proto),
	};
}

size_t wsupgrade_accept(const char *accept,
			char out[static WSUPGRADE_ANSWER_MAX])
{
	return (size_t)snprintf(out, WSUPGRADE_ANSWER_MAX,
				"HTTP/1.1 101 Switching Protocols\r\n"
				"Upgrade: websocket\r\n"
				"Connection: Upgrade\r\n"
				"Sec-WebSocket-Accept: %s\r\n\r\n",
				accept);
}

size_t wsupgrade_refuse(enum wsupgrade_result why,
			char out[static WSUPGRADE_ANSWER_MAX])
{
	static const struct {
		const char *status, *header, *text;
	} answers[] = {
		[WSUPGRADE_TOO_LONG] = { "431 Request Header Fields Too Large",
					 "", "The request head is too long" },
		[WSUPGRADE_MALFORMED] = { "400 Bad Request", "",
					  "This is not HTTP/1.1" },
		[WSUPGRADE_METHOD] = { "405 Method Not Allowed",
				       "Allow: GET\r\n",
				       "A WebSocket is opened with GET" },
		[WSUPGRADE_PLAIN] = { "400 Bad Request", "",
				      "WebSocket upgrade expected" },
		[WSUPGRADE_VERSION] = { "426 Upgrade Required",
					"Upgrade: websocket\r\n"
					"Sec-WebSocket-Version: 13\r\n",
					"WebSocket version 13 expected" },
		[WSUPGRADE_KEY] = { "400 Bad Request", "",
				    "Sec-WebSocket-Key is missing or wrong" },
	};

	const char *text = answers[why].text;

	assert(text); /* OK and MORE are no refusals */
	return (size_t)snprintf(out, WSUPGRADE_ANSWER_MAX,
				"HTTP/1.1 %s\r\n%s"
				"Content-Type: text/plain\r\n"
				"Content-Length: %zu\r\n"
				"Connection: close\r\n\r\n%s\n",
				answers[why].status, answers[why].header,
				strlen(text) + 1, text);
}
