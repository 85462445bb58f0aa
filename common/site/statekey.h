/*
 * statekey: names of the keys in Redis that several services build.
 *
 * Peers are spread over 65 536 small hashes by the CRC-16 (XMODEM, the one
 * Redis Cluster uses) of the id, written as four lower-case hex digits.
 * ARCHITECTURE.md, "Redis", lists all keys. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { STATEKEY_MAX = 32 };

uint16_t statekey_crc16(const void *data, size_t len);

/* "peer:29b1": the durable record of ID is field ID of this hash. */
const char *statekey_peer(const char *id, size_t len,
			  char out[static STATEKEY_MAX]);

/* "seen:29b1": the presence of ID is field ID of this hash. */
const char *statekey_seen(const char *id, size_t len,
			  char out[static STATEKEY_MAX]);

/* "node:hbbs:0a0b0c0d": the lease of the process with this epoch. */
const char *statekey_node(const char *service, uint32_t epoch,
			  char out[static STATEKEY_MAX]);

/* "lists:hbbr:0a0b0c0d": the lists of addresses of the relay with this
 * epoch. */
const char *statekey_lists(uint32_t epoch, char out[static STATEKEY_MAX]);

/* "bus:hbbs:0a0b0c0d": the channel of the process with this epoch. */
const char *statekey_bus(const char *service, uint32_t epoch,
			 char out[static STATEKEY_MAX]);
