#include "services/hbbr/pairing/match.h"

#include <assert.h>
#include <string.h>

const uint8_t session_may_follow[SESSION_STATES] = {
	[S_WAITING] = BIT(S_PAIRED) | BIT(S_ENDED),
	[S_PAIRED] = BIT(S_ENDED),
	[S_ENDED] = 0,
};

static const void *session_key(const void *item, size_t *len)
{
	const struct session *s = item;

	*len = strlen(s->uuid);
	return s->uuid;
}

void match_init(struct match *m, size_t max_waiting, size_t max_paired)
{
	*m = (struct match){
		.max_waiting = max_waiting,
		.max_paired = max_paired,
	};
	map_init(&m->by_uuid, session_key, max_waiting + max_paired);
	TAILQ_INIT(&m->waiting);
	TAILQ_INIT(&m->paired);
}

void match_fini(struct match *m)
{
	assert(m->nwaiting == 0 && m->npaired == 0);
	map_fini(&m->by_uuid);
}

static void list_leave(struct match *m, struct session *s)
{
	if (s->state == S_WAITING) {
		TAILQ_REMOVE(&m->waiting, s, link);
		m->nwaiting--;
	} else {
		TAILQ_REMOVE(&m->paired, s, link);
		m->npaired--;
	}
}

/* The one door: the only writer of state after match_park(). */
static void session_enter(struct match *m, struct session *s,
			  enum session_state next, uint64_t now_ms)
{
	assert(session_may_follow[s->state] & BIT(next));
	list_leave(m, s);
	s->state = next;
	s->since_ms = now_ms;
	if (next == S_PAIRED) {
		TAILQ_INSERT_TAIL(&m->paired, s, link);
		m->npaired++;
	}
}

struct session *match_find(const struct match *m, const char *uuid)
{
	return map_find(&m->by_uuid, uuid, strlen(uuid));
}

enum reason match_admit(const struct match *m, const struct session *found)
{
	if (found == NULL)
		return m->nwaiting < m->max_waiting ? REASON_NONE
						    : REASON_CAP_WAITING;
	if (found->state != S_WAITING || found->second != NULL)
		return REASON_UUID_BUSY;
	return m->npaired < m->max_paired ? REASON_NONE : REASON_CAP_SESSIONS;
}

int match_park(struct match *m, struct session *s, uint64_t now_ms)
{
	int r = map_put(&m->by_uuid, s);
	if (r < 0)
		return r;
	s->state = S_WAITING;
	s->since_ms = now_ms;
	TAILQ_INSERT_TAIL(&m->waiting, s, link);
	m->nwaiting++;
	return 0;
}

void match_pair(struct match *m, struct session *s, uint64_t now_ms)
{
	session_enter(m, s, S_PAIRED, now_ms);
	s->first = NULL;
	s->second = NULL;
}

void match_end(struct match *m, struct session *s, uint64_t now_ms)
{
	void *held = map_take(&m->by_uuid, s->uuid, strlen(s->uuid));

	assert(held == s);
	(void)held;
	session_enter(m, s, S_ENDED, now_ms);
}

struct session *match_overdue(const struct match *m, uint64_t now_ms)
{
	struct session *s = TAILQ_FIRST(&m->waiting);

	if (s == NULL || now_ms - s->since_ms < MATCH_WAIT_MS)
		return NULL;
	return s;
}
