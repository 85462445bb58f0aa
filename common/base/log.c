#include "common/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/utf8.h"

enum {
	TAIL = 32,    /* kept free for the cut mark, '}' and the newline */
	EVENTS = 128, /* event names that are limited apart from each other */
	MSG_MAX = 1024,
};

static struct {
	const char *svc;
	enum log_level level;
	enum log_format format;
} self = { .svc = "-", .level = LOG_INFO, .format = LOG_TEXT };

/* How often one event was logged in the current second. */
struct budget {
	const char *event;
	int64_t second;
	unsigned lines;
	uint64_t suppressed;
};

static pthread_mutex_t budget_lock = PTHREAD_MUTEX_INITIALIZER;
static struct budget budgets[EVENTS];

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};
static const char *const format_names[] = {
	[LOG_TEXT] = "text",
	[LOG_JSON] = "json",
};

void log_setup(const char *svc, enum log_level level, enum log_format format)
{
	self.svc = svc;
	self.level = level;
	self.format = format;
}

int log_level_parse(const char *text, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

int log_format_parse(const char *text, enum log_format *out)
{
	for (size_t i = 0; i < ARRAY_LEN(format_names); i++) {
		if (strcmp(text, format_names[i]) == 0) {
			*out = (enum log_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

bool log_enabled(enum log_level level)
{
	return level >= self.level;
}

/* The event's budget; when the table is full the last row is shared. */
static struct budget *find_budget(const char *event)
{
	size_t i = 0;

	while (i < EVENTS - 1 && budgets[i].event &&
	       strcmp(budgets[i].event, event) != 0)
		i++;
	budgets[i].event = event;
	return &budgets[i];
}

/* True if one more line may be written; *SUPPRESSED lines were not. */
static bool within_budget(const char *event, uint64_t *suppressed)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&budget_lock);
	struct budget *b = find_budget(event);
	if (b->second != now.tv_sec) {
		b->second = now.tv_sec;
		b->lines = 0;
	}
	bool ok = b->lines < LOG_BURST;
	if (ok) {
		b->lines++;
		*suppressed = b->suppressed;
		b->suppressed = 0;
	} else {
		b->suppressed++;
	}
	pthread_mutex_unlock(&budget_lock);
	return ok;
}

/* Appends and marks the line full instead of overflowing it. */
static void put(struct log_line *l, const char *text, size_t len)
{
	if (len > sizeof(l->text) - TAIL - l->len) {
		l->full = true;
		return;
	}
	memcpy(l->text + l->len, text, len);
	l->len += len;
}

static void put_text(struct log_line *l, const char *text)
{
	put(l, text, strlen(text));
}

static void put_unicode(struct log_line *l, uint32_t code)
{
	char out[16];

	if (code > 0xffff) {
		code -= 0x10000;
		snprintf(out, sizeof(out), "\\u%04" PRIx32 "\\u%04" PRIx32,
			 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
	} else {
		snprintf(out, sizeof(out), "\\u%04" PRIx32, code);
	}
	put_text(l, out);
}

/* Writes LEN bytes as the inside of a JSON string in pure ASCII. Only
 * printable ASCII passes as it is: control bytes, bidi marks and invalid
 * UTF-8 could otherwise forge what an administrator sees. */
static void put_escaped(struct log_line *l, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && !l->full;) {
		uint32_t code;
		size_t n = utf8_next(data + i, len - i, &code);
		if (n == 0) {
			n = 1;
			code = 0xfffd;
		}
		char c = (char)code;
		if (code == '"' || code == '\\')
			put(l, (char[]){ '\\', c }, 2);
		else if (code >= 0x20 && code < 0x7f)
			put(l, &c, 1);
		else
			put_unicode(l, code);
		i += n;
	}
}

/* A text value that logfmt readers take without quotes. */
static bool is_plain(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] <= ' ' || data[i] >= 0x7f || data[i] == '"' ||
		    data[i] == '=' || data[i] == '\\')
			return false;
	}
	return len > 0;
}

