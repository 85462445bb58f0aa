/*
 * licence: the text that clients must present as licence_key (spec 5.2).
 *
 * The relay needs the public key only. With `-` it is read from the file that
 * hbbs writes; the file may appear later, a file that is no key is fatal.
 */
#pragma once

#include "common/base/attr.h"
#include "common/proto/wire.h"

enum { LICENCE_TEXT = WIRE_KEY_MAX + 1 };

enum licence_result {
	LICENCE_READY,
	LICENCE_MISSING, /* no file yet: try again */
	LICENCE_BAD,     /* logged */
};

/* OPTION is the value of KEY. An empty OUT admits everybody. */
MUST_USE enum licence_result licence_load(const char *option,
					  const char *data_dir,
					  char out[static LICENCE_TEXT]);
