/*
 * hold: this node becomes the holder of a peer, on the path the message came
 * by, and whoever held it before is told.
 */
#pragma once

#include <stdbool.h>

#include "services/hbbs/state/core.h"

/* P, which has no connection, is reached by datagrams where Q came from. */
void hold_datagrams(struct core *c, const struct request *q, struct peer *p);

/* P is reachable where Q came from. Its older connection, if it is another
 * one, is closed; a peer Q's connection held before is let go. */
void hold_here(struct core *c, const struct request *q, struct peer *p);

/* The peer OLD, if it is held here and its machine is still UUID, is reached
 * as NEW from now on, on the way it had. */
void hold_renamed(struct core *c, const char *old, const char *new,
		  const uint8_t *uuid, size_t len);

/* As hold_here() for a peer as loaded from Redis. False: no room for it. */
bool hold_found(struct core *c, const struct request *q, const char *id,
		const struct lookup *l);
