/*
 * job: a message that waits for Redis or for another node.
 *
 * A step that needs more than memory parks its message here and returns; when
 * the result arrives the next step goes on with it (way.h). Results name the
 * job by ticket and the connection by id, so either may be gone by then. Every
 * parked message has exactly one result to come (the store promises that), so
 * no time-outs are needed here; the table is bounded.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"
#include "common/proto/wire.h"
#include "common/site/transport.h"
#include "services/hbbs/state/way.h"

enum {
	JOBS_MAX = 16384,          /* 3.5 KiB each: 56 MiB ... */
	JOBS_BYTES_MAX = 32 << 20, /* ... and so much of messages */
	JOB_TRIES_MAX = 3,         /* how often a lost race is run again */
};

struct job {
	uint64_t ticket; /* even; the low bit of a load ticket is its slot */
	uint64_t client_id;
	enum transport via;
	struct addr source;
	struct addr local;
	uint8_t waiting; /* results that are still to come ... */
	step_fn *next;   /* ... and who goes on with them */
	union known known;
	struct lookup found[2];
	struct job *next_held; /* of core.held ... */
	uint64_t due_ms;       /* ... and when it goes on */
	Hbb__RendezvousMessage *m;
	struct wire_arena arena; /* of m */
	size_t len;
	uint8_t data[]; /* the message as received */
};

struct job_table {
	struct map map;
	size_t bytes; /* of messages, as received and unpacked */
	uint64_t last_ticket;
};

void job_table_init(struct job_table *t);
void job_table_fini(struct job_table *t);

/* Copies the message. NULL when the table is full, by number or by bytes, or
 * memory is out. */
struct job *job_create(struct job_table *t, const struct origin *from,
		       const uint8_t *data, size_t len);
/* Unpacks the message for good. False: no room; the job can only go. */
MUST_USE bool job_unpack(struct job_table *t, struct job *j);
/* The job of TICKET (or of a load ticket made from it), or NULL. */
struct job *job_find(const struct job_table *t, uint64_t ticket);
void job_destroy(struct job_table *t, struct job *j);
