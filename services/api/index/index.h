/*
 * index: all devices in memory, for lists that are filtered and sorted. Pure:
 * rows come in, numbers of rows go out; the truth stays in Redis.
 *
 * Any number of threads may ask at a time; one thread (web/watch) changes it.
 * About 220 bytes a device.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/site/online.h"
#include "services/api/rules/perm.h"

enum {
	INDEX_NOTE_MAX = 100,   /* bytes of a note that are searched */
	INDEX_TEXT_MAX = 200,   /* of a name, an id, a system */
	INDEX_NODES_MAX = 1024, /* of hbbs in the last 36 s, as it has itself */
	INDEX_DEVICES = 4000000, /* beyond: not listed; 1 GB of memory */
	INDEX_QUERIES = 2,       /* at a time: 24 bytes a device each */
};

struct index;

/* What devices refer to. */
enum index_kind {
	INDEX_USER,
	INDEX_USER_GROUP,
	INDEX_DEVICE_GROUP,
	INDEX_STRATEGY,
	INDEX_OS,      /* these two are their own names */
	INDEX_VERSION, /* of the client */
	INDEX_KINDS,
};

/* A device as its document says; texts may be NULL. */
struct index_device {
	const char *guid, *id;
	const char *name, *hostname; /* as set by an administrator, reported */
	const char *username, *note;
	const char *os, *version;
	const char *owner, *group, *strategy; /* guids */
	const char *machine;                  /* its machine id */
	int64_t created_ms;                   /* Unix time */
	bool disabled;
};

struct index_presence {
	uint32_t epoch;     /* of the node that holds it; 0: offline */
	enum transport via; /* how that reaches it */
	int64_t seen_s;     /* Unix time */
	uint8_t ip[16];
};

/* For so many devices at most. NULL: no memory. */
struct index *index_new(size_t devices);
void index_free(struct index *ix);

/* All of these: 0, -ENOMEM, -ENOSPC (no more devices) or -EINVAL (no guid). */
MUST_USE int index_put(struct index *ix, const struct index_device *d);
/* NAME and, for a user, the guid of his group. */
MUST_USE int index_put_name(struct index *ix, enum index_kind kind,
			    const char *guid, const char *name,
			    const char *group);
void index_drop(struct index *ix, const char *guid);
/* Devices of which no document is known are left alone. */
void index_seen(struct index *ix, const char *id, size_t len,
		const struct index_presence *p);
/* The nodes of hbbs as the list of leases has them now; whoever is held by
 * another one is offline (common/site/online.h). */
void index_nodes(struct index *ix, const struct node_sight *nodes, size_t n);
size_t index_count(struct index *ix);

enum index_column {
	INDEX_BY_CREATED, /* as before there was a choice */
	INDEX_BY_ID,
	INDEX_BY_NAME,
	INDEX_BY_USERNAME,
	INDEX_BY_OS,
	INDEX_BY_VERSION,
	INDEX_BY_ADDRESS,
	INDEX_BY_SEEN,
	INDEX_BY_USER,
	INDEX_BY_USER_GROUP,
	INDEX_BY_DEVICE_GROUP,
	INDEX_BY_STRATEGY,
	INDEX_BY_NOTE,
	INDEX_BY_ONLINE,
	INDEX_BY_STATUS,
	INDEX_COLUMNS,
};
/* INDEX_COLUMNS if there is none of that name. */
enum index_column index_column(const char *name);

struct index_query {
	/* Contained in any case; "-" means empty; NULL: all. */
	const char *id, *name, *username, *note, *address;
	const char *names[INDEX_KINDS];
	const char *text;       /* in id, names, system, note or address */
	int online, status;     /* 0, 1; -1: all */
	int64_t seen_from_s;    /* inclusive; 0: all */
	int64_t seen_before_s;  /* exclusive; 0: all */
	int64_t created_from_s; /* as those */
	int64_t created_before_s;
	bool unassigned;            /* without owner and group */
	const struct grant *grants; /* who asks, perm.h */
	size_t ngrants;
	const char *self;
	enum perm perm;
	enum index_column sort;
	bool descending;
	size_t start, size;
};

/* A device as the index knows it; texts belong to the row. */
struct index_row {
	char guid[37];
	const char *user, *user_group, *device_group, *strategy;
	int64_t seen_s; /* 0: never */
	bool online;
	bool has_address;
	uint8_t ip[16];
};

struct index_page {
	size_t total;
	size_t n;
	struct index_row *rows;
	char *texts;
};

/* Fills OUT; index_page_free() ends it. 0 or -ENOMEM. */
MUST_USE int index_find(struct index *ix, const struct index_query *q,
			struct index_page *out);
void index_page_free(struct index_page *p);

/* The numbers of all devices and of those online. */
struct index_sums {
	size_t devices, online;
};
struct index_sums index_sums(struct index *ix);
