/*
 * index_impl: the tables behind index.h.
 */
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include "common/base/map.h"
#include "services/api/index/index.h"

/* Something that devices refer to by a handle: its place in the table. Place 0
 * is "none". Entries stay: their number is bounded by what people make. */
struct index_name {
	uint8_t guid[16];
	char *name;     /* NULL: not known yet */
	uint32_t group; /* of a user */
	uint32_t at;
	char *key; /* of systems and versions; NULL: the guid is the key */
};

struct index_names {
	struct map by_key;
	struct index_name **list;
	size_t n, size;
};

/* id, name, hostname, username, note: lower case, each with its NUL. */
enum { TEXT_ID, TEXT_NAME, TEXT_HOST, TEXT_USERNAME, TEXT_NOTE, TEXTS };

struct device {
	uint8_t guid[16];
	uint8_t ip[16];
	uint32_t names[INDEX_KINDS]; /* handles; USER_GROUP is not used */
	uint32_t epoch;
	uint32_t seen_s; /* Unix time */
	uint32_t at;     /* in the list */
	bool disabled;
	uint8_t via;         /* enum transport */
	uint64_t created_ms; /* Unix time */
	uint64_t machine;    /* index_hash() of its machine id; 0: none */
	char *text;
};

/* A node whose peers may be online. */
struct index_node {
	uint32_t epoch;
	enum node_state state;
};

struct index {
	pthread_rwlock_t lock;
	sem_t queries;
	struct map by_guid, by_id;
	struct device **list;
	size_t n, size;
	struct index_names names[INDEX_KINDS];
	struct index_node nodes[INDEX_NODES_MAX];
	size_t nnodes;
	uint8_t seed[16]; /* of index_hash() */
};

/* Never 0. */
uint64_t index_hash(const struct index *ix, const void *data, size_t len);
/* The rows of the devices at these places of the list: copies, as the index
 * may change once the lock is let go. 0 or -ENOMEM. */
MUST_USE int index_copy_rows(const struct index *ix, const uint32_t *at,
			     size_t n, struct index_page *out);

bool index_is_online(const struct index *ix, const struct device *d);
const char *index_text(const struct device *d, unsigned which);
const struct index_name *index_name_at(const struct index *ix,
				       enum index_kind kind, uint32_t at);
/* What D refers to; the user's group for INDEX_USER_GROUP. */
uint32_t index_handle(const struct index *ix, const struct device *d,
		      enum index_kind kind);
