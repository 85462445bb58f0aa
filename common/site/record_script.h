/*
 * record_script: how a peer record gets into Redis, and how it is counted.
 * hbbs saves and renames what a peer registers, rustdesk-utils what it imports.
 */
#pragma once

/* KEYS peer bucket, count; ARGV id, expected revision, record, MAX_PEERS.
 * 1 saved, 0 another revision is there, -1 too many peers. */
extern const char record_script_save[];

/*
 * KEYS count, peer bucket...; ARGV "1" to replace what is there, MAX_PEERS,
 * then id and record for each bucket. Each record is whole and counted, or
 * not there. Answers a text of one letter for each: n new, r replaced, k kept
 * (one was there), f too many peers.
 */
extern const char record_script_import[];

/*
 * A device gets another id, and with it, in the same step, goes what hangs on
 * the id: its policy row, deployment, tombstone, inventory entry and the
 * address books' entries about it (of the 5 000 oldest books: two reads each
 * while Redis is blocked).
 *
 * KEYS old bucket, new bucket, count; ARGV old id, new id, expected revision
 * of both, record, guid as text. 1 renamed, 0 a revision differs, -2 policy
 * knows another device of the new id.
 *
 * Who still holds the old id in memory is told a moment later; until then
 * policy:moved:{id} keeps it from being judged as a stranger (policy.h),
 * and tells the api the new id.
 */
extern const char record_script_rename[];
