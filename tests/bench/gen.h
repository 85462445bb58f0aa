/*
 * gen: what the load generators of the bench share.
 *
 * Arguments are words of the form name=value. Addresses are those of the
 * bench's own network namespace, where all of 10.0.0.0/8 is local: a peer is
 * a source address, so no server takes the load for one noisy client.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEAD_MAX = 4 };

/* Takes main()'s arguments; raises the descriptor limit as far as it goes. */
void gen_init(const char *program, int argc, char **argv);
/* The value of NAME; without a default (NULL) it must be given. */
const char *arg(const char *name, const char *preset);
long num(const char *name, long preset);
_Noreturn void die(const char *what);

double now(void);
/* CPU seconds of the processes A,B: without what the host stole. */
double cpu_of(const char *pids);
/* Resident KiB of the first of them. */
long rss_of(const char *pids);
/* Those of pids=. */
double cpu_spent(void);
long rss_kib(void);

/* A blocking connection to host=, from SOURCE (host order; 0: any). */
int dial(uint16_t port, uint32_t source);
uint32_t host_addr(void);

/* Writes one length-delimited field; returns its end. */
uint8_t *put_field(uint8_t *p, unsigned number, const void *data, size_t n);
uint8_t *put_varint(uint8_t *p, unsigned number, uint64_t value);
/* The head of a frame with a body of N bytes; returns its length. */
size_t put_head(uint8_t *p, size_t n);
/* Sends a frame of at most 4000 bytes; false if the peer is gone. */
bool send_frame(int fd, const uint8_t *body, size_t n);

/* Peer I of the bench. */
enum { ID_LEN = 9, UUID_LEN = 16, PK_LEN = 32 };
void peer_id(uint32_t i, char out[ID_LEN + 1]);
void peer_uuid(uint32_t i, uint8_t out[UUID_LEN]);
void peer_pk(uint32_t i, uint8_t out[PK_LEN]);

/* Sorts VALUES and returns the one below which SHARE of them lie. */
double percentile(double *values, size_t n, double share);
