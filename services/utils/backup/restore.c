#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/config/shared.h"
#include "services/utils/backup/backupfile.h"
#include "services/utils/backup/durable.h"
#include "services/utils/backup/infile.h"
#include "services/utils/backup/keyfile.h"
#include "services/utils/backup/load.h"
#include "services/utils/command.h"

struct settings {
	char *redis_url;
	char *passphrase;
	char *keys;
	bool only_keys;
	bool replace;
	bool force;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Redis, as the servers have it."),
	{ "PASSPHRASE", 0, NULL, OPT_SECRET, AT(passphrase), "", 0, 0,
	  "Of an encrypted backup; better given with --passphrase-file "
	  "FILE." },
	{ "REPLACE", 0, NULL, OPT_BOOL, AT(replace), "n", 0, 0,
	  "Delete what is stored, and restore in its place." },
	{ "KEYS", 0, NULL, OPT_STRING, AT(keys), "", 0, 0,
	  "Folder for the key files in the backup." },
	{ "ONLY_KEYS", 0, NULL, OPT_BOOL, AT(only_keys), "n", 0, 0,
	  "Only the key files, nothing of Redis." },
	{ "FORCE", 0, NULL, OPT_BOOL, AT(force), "n", 0, 0,
	  "Replace other key files in KEYS." },
};
static const struct config_spec spec = {
	.program = "rustdesk-utils restore",
	.about = "puts a backup into Redis, after the whole file has proved "
		 "sound",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "FILE",
	.size = sizeof(struct settings),
};
static const char name[] = "restore";

static bool complain(const char *path, int error)
{
	const char *why = strerror(-error);

	if (error == -EPROTO)
		why = "this is no backup, or a newer release wrote it";
	else if (error == -ENOKEY)
		why = "it is encrypted: --passphrase-file FILE";
	else if (error == -EACCES)
		why = "the passphrase is wrong, or the file is damaged";
	else if (error == -EBADMSG)
		why = "it is cut off or damaged; nothing of it can be used";
	fprintf(stderr, "rustdesk-utils restore: %s: %s\n", path, why);
	return false;
}

/* Does FN to each record. Its failure ends it with -ECANCELED, as it has
 * printed why. */
static int each(const struct settings *s, FILE *f, struct backup_head *head,
		bool (*fn)(const struct item *i, void *ctx), void *ctx)
{
	struct backup_file b;
	const uint8_t *record;
	struct item item;
	size_t len;

	rewind(f);
	int r = backup_open(&b, f, s->passphrase);
	while (r == 0 && (r = backup_read(&b, &record, &len)) == 1) {
		if (!item_parse(record, len, &item))
			r = -EBADMSG;
		else
			r = fn(&item, ctx) ? 0 : -ECANCELED;
	}
	*head = b.head;
	backup_close(&b);
	return r;
}

struct contents {
	size_t keys;
	size_t files;
	bool foreign;
};

static bool count(const struct item *i, void *ctx)
{
	struct contents *c = ctx;
	enum durable_kind kind = durable_kind(i->name, i->name_len);

	if (i->kind == ITEM_FILE) {
		c->files++;
		return true;
	}
	c->keys++;
	c->foreign |= kind != DURABLE_YES && kind != DURABLE_SECRET;
	return true;
}

static bool put_item(const struct item *i, void *ctx)
{
	return load_item(ctx, i);
}

struct files {
	const struct settings *s;
	size_t n;
};

static bool put_file(const struct item *i, void *ctx)
{
	struct files *f = ctx;

	if (i->kind != ITEM_FILE)
		return true;
	int r = keyfile_write(f->s->keys, i->name, i->name_len, i->data, i->len,
			      f->s->force);
	if (r == 0) {
		f->n++;
		return true;
	}
	fprintf(stderr, "rustdesk-utils restore: %s/%.*s: %s\n", f->s->keys,
		(int)i->name_len, i->name,
		r == -EEXIST ? "another one is there (--force)" : strerror(-r));
	return false;
}

static bool may_write(const struct settings *s, struct load *l)
{
	bool empty, unfinished;

	if (!load_look(l, &empty, &unfinished))
		return false;
	if (empty || unfinished || s->replace)
		return true;
	fputs("rustdesk-utils restore: this Redis is not empty. --replace "
	      "deletes the peers and accounts in it first.\n",
	      stderr);
	return false;
}

static bool to_redis(const struct settings *s, FILE *f, const char *path)
{
	struct redis_sync *redis = db_open(name, s->redis_url);
	struct load *l = redis ? load_open(redis, name, false) : NULL;
	struct backup_head head;
	bool begun = l && may_write(s, l);
	bool good = begun && load_begin(l);

	if (good) {
		int r = each(s, f, &head, put_item, l);
		good = r == 0 || (r != -ECANCELED && complain(path, r));
	}
	good = good && load_end(l);
	if (good)
		printf("restored   %llu keys; restart hbbs, hbbr and api\n",
		       (unsigned long long)load_keys(l));
	else if (begun)
		fputs("rustdesk-utils restore: Redis is half restored: run "
		      "this again before the servers start\n",
		      stderr);
	load_close(l);
	redis_sync_close(redis);
	return good;
}

static bool to_folder(const struct settings *s, FILE *f, const char *path)
{
	struct files files = { .s = s };
	struct backup_head head;
	int r = each(s, f, &head, put_file, &files);

	if (r < 0)
		return r != -ECANCELED && complain(path, r);
	printf("restored   %zu key files to %s\n", files.n, s->keys);
	return true;
}

static bool restore(const struct settings *s, FILE *f, const char *path)
{
	struct contents c = { .keys = 0 };
	struct backup_head head;
	char when[32] = "?";
	struct tm tm;

	/* The whole file first: nothing is written unless all of it is
	 * sound. */
	int r = each(s, f, &head, count, &c);
	if (r == 0 && c.foreign)
		r = -EBADMSG;
	if (r < 0)
		return complain(path, r);
	time_t at = (time_t)head.created_s;
	if (gmtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
	printf("backup     of %s by release %s\n", when, head.version);
	if (*s->keys && c.files == 0) {
		fputs("rustdesk-utils restore: there are no key files in "
		      "it\n",
		      stderr);
		return false;
	}
	return (!*s->keys || to_folder(s, f, path)) &&
	       (s->only_keys || to_redis(s, f, path));
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	const char *path = argv[0];
	FILE *f;

	(void)argc;
	if (s->only_keys && !*s->keys) {
		fputs("rustdesk-utils restore: --only-keys needs --keys\n",
		      stderr);
		return EXIT_USAGE;
	}
	int r = infile_open(path, &f);
	if (r < 0) {
		complain(path, r == -EACCES ? -EPERM : r);
		return EXIT_FAILURE;
	}
	bool good = restore(s, f, path);
	fclose(f);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_restore(int argc, char **argv)
{
	struct settings s = { .keys = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 1, 1 }, run);
}
