/*
 * connections: the audit of sessions, from their open post to their close.
 *
 *   api:open:{device}  hash conn_id -> "row guid:heartbeats missed"
 *   api:open:all       zset row guid by its beginning, over all devices
 *   api:kick:{device}  set of conn_ids to be disconnected
 *
 * conn_ids repeat after a restart of the client: the open hash says which
 * row is meant now.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/core/peer.h"

enum {
	CONN_OPEN_MAX = 200, /* sessions of one device at a time */
	CONN_MISSES = 3,     /* heartbeats without it that close a row */
	CONN_NOTE_MAX = 2048,
	CONN_KICK_S = 300,
};

/* True if (id, uuid) of the body is a registered device that is not deleted;
 * everything else is answered as stored, and not stored (contract 13.2). False
 * too while Redis has room only for devices that proved themselves. */
bool connection_device(struct call *c, struct peer *p);
/* True if this post was stored before (retries of newer clients). */
bool connection_repeated(struct call *c);
/* Remembers the post with the transaction that stores it. */
void connection_remember(struct tx *t, struct call *c);

/* The open row of a connection of the device, or NULL. */
struct doc *connection_open_row(struct call *c, const char *device_guid,
				int64_t conn_id);

int connections_post(struct call *c);
int connections_active(struct call *c);
int connections_note(struct call *c);
int connections_disconnect(struct call *c);

/* Disconnects whoever came to the device by the guest link LINK. */
void connections_end_guests(struct tx *t, struct call *c,
			    const char *device_guid, const char *link);

/* Counts rows that a heartbeat does not list; closes the dead ones. */
void connections_sweep(struct call *c, const char *device_guid,
		       struct json_object *conns);
