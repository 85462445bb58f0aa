#include "services/api/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

static int lower(char ch)
{
	return tolower((unsigned char)ch);
}

/* Greedy match with one point to go back to: linear in practice, and never
 * worse than pattern times value. */
static bool like(const char *p, const char *v)
{
	const char *star = NULL, *mark = NULL;

	while (*v) {
		if (*p == '%') {
			star = ++p;
			mark = v;
		} else if (lower(*p) == lower(*v)) {
			p++;
			v++;
		} else if (star) {
			p = star;
			v = ++mark;
		} else {
			return false;
		}
	}
	while (*p == '%')
		p++;
	return *p == 0;
}

bool text_like(const char *pattern, const char *value)
{
	if (!pattern || !*pattern)
		return true;
	if (strcmp(pattern, "-") == 0)
		return !value || !*value;
	return like(pattern, value ? value : "");
}

void text_lower(char *out, size_t size, const char *in)
{
	size_t i = 0;

	for (; in[i] && i + 1 < size; i++)
		out[i] = (char)lower(in[i]);
	out[i] = 0;
}

static locale_t unicode_locale;

static void make_unicode(void)
{
	unicode_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", 0);
}

/* NULL where the C library has no such locale. */
static locale_t unicode(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_unicode);
	return unicode_locale;
}

/* White space, and what looks like it. */
static bool is_blank(wchar_t w, locale_t loc)
{
	return iswspace_l((wint_t)w, loc) || w == 0xa0 || w == 0x2007 ||
	       w == 0x202f || (w >= 0x200b && w <= 0x200d) || w == 0x2060 ||
	       w == 0xfeff;
}

/* Folds what is UTF-8; false where it is not. */
static bool fold(char *out, size_t size, const char *in, locale_t loc)
{
	mbstate_t from = { 0 }, to = { 0 };
	size_t at = 0, end = 0, n;
	wchar_t w;

	for (; *in; in += n) {
		n = mbrtowc(&w, in, MB_LEN_MAX, &from);
		if (n == 0 || n > MB_LEN_MAX)
			return false;
		bool blank = is_blank(w, loc);
		if (blank && at == 0)
			continue;
		if (at + MB_LEN_MAX >= size)
			break;
		at += wcrtomb(out + at, (wchar_t)towlower_l((wint_t)w, loc),
			      &to);
		if (!blank)
			end = at;
	}
	out[end] = 0;
	return true;
}

void text_fold(char *out, size_t size, const char *in)
{
	locale_t loc = unicode();
	locale_t before = loc ? uselocale(loc) : 0;
	bool ok = loc && fold(out, size, in, loc);

	if (loc)
		uselocale(before);
	if (!ok)
		text_lower(out, size, in + strspn(in, " \t"));
}

bool text_is_guid(const char *s)
{
	for (size_t i = 0; i < GUID_TEXT - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return s[GUID_TEXT - 1] == 0;
}

void text_hex(const uint8_t *data, size_t len, char *out)
{
	sodium_bin2hex(out, len * 2 + 1, data, len);
}

void text_guid(const uint8_t raw[static 16], char out[static GUID_TEXT])
{
	char hex[33];

	text_hex(raw, 16, hex);
	snprintf(out, GUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
		 hex + 12, hex + 16, hex + 20);
}

void text_guid7(uint64_t now_ms, char out[static GUID_TEXT])
{
	uint8_t raw[16];

	randombytes_buf(raw, sizeof(raw));
	for (unsigned i = 0; i < 6; i++)
		raw[i] = (uint8_t)(now_ms >> (8 * (5 - i)));
	raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x70);
	raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
	text_guid(raw, out);
}

void text_time(int64_t unix_s, char out[static TEXT_TIME])
{
	time_t t = (time_t)unix_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, TEXT_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
}

int text_parse_time(const char *s, int64_t *out_ms)
{
	struct tm tm = { 0 };
	int ms = 0, used = 0;
	char sep;

	if (sscanf(s, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &sep, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		   &used) != 7 ||
	    (sep != ' ' && sep != 'T'))
		return -EINVAL;
	if (s[used] == '.' && sscanf(s + used, ".%3d", &ms) != 1)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*out_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return 0;
}

int text_unbase64(const char *s, uint8_t *out, size_t size)
{
	size_t len;
	const char *end;
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == '=')
		n--;
	if (sodium_base642bin(out, size, s, n, NULL, &len, &end,
			      sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
	    end != s + n)
		return -EINVAL;
	return (int)len;
}

void text_base64(const void *data, size_t len, char *out, size_t size)
{
	sodium_bin2base64(out, size, data, len, sodium_base64_VARIANT_ORIGINAL);
}

void text_base64url(const void *data, size_t len, char *out, size_t size)
{
	sodium_bin2base64(out, size, data, len,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool text_is_id(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 64)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
			return false;
	return true;
}

bool text_is_name(const char *s, size_t min, size_t max)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	char folded[2 * MB_LEN_MAX];

	text_fold(folded, sizeof(folded), s);
	return n >= min && n <= max && (min == 0 || *folded);
}

bool text_is_email(const char *s)
{
	const char *at = strchr(s, '@');

	return text_is_id(s) && at && at != s && at[1] &&
	       !strchr(at + 1, '@') && !strpbrk(s, "<>,;\"\\");
}
