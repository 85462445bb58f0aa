/*
 * config_value: the text form of option values. Used by config only.
 */
#pragma once

#include "common/base/attr.h"
#include "common/config/config.h"

/*
 * Parses TEXT into the field that O describes in CFG (a string is copied, an
 * older one freed). Returns 0, -ENOMEM, or -EINVAL with *WHY telling what
 * such an option takes ("must be a port number ...").
 */
MUST_USE int config_value_set(const struct opt *o, const char *text, void *cfg,
			      const char **why);

/* Writes "'TEXT': WHY" and the bounds of the option into OUT. */
void config_value_explain(const struct opt *o, const char *text,
			  const char *why, char *out, size_t size);

/* True if TEXT is one of the words a boolean option takes. */
MUST_USE bool config_value_bool(const char *text, bool *out);

/* False where an empty value can only mean: not set. */
bool config_value_empty_ok(enum opt_kind kind);

/* What stands for the value in --help, "PORT"; "" for a boolean. */
const char *config_value_placeholder(const struct opt *o);
