#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/utils/backup/durable.h"
#include "services/utils/backup/infile.h"
#include "services/utils/backup/load.h"
#include "services/utils/exchange/import.h"
#include "services/utils/exchange/line.h"
#include "services/utils/exchange/putpeers.h"

/*
 * Peers are imported one by one, like those of the reference server. Accounts,
 * devices and books refer to each other by their ids, so they come all
 * together, into a Redis without any, or in place of those that are there.
 */
static const char name[] = "import";

struct work {
	const struct import_settings *s;
	FILE *f;
	uint64_t peers, others; /* lines of each kind */
	struct load *load;
	struct putpeers *put;
};

static bool key_allowed(const char *key)
{
	enum durable_kind kind = durable_kind(key, strlen(key));

	return (kind == DURABLE_YES || kind == DURABLE_SECRET) &&
	       strncmp(key, "peer", 4) != 0;
}

/* Does FN to each line. False after printing why. */
static bool each(struct work *w, bool (*fn)(struct work *w, struct line *l))
{
	char *text = NULL;
	size_t size = 0;
	unsigned long long number = 0;
	bool good = true;
	ssize_t n;

	rewind(w->f);
	while (good && (n = getline(&text, &size, w->f)) > 0) {
		struct line l;
		number++;
		n -= text[n - 1] == '\n';
		line_parse(&l, text, (size_t)n);
		bool sound = (l.kind == LINE_HEAD) == (number == 1) &&
			     l.kind != LINE_BAD &&
			     (!l.key || key_allowed(l.key));
		if (!sound)
			fprintf(stderr,
				"rustdesk-utils import: line %llu is not one "
				"of an export; nothing more is read\n",
				number);
		good = sound && fn(w, &l);
		line_free(&l);
	}
	free(text);
	if (good && (ferror(w->f) || number == 0)) {
		fputs("rustdesk-utils import: the file is empty or cannot be "
		      "read\n",
		      stderr);
		good = false;
	}
	return good;
}

static bool count(struct work *w, struct line *l)
{
	w->peers += l->kind == LINE_PEER;
	w->others += l->kind != LINE_PEER && l->kind != LINE_HEAD;
	return true;
}

static bool put_line(struct work *w, struct line *l)
{
	assert(l->key); /* every line that is put has one */
	char at[24];
	int n = snprintf(at, sizeof(at), "%lld", (long long)l->expires_ms);
	const char *command = l->kind == LINE_FIELD    ? "HSET"
			      : l->kind == LINE_SCORED ? "ZADD"
			      : l->kind == LINE_MEMBER ? "SADD"
			      : l->kind == LINE_STRING ? "SET"
						       : "PEXPIREAT";
	const char *argv[4] = { command, l->key };
	size_t lens[4] = { strlen(command), strlen(l->key) };
	int argc = 2;

	if (l->kind == LINE_SCORED) {
		argv[argc] = l->score;
		lens[argc++] = strlen(l->score);
	}
	if (l->name) {
		argv[argc] = l->name;
		lens[argc++] = strlen(l->name);
	}
	if (l->kind == LINE_FIELD || l->kind == LINE_STRING) {
		argv[argc] = l->value;
		lens[argc++] = l->value_len;
	} else if (l->kind == LINE_EXPIRES) {
		argv[argc] = at;
		lens[argc++] = (size_t)n;
	}
	return load_command(w->load, argc, argv, lens);
}

static bool write_line(struct work *w, struct line *l)
{
	if (l->kind == LINE_HEAD)
		return true;
	if (l->kind == LINE_PEER)
		return putpeers_add(w->put, l->name, strlen(l->name), &l->peer);
	return put_line(w, l);
}

static bool may_write(struct work *w)
{
	bool empty, unfinished;

	if (w->others == 0)
		return true;
	if (!load_look(w->load, &empty, &unfinished))
		return false;
	if (empty || unfinished || w->s->replace)
		return load_begin(w->load);
	fputs("rustdesk-utils import: this Redis has accounts. --replace "
	      "deletes them first.\n",
	      stderr);
	return false;
}

static void print(const struct work *w)
{
	const struct putpeers_counts *c = putpeers_counts(w->put);

	printf("imported   %llu new peers, %llu replaced, %llu kept, %llu "
	       "beyond MAX_PEERS, %llu other values\n",
	       (unsigned long long)c->added, (unsigned long long)c->replaced,
	       (unsigned long long)c->kept, (unsigned long long)c->full,
	       (unsigned long long)w->others);
}

static bool write_all(struct work *w)
{
	/* Two pipelines, so two connections. */
	struct redis_sync *a = db_open(name, w->s->redis_url);
	struct redis_sync *b = a ? db_open(name, w->s->redis_url) : NULL;

	w->load = b ? load_open(a, name, true) : NULL;
	w->put =
		w->load ? putpeers_open(b, name, w->s->replace, w->s->max_peers)
			: NULL;
	bool good = w->put && may_write(w) && each(w, write_line) &&
		    putpeers_finish(w->put) && load_end(w->load);
	if (good)
		print(w);
	good = good && putpeers_counts(w->put)->full == 0;
	putpeers_close(w->put);
	load_close(w->load);
	redis_sync_close(b);
	redis_sync_close(a);
	return good;
}

int import_json(const struct import_settings *s, const char *path)
{
	struct work w = { .s = s };
	int r = infile_open(path, &w.f);

	if (r < 0) {
		fprintf(stderr, "rustdesk-utils import: %s: %s\n", path,
			strerror(-r));
		return EXIT_FAILURE;
	}
	bool good = each(&w, count); /* all of it, before anything is written */
	if (good && s->dry_run)
		printf("dry run    %llu peers and %llu other values\n",
		       (unsigned long long)w.peers,
		       (unsigned long long)w.others);
	else if (good)
		good = write_all(&w);
	fclose(w.f);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
