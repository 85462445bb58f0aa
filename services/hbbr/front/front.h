/*
 * front: the thread that meets the clients; its parts, put together.
 *
 * It accepts, reads exactly one frame of each connection, and joins the two
 * that name the same uuid:
 *
 *	entry --request--> pairing --pair--> session --+--> worker (splice)
 *	  <--- park, refuse, release ---'              `--> bridge
 *
 * Each part knows those it calls and nobody who calls it: what it has to say
 * upwards goes through callbacks, which are set here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "common/base/ipset.h"
#include "common/net/loop.h"
#include "services/hbbr/front/memory.h"
#include "services/hbbr/state/limits.h"
#include "services/hbbr/state/usage.h"

struct claims;
struct entry;
struct pairing;
struct sessions;
struct settings;

/* What the front asks of the process. */
struct front_hooks {
	/* See entry_opts. */
	int (*is_command)(int fd);
	void (*on_command)(void *ctx, int fd);
	/* A part of what front_usage() asked for; the callee frees ROWS. */
	void (*on_usage)(void *ctx, struct usage_row *rows, size_t n);
	void (*on_closed)(void *ctx); /* after front_close() */
	void *ctx;
};

struct front {
	struct loop *loop;
	const struct settings *cfg; /* borrowed */
	struct front_hooks hooks;
	struct limits limits; /* of sessions that start now */
	struct shared_limit total;
	uint64_t total_bps;   /* as set; 0 for no limit */
	struct ipset blocked; /* refused and cut */
	struct ipset banned;  /* likewise, by the api */
	struct ipset slow;    /* throttled */
	struct memory memory;
	struct entry *entry;
	struct pairing *pairing;
	struct sessions *sessions;
	struct timer tick;
	int closing_parts; /* until on_closed */
};

/* Starts the workers; no connections yet. 0 or -errno. */
MUST_USE int front_open(struct front *f, struct loop *l,
			const struct settings *cfg,
			const struct front_hooks *hooks);
/* Opens the ports. KEY is borrowed, "" admits everybody; CLAIMS, borrowed, asks
 * Redis, or NULL. 0 or -errno (logged). */
MUST_USE int front_listen(struct front *f, const char *key,
			  const struct claims *claims);
/* Where other relays dial; 0: nowhere. */
uint16_t front_mesh_port(const struct front *f);
/* Reads the certificate again. */
void front_reload(struct front *f);
/* New sessions are refused soon; what is under way may end. */
void front_drain(struct front *f);
/* Sessions that are relayed. */
size_t front_sessions(const struct front *f);
/* Nobody is or waits to be relayed. */
bool front_idle(const struct front *f);
/* Closes everything; on_closed when the workers have ended as well. */
void front_close(struct front *f);
void front_fini(struct front *f);

/* The lists were edited: running sessions follow. */
void front_lists_changed(struct front *f);
/* Who is banned has changed: copies BANNED, and running sessions follow. 0 or
 * -ENOMEM: it stays as it was. */
MUST_USE int front_ban(struct front *f, const struct ipset *banned);
/* Asks for usage; on_usage is called front_usage_parts() times in all. */
void front_usage(struct front *f);
size_t front_usage_parts(const struct front *f);
