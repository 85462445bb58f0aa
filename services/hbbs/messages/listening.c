#include "services/hbbs/messages/listening.h"

static void due_at(struct core *c, struct job *j, uint64_t ms)
{
	j->due_ms = ms;
	if (c->held_due_ms == 0 || ms < c->held_due_ms)
		c->held_due_ms = ms;
}

bool listening_wait(struct core *c, struct request *q)
{
	if (!q->from.client || q->from.via != VIA_TCP)
		return false;
	struct job *j = core_park(c, q);
	if (!j)
		return false;
	due_at(c, j, c->now_ms + LISTENING_MAX_MS);
	j->next_held = c->held;
	c->held = j;
	q->from.client->held = j;
	return true;
}

void listening_hung_up(struct core *c, struct client *b)
{
	struct job *j = b->held;
	uint64_t due = c->now_ms + LISTENING_AFTER_MS;

	if (!j)
		return;
	b->held = NULL;
	j->client_id = 0; /* it goes on without the connection */
	if (due < j->due_ms)
		due_at(c, j, due);
}

static void take_out(struct core *c, struct job *j)
{
	struct client *b = client_find(&c->clients, j->client_id);

	if (b)
		b->held = NULL;
	j->next_held = NULL;
	j->waiting--;
}

struct job *listening_due(struct core *c)
{
	uint64_t next = 0;

	if (c->held_due_ms == 0 || c->now_ms < c->held_due_ms)
		return NULL;
	for (struct job **at = &c->held; *at; at = &(*at)->next_held) {
		struct job *j = *at;
		if (j->due_ms <= c->now_ms) {
			*at = j->next_held;
			take_out(c, j);
			return j;
		}
		if (next == 0 || j->due_ms < next)
			next = j->due_ms;
	}
	c->held_due_ms = next;
	return NULL;
}
