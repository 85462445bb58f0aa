/*
 * job: a message that waits for Redis or for another node.
 *
 * A handler that needs more than memory parks its message here and returns;
 * when the result arrives the message is dispatched again with the job in
 * its hand. Results name the job by ticket and the connection by id, so
 * either may be gone by then. Every parked message has exactly one result to
 * come (the store promises that), so no time-outs are needed here; the table
 * is bounded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"
#include "common/site/presence.h"
#include "common/site/record.h"
#include "common/site/transport.h"
#include "services/hbbs/state/verdicts.h"

enum {
	JOBS_MAX = 16384, /* ~2 KiB each and their messages: 32 MiB ... */
	JOBS_BYTES_MAX = 32 << 20, /* ... and so much more at most */
	JOB_TRIES_MAX = 3,         /* how often a lost race is run again */
	JOB_MASK_BYTES = (WIRE_PEERS_MAX + 7) / 8,
};

enum job_event {
	JOB_PARKED, /* nothing has happened yet */
	JOB_LOADED,
	JOB_SAVED, /* or renamed */
	JOB_ONLINE,
	JOB_WAIT_FOUND,
	JOB_POLICY,      /* core.facts has the facts */
	JOB_GRANT,       /* GRANTED is set */
	JOB_DEPLOYED,    /* core.deployed is set */
	JOB_UNDELIVERED, /* the node it was sent to is gone */
	JOB_LISTENING,   /* B listens by now */
};

enum lookup_state { LOOKUP_FAILED, LOOKUP_MISSING, LOOKUP_FOUND };

/* What Redis says about one id. */
struct lookup {
	enum lookup_state state;
	struct record record;
	bool has_presence;
	struct presence presence;
};

enum save_result {
	SAVE_OK,
	SAVE_CONFLICT, /* somebody was faster: load again */
	SAVE_FULL,     /* MAX_PEERS is reached */
	SAVE_TAKEN,    /* the new id is another device's */
	SAVE_FAILED,
};

struct job {
	uint64_t ticket; /* even; the low bit of a load ticket is its slot */
	uint64_t client_id;
	enum transport via;
	struct addr source;
	struct addr local;
	uint8_t waiting; /* results that are still to come */
	uint8_t tries;
	enum job_event event;
	enum save_result saved;
	struct lookup found[2];
	bool granted;
	bool judged; /* VERDICT counts from now on */
	struct verdict verdict;
	struct job *next_held;          /* of core.held ... */
	uint64_t due_ms;                /* ... and when it goes on */
	uint32_t node;                  /* JOB_WAIT_FOUND: who holds A */
	uint8_t mask[JOB_MASK_BYTES];   /* JOB_ONLINE: asked of Redis */
	uint8_t online[JOB_MASK_BYTES]; /* JOB_ONLINE: the answer */
	size_t len;
	uint8_t data[]; /* the message as received */
};

struct job_table {
	struct map map;
	size_t bytes; /* of messages */
	uint64_t last_ticket;
};

void job_table_init(struct job_table *t);
void job_table_fini(struct job_table *t);

/* Copies the message. NULL when the table is full, by number or by bytes, or
 * memory is out. */
struct job *job_create(struct job_table *t, const struct origin *from,
		       const uint8_t *data, size_t len);
/* The job of TICKET (or of a load ticket made from it), or NULL. */
struct job *job_find(const struct job_table *t, uint64_t ticket);
void job_destroy(struct job_table *t, struct job *j);
