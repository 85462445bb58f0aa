/*
 * peer: the peers this node holds.
 *
 * A million entries are the normal size of this table, so an entry is one
 * allocation of about 130 bytes (id and machine id behind the struct) and
 * expiry is the map's clock hand. An entry whose heartbeats stopped stays a
 * while as a memory of the record, so that a known peer is served even while
 * Redis is away.
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

enum {
	PEER_ONLINE_MS = 30000,  /* without a heartbeat: offline (spec 4.1) */
	PEER_FORGET_MS = 600000, /* offline that long: memory is given back */
	PEER_SWEEP_MS = 8000,    /* one round of the clock hand */
	PEER_TABLE_MAX =
		8 << 20, /* entries; ~1.4 GiB, beyond it new ones wait */
};

enum peer_flag {
	PEER_HELD = 1,  /* this node is the holder */
	PEER_DIRTY = 2, /* presence must be written */
	PEER_DISABLED = 4,
	PEER_GONE = 8,     /* out of the table, freed when the queue lets go */
	PEER_UNSAVED = 16, /* Redis may have lost its record */
	PEER_REPEAT = 32,  /* nothing is new: not over another node's word */
};

struct peer {
	struct client *client; /* TCP or WebSocket connection; NULL for UDP */
	uint64_t seen_ms;      /* last proof of life */
	struct addr addr;      /* where its packets come from */
	uint8_t via;           /* enum transport */
	uint8_t flags;         /* enum peer_flag */
	uint8_t local;         /* in locals; which address of ours, for UDP */
	uint32_t pk_s;         /* time of the last accepted RegisterPk */
	uint8_t pk_count;      /* accepted without a gap (spec 6.1) */
	uint8_t id_len;
	uint16_t uuid_len;
	bool has_pk;
	uint8_t pk[RECORD_PK_LEN];
	uint8_t text[]; /* id, then machine id */
};

/* What of the held peers is to be written again. */
enum peer_resync {
	PEER_RESYNC_PRESENCE,
	PEER_RESYNC_RECORD, /* and the record: Redis lost its memory */
};

struct peer_table {
	struct map map;
	struct peer **dirty; /* ring: presence to write, each peer once */
	size_t dirty_head;
	size_t ndirty;
	size_t dirty_cap;
	size_t held; /* peers with PEER_HELD */
	uint64_t last_sweep_ms;
	size_t resync;       /* slots whose held peers are still to be marked */
	size_t resync_slots; /* of how many: a table that grows starts again */
	enum peer_resync resync_what; /* the most that was asked for */
	uint8_t resync_local;         /* peers on this way alone; 0: all */
};

void peer_table_init(struct peer_table *t, size_t cap);
void peer_table_fini(struct peer_table *t);

struct peer *peer_find(const struct peer_table *t, const char *id, size_t len);

/*
 * Brings the entry of ID in line with R (made if missing). An entry that is
 * there must be of the same machine. Returns NULL when the table is full or
 * memory is out.
 */
struct peer *peer_put(struct peer_table *t, const char *id, size_t len,
		      const struct record *r);

/* Takes P out of the table and frees it; it must have no connection. */
void peer_remove(struct peer_table *t, struct peer *p);

/* Held here, and connected or heard of within PEER_ONLINE_MS. */
bool peer_online(const struct peer *p, uint64_t now_ms);

bool peer_uuid_eq(const struct peer *p, const uint8_t *uuid, size_t len);
bool peer_pk_eq(const struct peer *p, const uint8_t *pk, size_t len);

/* How a peer is reached. */
struct peer_way {
	enum transport via;
	const struct addr *addr;
	uint8_t local;         /* UDP: index in locals */
	struct client *client; /* NULL for UDP */
};

/* The peer is here, on this way, from now on. Marks its presence dirty if
 * anything but the time changed. */
void peer_hold(struct peer_table *t, struct peer *p, const struct peer_way *way,
	       uint64_t now_ms);
/* Likewise, of a peer that was here under another id: what another node has
 * written under this one meanwhile is newer, and stays. */
void peer_carry(struct peer_table *t, struct peer *p,
		const struct peer_way *way, uint64_t now_ms);

/* The peer is gone (silent, disconnected). */
void peer_offline(struct peer_table *t, struct peer *p);

/* Another node holds it now; nothing is written. */
void peer_release(struct peer_table *t, struct peer *p);

/* Moves the clock hand as far as the time since the last call asks. */
void peer_sweep(struct peer_table *t, uint64_t now_ms);

/* The coming round of the clock hand marks the presence of every held peer
 * dirty, and with PEER_RESYNC_RECORD its record unsaved. LOCAL: only of those
 * that speak to this address of ours; 0: of all. */
void peer_resync(struct peer_table *t, enum peer_resync what, uint8_t local);

struct peer_presence {
	char id[WIRE_ID_MAX + 1];
	size_t id_len;
	struct presence presence; /* epoch filled only if the peer is held;
				     local is an index in locals */
	bool unsaved;             /* and its record may be lost */
	bool repeat;              /* only over our own word, or none */
};

/* The record of P as far as it is known here. */
void peer_record(const struct peer *p, struct record *out);

/* Takes one dirty peer off the queue; false if there is none. */
bool peer_next_dirty(struct peer_table *t, uint32_t epoch,
		     struct peer_presence *out);
/* Its write failed: queue it again, if it is still known. REPEAT as it was. */
void peer_mark_dirty(struct peer_table *t, struct peer *p, bool repeat);
