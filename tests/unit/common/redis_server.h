/*
 * redis_server: Redis servers for tests, real ones and ones that misbehave.
 *
 * Every server lives in its own temporary folder and on its own free port; it
 * dies with the test's process.
 */
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/attr.h"

enum { START_TRIES = 500, TRY_MS = 20 }; /* while waiting for a server */

struct server {
	pid_t pid;
	char dir[64];
	char socket[96];
	uint16_t port;
	uint16_t tls_port; /* 0: none */
};

void pause_ms(long ms);
uint64_t clock_ms(void);
uint16_t free_port(void);
void shell(const char *fmt, ...) PRINTF(1, 2);

/* EXTRA are further redis-server options. */
void server_start(struct server *s, const char *extra);

/* A server with TLS on a second port; its certificate is DIR/cert.pem, good
 * for localhost and 127.0.0.1. */
void server_start_tls(struct server *s, const char *extra);
/* Another certificate, which the server takes when it is told to. */
void server_certify(const struct server *s, const char *names);

/* A sentinel with the configuration CONF. */
void server_start_sentinel(struct server *s, const char *conf);

/* Ends the server as a crash would, keeping its folder and port. */
void server_kill(struct server *s);
void server_restart(struct server *s, const char *extra);
void server_stop(struct server *s);

/* Runs redis-cli, which must succeed. */
void server_cli(const struct server *s, const char *commands);

/* True if redis-cli's output for COMMANDS matches PATTERN; or wait for it. */
bool server_shows(const struct server *s, const char *commands,
		  const char *pattern);
void server_wait(const struct server *s, const char *commands,
		 const char *pattern);

/* A process that plays SCRIPT(listening socket, ARG) and ends. */
pid_t fake_start(void (*script)(int fd, const char *arg), const char *arg,
		 uint16_t *port);
void fake_stop(pid_t pid);

/* For scripts: waits until the client has sent something that ends with END;
 * false if it has gone away. */
bool fake_expect(int fd, const char *end);
void fake_say(int fd, const char *text);

/* Accepts, and answers the greeting of a client without password, database
 * and channel: CLIENT SETNAME, PING. */
int fake_accept(int listening);

/* The main() of a test program. */
int run_cases(const char *suite, TCase *const *cases, size_t n);