static void put_key(struct log_line *l, const char *key)
{
	bool first = l->len == 0;

	if (self.format == LOG_JSON) {
		put_text(l, first ? "{\"" : ",\"");
		put_text(l, key);
		put_text(l, "\":");
	} else {
		put_text(l, first ? "" : " ");
		put_text(l, key);
		put_text(l, "=");
	}
}

/* A field is written whole or not at all. */
static void field(struct log_line *l, const char *key, const void *value,
		  size_t len, bool quoted)
{
	size_t start = l->len;

	if (!l->on || l->full)
		return;
	put_key(l, key);
	if (quoted) {
		put_text(l, "\"");
		put_escaped(l, value, len);
		put_text(l, "\"");
	} else {
		put(l, value, len);
	}
	if (l->full)
		l->len = start;
}

static void put_time(struct log_line *l)
{
	char text[40];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03ldZ", now.tv_nsec / 1000000);
	log_str(l, "ts", text);
}

void log_begin(struct log_line *l, enum log_level level, const char *event)
{
	uint64_t suppressed = 0;

	l->len = 0;
	l->full = false;
	l->on = log_enabled(level) &&
		(level < LOG_WARN || within_budget(event, &suppressed));
	if (!l->on)
		return;
	put_time(l);
	log_str(l, "level", level_names[level]);
	log_str(l, "svc", self.svc);
	log_str(l, "event", event);
	if (suppressed > 0)
		log_uint(l, "suppressed", suppressed);
}

void log_str(struct log_line *l, const char *key, const char *value)
{
	log_bytes(l, key, value ? value : "", value ? strlen(value) : 0);
}

void log_bytes(struct log_line *l, const char *key, const void *value,
	       size_t len)
{
	bool quoted = self.format == LOG_JSON || !is_plain(value, len);

	field(l, key, value, len, quoted);
}

void log_int(struct log_line *l, const char *key, int64_t value)
{
	char text[24];

	if (!l->on)
		return;
	int n = snprintf(text, sizeof(text), "%" PRId64, value);

	field(l, key, text, (size_t)n, false);
}

void log_uint(struct log_line *l, const char *key, uint64_t value)
{
	char text[24];

	if (!l->on)
		return;
	int n = snprintf(text, sizeof(text), "%" PRIu64, value);

	field(l, key, text, (size_t)n, false);
}

void log_addr(struct log_line *l, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (l->on)
		log_str(l, key, addr_format(a, text));
}

void log_err(struct log_line *l, const char *key, int negative_errno)
{
	char text[128];

	log_str(l, key, strerror_r(-negative_errno, text, sizeof(text)));
}

void log_end(struct log_line *l)
{
	if (!l->on)
		return;
	l->on = false;

	const char *tail = self.format == LOG_JSON
				   ? (l->full ? ",\"cut\":true}\n" : "}\n")
				   : (l->full ? " cut=true\n" : "\n");
	size_t n = strlen(tail);
	memcpy(l->text + l->len, tail, n);

	/* One write, so that lines of several threads do not mix. A full or
	 * broken stderr loses the line, never the service. */
	ssize_t written;
	do
		written = write(STDERR_FILENO, l->text, l->len + n);
	while (written < 0 && errno == EINTR);
}

static void sentence(enum log_level level, const char *event, const char *fmt,
		     va_list args) __attribute__((format(printf, 3, 0)));

static void sentence(enum log_level level, const char *event, const char *fmt,
		     va_list args)
{
	struct log_line l;
	char msg[MSG_MAX];

	log_begin(&l, level, event);
	if (!l.on)
		return;
	vsnprintf(msg, sizeof(msg), fmt, args);
	log_str(&l, "msg", msg);
	log_end(&l);
}

/* clang-format off */
#define SENTENCE(name, level)                                                \
	void name(const char *event, const char *fmt, ...)                   \
	{                                                                    \
		va_list args;                                                \
		va_start(args, fmt);                                         \
		sentence(level, event, fmt, args);                           \
		va_end(args);                                                \
	}
/* clang-format on */
SENTENCE(log_debug, LOG_DEBUG)
SENTENCE(log_info, LOG_INFO)
SENTENCE(log_warn, LOG_WARN)
SENTENCE(log_error, LOG_ERROR)
