/*
 * recording: names of recordings. Pure.
 *
 * A client names a recording after its own id and the time it began:
 * incoming_{id}_{yyyymmddhhmmss...}_..., before 1.3 s{id}_{yyyymmddhhmmss}_...
 * Where a name was used before, "~2", "~3" ... is put before its ending; no
 * client sends a "~".
 */
#pragma once

#include <stdbool.h>

enum {
	RECORDING_NAME = 160, /* with a number, and its NUL */
	RECORDING_NAME_MAX = 128,
	RECORDING_ID = 65,
	RECORDING_TIME = 20,
	RECORDING_SAME_MAX = 99, /* recordings of one name */
};

/* May a client send it? A plain file name, nothing hidden. */
bool recording_name_ok(const char *name);

/* The id of the device that the recording is of; false: it names none. */
bool recording_device(const char *name, char id[static RECORDING_ID]);

/* May one of those that were kept be called so? As above, numbers included. */
bool recording_kept_ok(const char *name);

/* What the client called the recording NAME. */
void recording_sent_as(const char *name, char out[static RECORDING_NAME]);

/* When it began, by the clock of the device: "2026-01-31 12:30:00". False: its
 * name does not say. */
bool recording_began(const char *name, char out[static RECORDING_TIME]);

/* The Nth name, from 1, for a recording that its client calls NAME. */
void recording_name(const char *name, unsigned n,
		    char out[static RECORDING_NAME]);
