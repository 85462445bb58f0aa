/*
 * match: which connections belong together (spec 4.15).
 *
 * A relay session is born when its first half parks under a uuid, is paired
 * when the second half arrives, and keeps the uuid taken until it ends, so
 * that a third connection is refused. One thread owns the table: looking up
 * and parking is one step, and no pair whose halves arrive together is lost.
 *
 *	S_WAITING --second half--> S_PAIRED --> S_ENDED
 *	    `------ 30 s, hang-up, shutdown ------^
 *
 * Pure: the caller owns the sessions and whatever stands behind them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"
#include "services/hbbr/pairing/admit.h"
#include "services/hbbr/pairing/handshake.h"
#include "services/hbbr/state/reason.h"

enum {
	MATCH_LATELY_MS = 10000, /* of the second copy of a push, and more */
	MATCH_LATELY_MAX = 256,  /* sessions that are looked at */
};

enum { MATCH_WAIT_MS = 30000 }; /* the reference's; clients give up at 18 s */

enum session_state { S_WAITING, S_PAIRED, S_ENDED, SESSION_STATES };

/* Rows: from, bits: to. */
extern const uint8_t session_may_follow[SESSION_STATES];

/* What is remembered of one end, for the line at the end of the session. */
struct session_end {
	struct addr client;
	bool ws;
	bool proxied;
	bool controller;
	bool tunnel;
	bool link; /* another relay has this end */
};

struct session {
	char uuid[WIRE_UUID_TEXT_MAX + 1];
	enum session_state state;
	uint64_t since_ms; /* when the state was entered */
	void *first;       /* the waiting half; NULL once paired */
	void *second;      /* waits for the gate as well, or NULL */
	struct gate gate;
	struct session_end ends[2];    /* in order of arrival */
	TAILQ_ENTRY(session) link;     /* in the list of its state */
	TAILQ_ENTRY(session) ask_link; /* gate.ask_ms is set: in arrivals */
};

TAILQ_HEAD(session_list, session);

struct match {
	struct map by_uuid;
	struct session_list waiting; /* oldest first */
	struct session_list paired;
	size_t nwaiting;
	size_t npaired;
	size_t max_waiting;
	size_t max_paired;
};

void match_init(struct match *m, size_t max_waiting, size_t max_paired);
/* The table must be empty. */
void match_fini(struct match *m);

/* The session that holds this uuid, waiting or paired; or NULL. */
struct session *match_find(const struct match *m, const char *uuid);
/* The same if it still waits and is the one with this serial; or NULL. */
struct session *match_waiting(const struct match *m, const char *uuid,
			      uint64_t serial);

/* True if a connection under this uuid may go on: REASON_NONE, or why not. */
MUST_USE enum reason match_admit(const struct match *m,
				 const struct session *found);

/*
 * A device that was told of a session twice comes twice: as a third half of
 * the session FOUND that has its first already (RQ is what it says) ...
 */
bool match_is_duplicate(const struct session *found, const struct addr *client,
			bool controller);
/* ... or under a uuid of its own that nobody allowed: true if a device from
 * CLIENT has begun a session here lately. */
bool match_came_lately(const struct match *m, const struct addr *client,
		       uint64_t now_ms);

/* Enters the new session S, whose uuid nobody holds. 0, -ENOMEM, -ENOBUFS. */
MUST_USE int match_park(struct match *m, struct session *s, uint64_t now_ms);
void match_pair(struct match *m, struct session *s, uint64_t now_ms);
/* Frees the uuid; S is the caller's to free. */
void match_end(struct match *m, struct session *s, uint64_t now_ms);

/* A session whose second half did not come in time, or NULL. */
struct session *match_overdue(const struct match *m, uint64_t now_ms);
