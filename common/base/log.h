/*
 * log: one line per event on stderr, as logfmt or as JSON.
 *
 *   ts=2026-11-23T10:00:00.000Z level=info svc=hbbs event=listening port=21116
 *
 * Lines are built field by field so that values are escaped in one place: a
 * peer's bytes can never forge a field or a line. Levels: error = wake me,
 * warn = an odd peer or dependency, info = lifecycle and one line per
 * connection attempt, debug = per message. Warnings and errors are limited
 * to LOG_BURST lines per second and event name; what was dropped is counted
 * in the next line of that event (suppressed=N). Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

enum {
	LOG_LINE_MAX = 2048, /* longer lines are cut at a field boundary */
	LOG_BURST = 10,
};

/* Sets the service name, level and format; call once before threads start. */
void log_setup(const char *svc, enum log_level level, enum log_format format);

/* Parses "debug", "info", "warn", "error" / "text", "json"; 0 or -EINVAL. */
MUST_USE int log_level_parse(const char *text, enum log_level *out);
MUST_USE int log_format_parse(const char *text, enum log_format *out);

bool log_enabled(enum log_level level);

struct log_line {
	char text[LOG_LINE_MAX];
	size_t len;
	bool on;   /* false: every call on it is a no-op */
	bool full; /* a field did not fit; later ones are left out */
};

/* Starts a line. EVENT is a literal in snake_case; it is the fixed name that
 * monitoring matches. */
void log_begin(struct log_line *l, enum log_level level, const char *event);
void log_str(struct log_line *l, const char *key, const char *value);
void log_bytes(struct log_line *l, const char *key, const void *value,
	       size_t len);
void log_int(struct log_line *l, const char *key, int64_t value);
void log_uint(struct log_line *l, const char *key, uint64_t value);
void log_addr(struct log_line *l, const char *key, const struct addr *a);
void log_err(struct log_line *l, const char *key, int negative_errno);
void log_end(struct log_line *l);

/* One-call form for events that need no fields beyond a sentence: the
 * formatted text becomes the field msg. */
void log_debug(const char *event, const char *fmt, ...) PRINTF(2, 3);
void log_info(const char *event, const char *fmt, ...) PRINTF(2, 3);
void log_warn(const char *event, const char *fmt, ...) PRINTF(2, 3);
void log_error(const char *event, const char *fmt, ...) PRINTF(2, 3);
