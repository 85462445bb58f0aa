/*
 * clone: one id that is used by several machines, as copies of a disk do.
 *
 * Copies have the same id, machine id and key; what differs is what they
 * report of themselves: host name, system, processor. One machine may get a
 * new name, more memory, another address at any time, but it does not become
 * again what it was before, and that CLONE_RETURNS times, each within
 * CLONE_WATCH_S of the turn before. Two machines that run at once do, as soon
 * as both are asked. Memory, user, version and the clock of the processor
 * change by themselves and say nothing. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "services/api/core/fields.h"

enum {
	CLONE_MACHINES_MAX =
		4,             /* of an id; who has not reported longest goes */
	CLONE_RETURNS_MIN = 3, /* A, B, then A, B and A again */
	CLONE_WATCH_S = 150,   /* ten heartbeats */
};

/* Are these facts (members INFO) of one machine, as far as they tell? */
bool clone_same(struct json_object *a, struct json_object *b);

/* MACHINE (facts and the members MACHINE; taken over) has reported. WATCH is
 * what is known of the id (members CLONE), empty at first. */
void clone_observe(struct json_object *watch, struct json_object *machine);

/* Do several machines report in turn? */
bool clone_found(struct json_object *watch);

/* The place of the machine in WATCH that FACTS are of, or -1. */
int clone_find(struct json_object *watch, struct json_object *facts);
