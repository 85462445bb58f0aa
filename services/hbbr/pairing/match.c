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

struct session *match_waiting(const struct match *m, const char *uuid,
			      uint64_t serial)
{
	struct session *s = match_find(m, uuid);

	return s && s->state == S_WAITING && s->gate.serial == serial ? s
								      : NULL;
}

enum reason match_admit(const struct match *m, const struct session *found)
{
	if (!found)
		return m->nwaiting < m->max_waiting ? REASON_NONE
						    : REASON_CAP_WAITING;
	if (found->state != S_WAITING || found->second)
		return REASON_UUID_BUSY;
	return m->npaired < m->max_paired ? REASON_NONE : REASON_CAP_SESSIONS;
}

static bool is_same_half(const struct session_end *e, const struct addr *client,
			 bool controller)
{
	return !e->link && e->controller == controller &&
	       addr_same_ip(&e->client, client);
}

bool match_is_duplicate(const struct session *found, const struct addr *client,
			bool controller)
{
	return is_same_half(&found->ends[0], client, controller) ||
	       ((found->state == S_PAIRED || found->second) &&
		is_same_half(&found->ends[1], client, controller));
}

static bool has_device(const struct session *s, const struct addr *client)
{
	return s->gate.has_ticket && match_is_duplicate(s, client, false);
}

bool match_came_lately(const struct match *m, const struct addr *client,
		       uint64_t now_ms)
{
	const struct session *s;
	size_t n = 0;

	TAILQ_FOREACH_REVERSE(s, &m->paired, session_list, link)
	{
		if (now_ms - s->since_ms > MATCH_LATELY_MS ||
		    n++ == MATCH_LATELY_MAX)
			break;
		if (has_device(s, client))
			return true;
	}
	n = 0;
	TAILQ_FOREACH_REVERSE(s, &m->waiting, session_list, link)
	{
		if (n++ == MATCH_LATELY_MAX)
			break;
		if (has_device(s, client))
			return true;
	}
	return false;
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

	if (!s || now_ms - s->since_ms < MATCH_WAIT_MS)
		return NULL;
	return s;
}
