/*
 * reason: why a connection was refused or a relay session ended.
 *
 * One list for both, because the same word is the log field and the metric
 * label. The words are an interface: dashboards and fail2ban match them.
 */
#pragma once

/* X(SYMBOL, "word") */
#define REFUSALS(X)                                                            \
	X(REASON_GONE, "gone")               /* closed before it was paired */ \
	X(REASON_TIMEOUT, "timeout")         /* no first frame in time */      \
	X(REASON_TOO_BIG, "too_big")         /* first frame above the cap */   \
	X(REASON_BAD_MESSAGE, "bad_message") /* not a RequestRelay */          \
	X(REASON_BAD_KEY, "bad_key")         /* licence key is not ours */     \
	X(REASON_BAD_UUID, "bad_uuid")       /* empty uuid */                  \
	X(REASON_UUID_BUSY, "uuid_busy")     /* third connection of a pair */  \
	X(REASON_DUPLICATE, "duplicate")     /* its device came twice */       \
	X(REASON_ALONE, "alone")             /* nobody joined in time */       \
	X(REASON_NO_TICKET, "no_ticket")     /* hbbs has not allowed it */     \
	X(REASON_DRAINING, "draining")       /* the relay is about to stop */  \
	X(REASON_EARLY_DATA, "early_data")   /* too much before the pairing */ \
	X(REASON_CAP_WAITING, "cap_waiting") /* MAX_PARKED reached */          \
	X(REASON_CAP_IP, "cap_ip")           /* MAX_PARKED_PER_IP reached */   \
	X(REASON_CAP_SESSIONS, "cap_sessions") /* MAX_SESSIONS reached */      \
	X(REASON_CROWDED, "oldest_makes_room") /* MAX_PARKED, no frame yet */  \
	X(REASON_FOREIGN, "foreign_protocol")  /* TLS or a PROXY header */

#define ENDINGS(X)                                                             \
	X(REASON_CLOSED, "closed")       /* an end closed: the normal end */   \
	X(REASON_RESET, "reset")         /* an end was reset or died */        \
	X(REASON_IDLE, "idle")           /* no byte for IDLE_TIMEOUT */        \
	X(REASON_STUCK, "stuck")         /* would not take the last bytes */   \
	X(REASON_BAD_FRAME, "bad_frame") /* frame above the cap, mixed pair */ \
	X(REASON_OVERLOAD, "overload")   /* a worker's mailbox is full */      \
	X(REASON_SHUTDOWN, "shutdown")   /* the relay itself stops */

/* Both: a blocked address is refused, and cut out of a running session; of
 * BRIDGE_MEMORY both take. */
#define COMMON_REASONS(X)                                                      \
	X(REASON_BLOCKED, "blocked")                                           \
	X(REASON_MEMORY, "memory")

#define REASON_ONE(symbol, word) +1

#define REASON_ENUM(symbol, word) symbol,
enum reason {
	REASON_NONE,
	REFUSALS(REASON_ENUM) ENDINGS(REASON_ENUM) COMMON_REASONS(REASON_ENUM)
	/* count */ REASONS
};
#undef REASON_ENUM

const char *reason_word(enum reason r);
