/*
 * ask: one question to the web server or the API, whose answer is JSON.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

#include "common/base/attr.h"
#include "services/utils/doctor/doctor.h"

enum { ASK_ANSWER_MAX = 262144 }; /* bytes; a page of states has a few kB */

/*
 * GET PATH through HTTPS; without an answer there, on the API's own port. With
 * SIGNED_IN the token goes along: then a certificate must be trusted, or
 * --insecure be given, and without HTTPS only this machine is asked. Returns
 * the JSON of an answer with status 200, which is the caller's, or NULL.
 */
MUST_USE struct json_object *ask_json(struct doctor *d, const char *path,
				      bool signed_in);

/* The text NAME of O, "" if there is none. */
const char *ask_text(struct json_object *o, const char *name);
