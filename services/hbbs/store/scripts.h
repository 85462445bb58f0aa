/*
 * scripts: what hbbs asks of Redis in one atomic step (ARCHITECTURE.md,
 * "Redis"). Saving and renaming records: common/site/record_script.h.
 */
#pragma once

/* KEYS seen buckets; ARGV own epoch (4 bytes), then id, presence and "1" (says
 * nothing new) or "0" for each key. A presence of "offline" is written only
 * over our own, one that says nothing new not over another node's. */
extern const char script_seen[];

/* KEYS seen buckets of the old and the new id; ARGV both ids, two messages for
 * the holder, presence_way() that is to move. 1 moved, 0 there is another. */
extern const char script_move[];

/* KEYS hash address -> number, zset address -> time of last use; ARGV highest
 * number, seconds after which an unused number may be given anew, then the
 * addresses in use here (16 bytes). Answers address and number of all. */
extern const char script_locals[];

/* KEYS: ticket:{uuid}. ARGV: RelayTicket, how many of its bytes tell sessions
 * apart, life in ms. 1, or 0 if the uuid is another session's. */
extern const char script_ticket[];

/* KEYS: conn:ref:{ref}. ARGV: user, name, ip, target, life in s,
 * key of the target. */
extern const char script_conn_ref[];

/* {row of policy:settings, policy:rev}; nil where there is none. */
extern const char script_settings[];
