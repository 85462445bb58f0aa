#include "services/hbbs/state/job.h"

#include <stdlib.h>
#include <string.h>

#include "services/hbbs/state/client.h"

static const void *key_of(const void *item, size_t *len)
{
	const struct job *j = item;
	*len = sizeof j->ticket;
	return &j->ticket;
}

void job_table_init(struct job_table *t)
{
	*t = (struct job_table){ 0 };
	map_init(&t->map, key_of, JOBS_MAX);
}

static bool free_one(void *item, void *ctx)
{
	struct job *j = item;
	(void)ctx;

	wire_release(&j->arena);
	free(j);
	return true;
}

void job_table_fini(struct job_table *t)
{
	map_sweep(&t->map, t->map.slots, free_one, NULL);
	map_fini(&t->map);
}

struct job *job_create(struct job_table *t, const struct origin *from,
		       const uint8_t *data, size_t len)
{
	if (t->map.len >= JOBS_MAX || len > JOBS_BYTES_MAX - t->bytes)
		return NULL;
	struct job *j = malloc(sizeof *j + len);
	if (!j)
		return NULL;
	*j = (struct job){
		.ticket = t->last_ticket += 2,
		.client_id = from->client ? from->client->id : 0,
		.via = from->via,
		.source = from->source,
		.local = from->local,
		.len = len,
	};
	memcpy(j->data, data, len);
	if (map_put(&t->map, j) != 0) {
		free(j);
		return NULL;
	}
	t->bytes += len;
	return j;
}

bool job_unpack(struct job_table *t, struct job *j)
{
	j->m = wire_unpack(&j->arena, j->data, j->len);
	if (j->m && j->arena.spilled <= JOBS_BYTES_MAX - t->bytes) {
		t->bytes += j->arena.spilled;
		return true;
	}
	wire_release(&j->arena);
	j->arena.spilled = 0; /* nothing to give back */
	return false;
}

struct job *job_find(const struct job_table *t, uint64_t ticket)
{
	ticket &= ~UINT64_C(1);
	return map_find(&t->map, &ticket, sizeof ticket);
}

void job_destroy(struct job_table *t, struct job *j)
{
	map_take(&t->map, &j->ticket, sizeof j->ticket);
	t->bytes -= j->len + j->arena.spilled;
	wire_release(&j->arena);
	free(j);
}
