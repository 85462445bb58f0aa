#include "services/api/base/csv.h"

#include <errno.h>
#include <string.h>

/* White space and line ends before it do not hinder a spreadsheet. */
static bool looks_like_formula(const char *s)
{
	const char *first = s + strspn(s, " \t\r\n\v\f");

	return *first && (strchr("=+-@", *first) || strchr("\t\r\n", *s));
}

/* An apostrophe is put before it and taken when it is read: who has some before
 * a formula gets one more. */
static bool is_defused(const char *text)
{
	return looks_like_formula(text + strspn(text, "'"));
}

int csv_put(struct buf *b, const char *text, bool first)
{
	size_t len = strlen(text);
	/* A separator, two quotes, an apostrophe; each byte may be a quote. */
	char *out = (char *)buf_reserve(b, 2 * len + 4);
	size_t n = 0;

	if (!out)
		return -ENOBUFS;
	if (!first)
		out[n++] = ',';
	out[n++] = '"';
	if (is_defused(text))
		out[n++] = '\'';
	for (; *text; text++) {
		if (*text == '"')
			out[n++] = '"';
		out[n++] = *text;
	}
	out[n++] = '"';
	buf_wrote(b, n);
	return 0;
}

int csv_end_row(struct buf *b)
{
	return buf_append(b, "\r\n", 2);
}

static size_t count(const char *text, size_t len, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == c;
	return n;
}

void csv_open(struct csv *v, struct pool *pool, const char *text)
{
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	size_t len = strcspn(text, "\r\n");
	bool semicolons = count(text, len, ';') > count(text, len, ',');

	*v = (struct csv){ .at = text,
			   .separator = semicolons ? ';' : ',',
			   .pool = pool,
			   .lines = 1 };
}

/* A line end, LF or CR LF, at S; its length or 0. */
static size_t line_end(const char *s)
{
	return *s == '\n' ? 1 : s[0] == '\r' && s[1] == '\n' ? 2 : 0;
}

/* The quoted cell after the quote at V->at, into OUT; returns its length. */
static size_t quoted(struct csv *v, char *out)
{
	size_t n = 0;

	for (v->at++; *v->at; v->at++) {
		if (*v->at == '"' && *++v->at != '"')
			return n;
		v->lines += *v->at == '\n';
		out[n++] = *v->at;
	}
	v->wrong = "A quote is not closed";
	return n;
}

static const char *cell(struct csv *v)
{
	const char separator[] = { v->separator, '"', '\r', '\n', 0 };
	size_t n = 0;

	/* The longest that it can be; copied once more below. */
	const char *end = v->at;
	if (*end != '"') {
		end += strcspn(end, separator);
		while (*end == '"' || (*end == '\r' && !line_end(end)))
			end += 1 + strcspn(end + 1, separator);
		n = (size_t)(end - v->at);
		/* A file of separators alone would be memory alone. */
		if (n == 0)
			return "";
		char *plain = pool_memdup(v->pool, v->at, n);
		v->at = end;
		return plain;
	}
	for (end++; *end && (*end != '"' || end[1] == '"'); end++)
		end += *end == '"';
	const char *text = "";
	if (*end == '"' && end == v->at + 1) {
		v->at = end + 1;
	} else {
		char *out = pool_alloc(v->pool, (size_t)(end - v->at) + 1);

		n = quoted(v, out);
		out[n] = 0;
		text = out;
	}
	if (!v->wrong && *v->at && *v->at != v->separator && !line_end(v->at))
		v->wrong = "There is text after a closing quote";
	return text;
}

static bool one_row(struct csv *v)
{
	bool some = false;

	v->n = 0;
	v->line = v->lines;
	for (;;) {
		const char *text = cell(v);

		if (v->wrong)
			return false;
		if (v->n == CSV_CELLS_MAX) {
			v->wrong = "A row has too many cells";
			return false;
		}
		if (*text == '\'' && is_defused(text))
			text++;
		some |= *text != 0;
		v->cells[v->n++] = text;
		if (*v->at != v->separator)
			break;
		v->at++;
	}
	size_t len = line_end(v->at);
	v->at += len;
	v->lines += len > 0;
	return some;
}

bool csv_row(struct csv *v)
{
	while (*v->at && !v->wrong)
		if (one_row(v))
			return true;
	return false;
}
