/*
 * command: the text commands of the console (spec 6.6). Pure: it changes the
 * limits and lists it is given and writes the answer; nothing is sent.
 */
#pragma once

#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/ipset.h"
#include "services/hbbr/state/limits.h"

/* What commands may change. */
struct controls {
	struct limits *limits;
	struct shared_limit *total;
	uint64_t *total_bps;   /* as it was set */
	struct ipset *slow;    /* the blacklist */
	struct ipset *blocked; /* the blocklist */
};

enum command_result {
	COMMAND_DONE,
	COMMAND_LISTS, /* done, and a list has changed */
	COMMAND_USAGE, /* the answer is the usage table: the caller's job */
};

/* Runs the command TEXT and appends the answer to OUT; an answer beyond the
 * cap of OUT is cut. */
enum command_result command_run(const char *text, const struct controls *c,
				struct buf *out);
