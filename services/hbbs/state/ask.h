/*
 * ask: A's open requests, the other half of every answer from B.
 *
 * An answer is believed only if its sender was asked (spec 6.9 W4): the
 * connection that its socket_addr names must have an open request for that
 * id. The request keeps B's key, so the node that signs needs no look-up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/site/policy.h"
#include "common/site/record.h"
#include "services/hbbs/state/client.h"
#include "services/hbbs/state/verdicts.h"

enum {
	ASKS_PER_CLIENT = 16, /* clients use one; the oldest gives way */
	ASK_LIFE_MS = 60000,  /* three attempts of at most 18 s, and some air */
};

struct ask {
	struct ask *next;
	uint64_t started_ms;
	uint64_t pushed_ms;  /* last push */
	uint64_t copy;       /* its second copy, for core_settled(); 0: none */
	struct addr peer_ip; /* where B was seen; unspecified if unknown */
	uint32_t node;       /* which held B when it was asked; 0: this one */
	char *relay;         /* what A was or will be told, for the log */
	char *session_key; /* of the WebRTC offer that B was passed, or NULL */
	uint8_t to_b;      /* candidates that were passed on, ... */
	uint8_t to_a;      /* ... and the other way */
	bool for_relay;    /* RequestRelay, not PunchHoleRequest */
	bool udp;          /* the push carried a UDP port */
	bool udp_done;     /* and one datagram was answered */
	bool answered;
	bool has_pk;
	char user[POLICY_GUID]; /* who asks; "" when not signed in */
	char ref[ACCESS_REF];   /* conn_audit_ref that B was given */
	uint8_t pk[RECORD_PK_LEN];
	size_t id_len;
	char id[]; /* with its NUL */
};

/* The open request for ID (any id if LEN is 0), or NULL. */
struct ask *ask_find(const struct client *c, const char *id, size_t len,
		     bool for_relay, uint64_t now_ms);

/* Finds or makes it; NULL if memory is out. *OLD gets the one that had to
 * give way and is the caller's to free, or NULL. */
struct ask *ask_open(struct client *c, const char *id, size_t len,
		     bool for_relay, uint64_t now_ms, struct ask **old);
void ask_free(struct ask *a);

/* Candidates with KEY pass from now on, none if it is NULL. */
void ask_set_session(struct ask *a, const char *key);
/* The open request of C with this session, for ID (NULL: any); or NULL. */
struct ask *ask_of_session(const struct client *c, const char *id,
			   const char *key, uint64_t now_ms);
