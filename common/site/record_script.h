/*
 * record_script: how a peer record gets into Redis, and how it is counted.
 * hbbs saves what a peer registers, rustdesk-utils what it imports.
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
