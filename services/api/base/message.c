#include "services/api/base/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "services/api/base/text.h"

enum {
	WORD_BYTES = 45,  /* an encoded word has 75 characters (RFC 2047 2) */
	LINE_BYTES = 998, /* RFC 5322 2.1.1 */
	BASE64_LINE = 57  /* bytes that make 76 characters */
};

static size_t trimmed(const char **s, size_t len)
{
	while (len > 0 && (**s == ' ' || **s == '\t')) {
		(*s)++;
		len--;
	}
	while (len > 0 && ((*s)[len - 1] == ' ' || (*s)[len - 1] == '\t'))
		len--;
	return len;
}

/* The name with its quotes and escapes taken away. */
static int read_name(const char *s, size_t len, char out[MAILBOX_NAME_MAX])
{
	size_t n = 0;

	len = trimmed(&s, len);
	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\' && i + 1 < len)
			i++;
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f ||
		    n + 1 >= MAILBOX_NAME_MAX)
			return -EINVAL;
		out[n++] = s[i];
	}
	out[n] = 0;
	return 0;
}

int mailbox_parse(const char *text, struct mailbox *out)
{
	const char *open = strrchr(text, '<'), *at = text;
	size_t len = strlen(text);
	int r = 0;

	*out = (struct mailbox){ 0 };
	len = trimmed(&at, len);
	if (open) {
		if (len < 3 || at[len - 1] != '>')
			return -EINVAL;
		r = read_name(at, (size_t)(open - at), out->name);
		len = (size_t)(at + len - 1 - (open + 1));
		at = open + 1;
		len = trimmed(&at, len);
	}
	if (r < 0 || len >= sizeof(out->address))
		return -EINVAL;
	memcpy(out->address, at, len);
	out->address[len] = 0;
	return text_is_email(out->address) ? 0 : -EINVAL;
}

/* As many bytes of whole characters as fit into one encoded word. */
static size_t word_len(const char *s)
{
	size_t n = strnlen(s, WORD_BYTES);

	while (s[n] && n > 1 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static const char *encoded(struct pool *p, const char *text)
{
	char b64[WORD_BYTES * 2];
	const char *out = "";

	do {
		size_t n = word_len(text);

		text_base64(text, n, b64, sizeof(b64));
		out = pool_printf(p, "%s%s=?UTF-8?B?%s?=", out,
				  *out ? "\r\n " : "", b64);
		text += n;
	} while (*text);
	return out;
}

static const char *sender(struct pool *p, const struct mailbox *from)
{
	return *from->name ? pool_printf(p, "%s <%s>", encoded(p, from->name),
					 from->address)
			   : from->address;
}

/* Every line ends in CRLF, whatever it ended in. */
static char *with_crlf(struct pool *p, const char *text, size_t *longest)
{
	char *out = pool_alloc(p, strlen(text) * 2 + 3), *o = out, *line = out;

	*longest = 0;
	for (; *text; text++) {
		if (*text != '\r' && *text != '\n') {
			*o++ = *text;
			continue;
		}
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		if ((size_t)(o - line) > *longest)
			*longest = (size_t)(o - line);
		*o++ = '\r';
		*o++ = '\n';
		line = o;
	}
	if ((size_t)(o - line) > *longest)
		*longest = (size_t)(o - line);
	if (o != line) {
		*o++ = '\r';
		*o++ = '\n';
	}
	*o = 0;
	return out;
}

static const char *in_base64(struct pool *p, const char *text)
{
	size_t len = strlen(text), lines = len / BASE64_LINE + 1;
	char *out = pool_alloc(p, lines * 79 + 1), *o = out;

	for (size_t at = 0; at < len; at += BASE64_LINE) {
		size_t n = len - at < BASE64_LINE ? len - at : BASE64_LINE;

		text_base64(text + at, n, o, 80);
		o += strlen(o);
		*o++ = '\r';
		*o++ = '\n';
	}
	*o = 0;
	return out;
}

const char *message_compose(struct pool *p, const struct message *m)
{
	size_t longest;
	const char *body = with_crlf(p, m->body, &longest);
	bool base64 = longest > LINE_BYTES;
	const char *domain = strchr(m->from.address, '@');
	time_t now = (time_t)m->date_s;
	char date[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	return pool_printf(p,
			   "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\n"
			   "Message-ID: <%s%s>\r\nMIME-Version: 1.0\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: %s\r\n"
			   "Auto-Submitted: auto-generated\r\n\r\n%s",
			   date, sender(p, &m->from), m->to,
			   encoded(p, m->subject), m->id, domain,
			   base64 ? "base64" : "8bit",
			   base64 ? in_base64(p, body) : body);
}
