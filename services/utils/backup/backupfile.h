/*
 * backupfile: the format of `rustdesk-utils backup`.
 *
 *   "RDSBACK1"  flags(1)  version(15)  created(8, LE, Unix seconds)
 *   if encrypted: salt(16)  opslimit(8)  memlimit(8)  stream header(24)
 *   frames: kind(1, 'R' record or 'E' end)  length(4, LE)  payload
 *   BLAKE2b-256 of everything before it
 *
 * The payload of the end is the number of records (8, LE). Encrypted payloads
 * are libsodium's secretstream (XChaCha20-Poly1305) under a key that argon2id
 * makes of the passphrase and that is bound to the head; the end carries the
 * stream's final tag. So a cut, reordered or changed file is found out.
 */
#pragma once

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/attr.h"

enum {
	BACKUP_RECORD_MAX = 60 << 20, /* a Redis command has 64 MiB */
	BACKUP_VERSION_MAX = 16,
	BACKUP_HASH = 32,
};

struct backup_head {
	int64_t created_s;
	char version[BACKUP_VERSION_MAX]; /* of the program that wrote it */
	bool encrypted;
};

/* One side of a file; zero it, open it, finish or close it. */
struct backup_file {
	FILE *f;
	struct backup_head head;
	crypto_generichash_state hash;
	crypto_secretstream_xchacha20poly1305_state stream;
	uint64_t records;
	uint8_t *data; /* of the frame under way */
	size_t size;
	uint8_t *plain;
	size_t plain_size;
};

/* PASSPHRASE NULL or "": not encrypted. F stays the caller's. 0 or -errno. */
MUST_USE int backup_create(struct backup_file *b, FILE *f, int64_t created_s,
			   const char *passphrase);
MUST_USE int backup_write(struct backup_file *b, const void *record,
			  size_t len);
MUST_USE int backup_end(struct backup_file *b);

/*
 * Reads the head. 0, -EPROTO (no backup, or of a later format), -ENOKEY
 * (encrypted, and no passphrase), -EBADMSG (damaged), -ENOMEM, -EIO. A wrong
 * passphrase shows in the first backup_read(): -EACCES.
 */
MUST_USE int backup_open(struct backup_file *b, FILE *f,
			 const char *passphrase);

/* 1 and a record, valid until the next call; 0 when the end has proved the
 * whole file; or as above. */
MUST_USE int backup_read(struct backup_file *b, const uint8_t **record,
			 size_t *len);

/* Wipes and frees; for both sides. */
void backup_close(struct backup_file *b);
