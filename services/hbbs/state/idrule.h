/*
 * idrule: which ids may exist.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ID_MIN = 6 };

/* At most WIRE_ID_MAX bytes, no control character, white space or any of
 * " < > / \ | ? * (spec 4.2). The least length is judged apart. */
bool idrule_valid(const char *id, size_t len);

/* What a user may choose: a letter, then 5 to 15 letters, digits, '_' or '-'
 * (spec 4.4). */
bool idrule_choosable(const char *id, size_t len);
