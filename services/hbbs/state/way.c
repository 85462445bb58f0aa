#include "services/hbbs/state/way.h"

#include <assert.h>

#include "services/hbbs/state/core.h"

static void walk(struct core *c, struct request *q, step_fn *run,
		 const union result *r)
{
	struct step next = run(c, q, r);

	while (next.run != NULL && !next.waits)
		next = next.run(c, q, NULL);
	assert(next.waits == (q->job != NULL && q->job->waiting > 0));
	if (q->job == NULL)
		return;
	if (!next.waits) {
		job_destroy(&c->jobs, q->job);
		return;
	}
	q->job->next = next.run;
	q->job->known = q->known;
}

void way_walk(struct core *c, struct request *q, step_fn *first)
{
	walk(c, q, first, NULL);
}

void way_resume(struct core *c, struct job *j, const union result *r)
{
	struct request q;

	q.from = (struct origin){
		.via = j->via,
		.source = j->source,
		.local = j->local,
	};
	q.m = j->m;
	q.data = j->data;
	q.len = j->len;
	q.job = j;
	q.over_bus = false;
	q.known = j->known;
	if (j->client_id != 0) {
		q.from.client = client_find(&c->clients, j->client_id);
		if (q.from.client == NULL || q.from.client->closing) {
			job_destroy(&c->jobs, j);
			return;
		}
	}
	walk(c, &q, j->next, r);
}
