/*
 * redis_client: one asynchronous client on one loop, and what it was told.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/net/loop.h"
#include "common/redis/redis.h"
#include "redis_server.h"

extern struct loop loop;
extern struct redis *r;
extern struct server server;
extern char url[512];
extern int ups; /* calls of on_state */
extern int downs;
extern int answered;    /* callbacks with a reply */
extern int abandoned;   /* callbacks without one */
extern int errors;      /* of the answered: error replies */
extern char last[4096]; /* text of the last reply or message */

/* A loop alone, or with a plain server at URL. The end also proves that the
 * client gives back every handle: loop_fini() asserts it. */
void start_loop(void);
void end_loop(void);
void start(void);
void stop(void);

/* Opens R at URL. */
void open_opts(struct redis_opts o);
void open_plain(void);
void on_state(void *ctx, bool connected);

/* Turns the loop until COND holds; fails the test if it does not in time. */
void until(bool (*cond)(void));
void until_s(bool (*cond)(void), int seconds);
void turn_for(uint64_t ms);
bool connected(void);
bool disconnected(void);
bool idle(void);

/* Sends a command of up to three words; COUNT, an int or NULL, counts its
 * callbacks. */
int send3(const char *a, const char *b, const char *c, void *count);
void on_reply(const struct redis_reply *reply, void *ctx);

/* Sends a command and waits until nothing is in flight. */
void ask(const char *a, const char *b, const char *c);
