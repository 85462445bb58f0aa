/*
 * strategy: which strategy applies, and what a heartbeat answers. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One level that may name a strategy. */
struct strategy_ref {
	const char *guid; /* "" or NULL: names none */
	bool enabled;
	int64_t modified; /* changes with its content, unique per strategy */
};

/* Device before user before device group; the first that is named decides,
 * and if that one is disabled nothing applies. -1, or the index. */
int strategy_pick(const struct strategy_ref levels[static 3]);

/* Is this option's value something that others must not learn? */
bool strategy_secret(const char *option, const char *value);

enum strategy_answer {
	STRATEGY_SILENT, /* the device has it */
	STRATEGY_PUSH,   /* send it with its time stamp */
	STRATEGY_FORGET, /* none applies: send time stamp 0 */
};
/* REPORTED: modified_at of the heartbeat. */
enum strategy_answer strategy_answer(const struct strategy_ref *effective,
				     int64_t reported);
