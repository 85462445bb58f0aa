#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "services/utils/exchange/import.h"
#include "services/utils/exchange/putpeers.h"
#include "services/utils/exchange/refdb.h"

enum {
	PROGRESS_EVERY = 50000,
	LISTED_MAX = 100, /* disabled ids that are named */
};

static const char name[] = "import";

struct report {
	uint64_t rows[REFDB_ROWS];
	uint64_t odd_info, odd_pk, odd_time, no_uuid;
	uint64_t disabled;
};

static void note(struct report *r, const struct refdb_peer *p)
{
	r->rows[p->kind]++;
	if (p->kind != REFDB_PEER)
		return;
	r->odd_info += p->odd_info;
	r->odd_pk += p->odd_pk;
	r->odd_time += p->odd_time;
	r->no_uuid += p->record.uuid_len == 0;
	if (!p->record.disabled)
		return;
	if (r->disabled++ < LISTED_MAX)
		printf("disabled   %.*s had status 0: review it\n",
		       (int)p->id_len, p->id);
}

static void line(const char *what, uint64_t n, const char *why)
{
	if (n > 0)
		printf("%-10s %llu %s\n", what, (unsigned long long)n, why);
}

static void print(const struct report *r, const struct putpeers_counts *c)
{
	line("disabled", r->disabled, "in all");
	line("note", r->odd_info, "without a readable address");
	line("note", r->odd_pk, "without a usable public key");
	line("note", r->odd_time, "without a time of creation: now");
	line("note", r->no_uuid, "without a machine id");
	line("skipped", r->rows[REFDB_SHORT_ID], "with ids under 6 bytes");
	line("skipped", r->rows[REFDB_LONG_ID], "with ids over 253 bytes");
	line("skipped", r->rows[REFDB_NO_TEXT], "with ids that are no text");
	line("skipped", r->rows[REFDB_LONG_UUID],
	     "with machine ids over 256 bytes");
	if (!c) {
		printf("dry run    %llu peers would be imported\n",
		       (unsigned long long)r->rows[REFDB_PEER]);
		return;
	}
	line("kept", c->kept, "that are stored already (--replace)");
	line("replaced", c->replaced, "that were stored already");
	line("refused", c->full, "beyond MAX_PEERS");
	printf("imported   %llu new peers\n", (unsigned long long)c->added);
}

/* PUT is NULL for a dry run. False after printing why. */
static bool copy_peers(struct refdb *db, struct putpeers *put,
		       struct report *report)
{
	char problem[REFDB_PROBLEM_MAX];
	int64_t now_s = (int64_t)time(NULL);
	uint64_t n = 0;
	struct refdb_peer p;
	int r;

	while ((r = refdb_next(db, now_s, &p, problem)) > 0) {
		note(report, &p);
		if (put && p.kind == REFDB_PEER &&
		    !putpeers_add(put, p.id, p.id_len, &p.record))
			return false;
		if (++n % PROGRESS_EVERY == 0 && isatty(STDERR_FILENO))
			fprintf(stderr, "%llu of %llu\r", (unsigned long long)n,
				(unsigned long long)refdb_count(db));
	}
	if (r < 0)
		fprintf(stderr, "rustdesk-utils import: %s\n", problem);
	return r == 0 && (!put || putpeers_finish(put));
}

static int to_redis(const struct import_settings *s, struct refdb *db)
{
	struct report report = { .disabled = 0 };
	struct redis_sync *redis = db_open(name, s->redis_url);
	struct putpeers *put =
		redis ? putpeers_open(redis, name, s->replace, s->max_peers)
		      : NULL;
	bool good = put && copy_peers(db, put, &report);
	bool full = false;

	if (put) {
		full = putpeers_counts(put)->full > 0;
		print(&report, putpeers_counts(put));
	}
	if (put && !good)
		fputs("rustdesk-utils import: not all peers were imported; "
		      "run it again, it goes on where it stopped\n",
		      stderr);
	putpeers_close(put);
	redis_sync_close(redis);
	return good && !full ? EXIT_SUCCESS : EXIT_FAILURE;
}

int import_reference(const struct import_settings *s, const char *path)
{
	char problem[REFDB_PROBLEM_MAX];
	struct report report = { .disabled = 0 };
	struct refdb *db;
	int code = EXIT_FAILURE;

	if (refdb_open(path, &db, problem) < 0) {
		fprintf(stderr, "rustdesk-utils import: %s\n", problem);
		return EXIT_FAILURE;
	}
	if (!s->dry_run) {
		code = to_redis(s, db);
	} else if (copy_peers(db, NULL, &report)) {
		print(&report, NULL);
		code = EXIT_SUCCESS;
	}
	refdb_close(db);
	return code;
}
