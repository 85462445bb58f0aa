/*
 * guard: brute-force limits of the account log-in.
 *
 * Failures are counted in Redis per account and address (one minute) and per
 * account (one hour, and in a row), so N nodes count together. A correct
 * log-in from an address that has succeeded before is never refused because
 * others try: an attacker cannot lock a user out of his own office.
 */
#pragma once

#include "services/api/core/call.h"

enum {
	GUARD_MINUTE = 6,   /* failures of one address for one account */
	GUARD_ADDRESS = 30, /* failures of one address for any account, 1 min */
	GUARD_HOUR = 30, /* failures for one account from unknown addresses */
	GUARD_ROW = 30,  /* failures in a row: alarm 3 */
};

/* Who tries to sign in, as far as Redis has seen him. */
enum guard {
	GUARD_SHUT,     /* too many failures: he may not try now */
	GUARD_GUESSER,  /* his address failed within a minute */
	GUARD_STRANGER, /* nothing is known of him */
	GUARD_KNOWN,    /* this account has signed in from his address */
};

/* Failures that were counted, and whether the pair is known. */
struct guard_seen {
	long long pair, address, hour;
	bool known;
};
enum guard guard_of(const struct guard_seen *s);

/* Who tries ACCOUNT now? Also applies the per-process rate, once a call. */
enum guard guard_open(struct call *c, const char *account);
/* Is this the thread where a password of WHO is to be checked? If not, the
 * handler returns CALL_LATER; see call_lane(). LDAP: a directory is asked.
 * Guessers wait for each other, and strangers leave a thread to the known. */
bool guard_lane(struct call *c, enum guard who, bool ldap);
/* The per-process rate of this address alone: for steps that cost Redis. */
bool guard_rate(struct call *c);
/* What to answer after a check: NULL if it was RIGHT. A failure is counted
 * (alarms 3, 4, 5 go to the audit) and answered WRONG; whatever the check said,
 * it is guard_full when others have used up the tries meanwhile, so parallel
 * guesses learn no more than guesses one after the other. */
const char *guard_judge(struct call *c, const char *account, bool right,
			const char *wrong);
extern const char guard_full[];
/* Forgets how often ACCOUNT failed; per address it is a minute anyway. */
void guard_forget(struct tx *t, struct call *c, const char *account);
/* Forgets the failures; remembers the address. */
void guard_passed(struct tx *t, struct call *c, const char *account);
