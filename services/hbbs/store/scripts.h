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

/* KEYS lease, node list, hash of what nodes read; ARGV epoch, NodeInfo, own
 * lease in seconds, grace in seconds, "1" to say goodbye, newest version of
 * presence that we read. Answers 1 if the node was listed before, then epoch,
 * age and that version (1 where a node says nothing) of every node. */
extern const char script_lease[];

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

/* The NodeInfo of every relay that has a lease, in the order of epochs. */
extern const char script_relays[];
