#include "services/utils/exchange/putpeers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"
#include "common/site/record_import.lua.h"
#include "common/site/statekey.h"

enum {
	BATCH = 64,   /* peers of one script: it blocks Redis for 0.2 ms */
	PIPELINE = 8, /* scripts under way: one flush of the disk for all */
	FIXED = 3,    /* EVALSHA, SHA, number of keys */
	WORDS = FIXED + 1 + BATCH + 2 + 2 * BATCH,
};

struct slot {
	char key[STATEKEY_MAX];
	char id[WIRE_ID_MAX];
	size_t id_len;
	uint8_t record[RECORD_ENCODED_MAX];
	size_t record_len;
};

struct putpeers {
	struct redis_sync *redis;
	const char *command;
	struct putpeers_counts counts;
	char replace[2];
	char max[24];
	unsigned pending; /* scripts without their answer */
	unsigned n;       /* slots in use */
	struct slot slots[BATCH];
};

struct putpeers *putpeers_open(struct redis_sync *r, const char *command,
			       bool replace, int64_t max_peers)
{
	struct putpeers *p = calloc(1, sizeof(*p));

	if (!p) {
		fprintf(stderr, "rustdesk-utils %s: no memory\n", command);
		return NULL;
	}
	p->redis = r;
	p->command = command;
	snprintf(p->replace, sizeof(p->replace), "%d", replace);
	snprintf(p->max, sizeof(p->max), "%lld", (long long)max_peers);
	if (!db_script(r, command, &record_import_lua)) {
		free(p);
		return NULL;
	}
	return p;
}

static bool read_answer(struct putpeers *p)
{
	size_t len = 0;
	struct redis_reply *reply = redis_sync_next(p->redis);
	bool good = db_good(reply, REDIS_STRING, p->command);
	const char *words = good ? redis_str(reply, &len) : "";

	for (size_t i = 0; i < len; i++) {
		p->counts.added += words[i] == 'n';
		p->counts.replaced += words[i] == 'r';
		p->counts.kept += words[i] == 'k';
		p->counts.full += words[i] == 'f';
	}
	redis_reply_free(reply);
	p->pending--;
	return good;
}

static bool send_batch(struct putpeers *p)
{
	const char *argv[WORDS];
	size_t lens[WORDS];
	char nkeys[16];
	int argc = 0;

	snprintf(nkeys, sizeof(nkeys), "%u", p->n + 1);
	const char *head[] = { "EVALSHA", record_import_lua.sha, nkeys,
			       KEY_PEERS_COUNT };
	for (size_t i = 0; i < ARRAY_LEN(head); i++, argc++) {
		argv[argc] = head[i];
		lens[argc] = strlen(head[i]);
	}
	for (unsigned i = 0; i < p->n; i++, argc++) {
		argv[argc] = p->slots[i].key;
		lens[argc] = strlen(p->slots[i].key);
	}
	argv[argc] = p->replace;
	lens[argc++] = 1;
	argv[argc] = p->max;
	lens[argc++] = strlen(p->max);
	for (unsigned i = 0; i < p->n; i++) {
		argv[argc] = p->slots[i].id;
		lens[argc++] = p->slots[i].id_len;
		argv[argc] = (const char *)p->slots[i].record;
		lens[argc++] = p->slots[i].record_len;
	}
	p->n = 0;
	if (redis_sync_append(p->redis, argc, argv, lens) < 0)
		return db_good(NULL, REDIS_STRING, p->command);
	p->pending++;
	return p->pending < PIPELINE || read_answer(p);
}

bool putpeers_add(struct putpeers *p, const char *id, size_t len,
		  const struct record *record)
{
	struct slot *s = &p->slots[p->n++];

	memcpy(s->id, id, len);
	s->id_len = len;
	statekey_peer(id, len, s->key);
	s->record_len = record_encode(record, s->record);
	return p->n < BATCH || send_batch(p);
}

bool putpeers_finish(struct putpeers *p)
{
	bool good = p->n == 0 || send_batch(p);

	while (good && p->pending > 0)
		good = read_answer(p);
	return good;
}

const struct putpeers_counts *putpeers_counts(const struct putpeers *p)
{
	return &p->counts;
}

void putpeers_close(struct putpeers *p)
{
	free(p);
}
