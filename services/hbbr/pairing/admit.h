/*
 * admit: may a connection under this uuid wait here, and where is its other
 * half?
 *
 * One question to Redis per first half answers both: is there a ticket (hbbs
 * has allowed this session; spec 6.9 W8), and which relay claimed the uuid
 * first. The answer is judged here; arrival.c asks. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	/* B may be here before hbbs has heard of the session; a client that
	 * waits longer than this for its relay gives up before long. */
	ADMIT_WAIT_MS = 2000,
	ADMIT_LINKS_MAX = 3, /* owners tried, one after the other */
	TICKET_TEXT_MAX = 64,
};

/* What hbbs says of a session. Texts are cut to fit: they are for the log. */
struct ticket {
	uint64_t max_bps; /* 0: the relay's own limit */
	char target[TICKET_TEXT_MAX];
	char user[TICKET_TEXT_MAX];
	char ref[TICKET_TEXT_MAX]; /* of the audit; "" for none */
};

struct admit_reply {
	bool answered; /* Redis did */
	bool has_ticket;
	struct ticket ticket;
	uint32_t owner; /* epoch of the relay that has the claim */
};

enum admit {
	ADMIT_BLIND,  /* Redis is away: by key alone, here */
	ADMIT_ASK,    /* no ticket yet: ask again */
	ADMIT_REFUSE, /* and none will come */
	ADMIT_HERE,   /* the claim is ours */
	ADMIT_LINK,   /* the other half waits at OWNER */
};

enum admit admit_judge(const struct admit_reply *r, bool tickets, uint32_t me,
		       uint64_t waited_ms);

/* How long to wait before asking for the ticket again. */
uint64_t admit_pause_ms(unsigned tries);

/* Reads a RelayTicket. 0 or -EPROTO. */
MUST_USE int admit_ticket(struct ticket *t, const uint8_t *data, size_t len);

/* Where a waiting session stands with the above. */
struct gate {
	bool open;    /* halves may be joined */
	bool claimed; /* half:{uuid} names this relay */
	bool has_ticket;
	unsigned tries;  /* questions that were asked */
	unsigned links;  /* owners that were tried */
	uint32_t dead;   /* epoch of an owner that did not have it; 0: none */
	uint64_t ask_ms; /* when to ask again; 0: not scheduled */
	uint64_t serial; /* tells a session from a later one of this uuid */
	struct ticket ticket;
};
