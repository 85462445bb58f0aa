/*
 * presence_script: what online.h needs to say who is online, asked of Redis in
 * one step.
 */
#pragma once

enum { PRESENCE_ANSWERS = 3 };   /* for each id */
#define NODE_GONE_S "4294967295" /* age of a node that nobody has seen */

/* KEYS seen bucket for each id; ARGV the ids, then NODE_GONE_S. Answers for
 * each id its presence ("": none), the age of its holder's lease, and how many
 * listen on the holder's channel. */
extern const char presence_script_online[];
