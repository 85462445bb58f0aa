/*
 * client: one TCP or WebSocket connection, as the core sees it.
 *
 * The edge owns the socket, the core owns this: who it is, how it is
 * encrypted, which peer it registered (B) and whom it asked for (A). Results
 * that arrive later name a connection by its id, never by its pointer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/base/map.h"
#include "common/proto/keys.h"
#include "common/proto/kx.h"
#include "common/site/transport.h"

enum { CLIENT_BODY_MAX = 64 * 1024 }; /* largest message, spec 1.3 REC */

enum client_port {
	PORT_MAIN, /* 21116 and 21118 */
	PORT_NAT,  /* 21115: NAT test and online query only */
};

enum channel {
	CHANNEL_PLAIN,   /* no encryption, now and later */
	CHANNEL_OFFERED, /* KeyExchange sent, the first frame decides */
	CHANNEL_SECURE,
};

struct ask;
struct job;
struct peer;

struct client {
	uint64_t id;   /* never used twice */
	void *session; /* the edge's object */
	struct addr source;
	struct addr key; /* unique ip:port that B echoes (spec 3.3) */
	enum transport via;
	enum client_port port;
	enum channel channel;
	bool proxied; /* source comes from a proxy's header */
	bool plain;   /* to which it speaks unencrypted */
	bool closing; /* nothing more is read from it */
	bool listed;  /* in the table by key */
	bool hc;      /* stands for a running session of a user */
	bool http;    /* waits for the API's answer */
	uint8_t nasks;
	union {
		struct kx_box offered;    /* CHANNEL_OFFERED */
		struct keys_channel keys; /* CHANNEL_SECURE */
	} secret;
	struct peer *peer; /* registered on this connection, or NULL */
	struct ask *asks;  /* newest first */
	struct job *held;  /* B: its answer, which waits for the end, or NULL */
};

struct client_info {
	struct addr source;
	enum transport via;
	enum client_port port;
	bool proxied;
	bool plain;
	void *session;
};

struct client_table {
	struct map by_id;
	struct map by_key; /* those that asked for somebody */
	struct map by_ip;  /* how many connections an address has */
	uint64_t last_id;
	size_t max_per_ip;
};

void client_table_init(struct client_table *t, size_t cap, size_t max_per_ip);
void client_table_fini(struct client_table *t);
/* No more than MAX connections in all, whatever the cap was. */
void client_table_limit(struct client_table *t, size_t max);

/* NULL when the caps (in all, per address) are reached or memory is out. */
struct client *client_create(struct client_table *t,
			     const struct client_info *info);
void client_destroy(struct client_table *t, struct client *c);
/* True if a connection of SOURCE may come once another one has gone. */
bool client_needs_room(const struct client_table *t, const struct addr *source);

struct client *client_find(const struct client_table *t, uint64_t id);
struct client *client_by_key(const struct client_table *t,
			     const struct addr *key);

/*
 * Makes C findable by a key no other connection has. A direct connection
 * keeps its own address (B connects to it) and takes it from whoever has it;
 * one behind a proxy gets another port if its own is taken. False if none is
 * free or memory is out.
 */
MUST_USE bool client_list_by_key(struct client_table *t, struct client *c);
