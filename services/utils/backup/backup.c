#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/config/shared.h"
#include "services/utils/backup/backupfile.h"
#include "services/utils/backup/dump.h"
#include "services/utils/backup/item.h"
#include "services/utils/backup/keyfile.h"
#include "services/utils/backup/outfile.h"
#include "services/utils/command.h"

struct settings {
	char *redis_url;
	char *passphrase;
	char *keys;
	bool only_keys;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Redis, as the servers have it."),
	{ "PASSPHRASE", 0, NULL, OPT_SECRET, AT(passphrase), "", 0, 0,
	  "Encrypts the backup; better given with --passphrase-file FILE." },
	{ "KEYS", 0, NULL, OPT_STRING, AT(keys), "", 0, 0,
	  "Folders, separated by commas, whose key files (id_ed25519, "
	  "id_ed25519.pub, api_secret) are included; needs a passphrase." },
	{ "ONLY_KEYS", 0, NULL, OPT_BOOL, AT(only_keys), "n", 0, 0,
	  "Only the key files, nothing of Redis." },
};
static const struct config_spec spec = {
	.program = "rustdesk-utils backup",
	.about = "writes everything durable in Redis to a file, while it is "
		 "in use",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "FILE",
	.size = sizeof(struct settings),
};
static const char name[] = "backup";

static bool complain(const char *what, int error)
{
	fprintf(stderr, "rustdesk-utils backup: %s: %s\n", what,
		strerror(-error));
	return false;
}

static int put_file(struct backup_file *b, const char *dir, const char *file)
{
	uint8_t data[KEYFILE_MAX];
	struct buf record;
	int n = keyfile_read(dir, file, data);

	if (n < 0)
		return n;
	buf_init(&record, 2 * KEYFILE_MAX);
	int r = item_begin(&record, ITEM_FILE, 0, file, strlen(file));
	if (r == 0)
		r = buf_append(&record, data, (size_t)n);
	if (r == 0)
		r = backup_write(b, buf_head(&record), buf_len(&record));
	explicit_bzero(data, sizeof(data));
	if (buf_len(&record) > 0)
		explicit_bzero(record.data, record.size);
	buf_fini(&record);
	return r;
}

static bool put_folder(struct backup_file *b, const char *dir, size_t *n)
{
	size_t found = 0;

	for (size_t i = 0; keyfile_name(i); i++) {
		int r = put_file(b, dir, keyfile_name(i));
		if (r < 0 && r != -ENOENT)
			return complain(dir, r);
		found += r == 0;
	}
	*n += found;
	return found > 0 || complain(dir, -ENOENT);
}

static bool put_folders(struct backup_file *b, const char *list, size_t *n)
{
	char *copy = strdup(list), *rest = copy;
	bool good = copy;
	const char *dir;

	while (good && (dir = strsep(&rest, ",")))
		good = *dir == '\0' || put_folder(b, dir, n);
	free(copy);
	return good;
}

static bool put_redis(const struct settings *s, struct backup_file *b,
		      const char *path, struct dump_counts *counts)
{
	struct redis_sync *redis = db_open(name, s->redis_url);
	bool good = redis && dump_redis(redis, name, b, counts);

	if (redis && counts->file_failed)
		complain(path, counts->file_error);
	redis_sync_close(redis);
	return good;
}

static void summary(const struct dump_counts *c, size_t files)
{
	if (c->foreign > 0)
		fprintf(stderr, "left out   %llu keys of other programs\n",
			(unsigned long long)c->foreign);
	if (c->moved)
		fputs("note       accounts or devices changed meanwhile: "
		      "each key is as it was at one moment\n",
		      stderr);
	fprintf(stderr, "backed up  %llu keys, %zu key files\n",
		(unsigned long long)c->keys, files);
}

static bool fill(const struct settings *s, FILE *f, const char *path)
{
	struct dump_counts counts = { .keys = 0 };
	struct backup_file b;
	size_t files = 0;
	int r = backup_create(&b, f, (int64_t)time(NULL), s->passphrase);
	bool good = r == 0 || complain(path, r);

	if (good)
		good = put_folders(&b, s->keys, &files);
	if (good && !s->only_keys)
		good = put_redis(s, &b, path, &counts);
	if (good) {
		r = backup_end(&b);
		good = r == 0 || complain(path, r);
	}
	backup_close(&b);
	if (good)
		summary(&counts, files);
	return good;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	const char *path = argv[0];
	struct outfile out;

	(void)argc;
	if ((*s->keys || s->only_keys) && !*s->passphrase) {
		fputs("rustdesk-utils backup: keys go only into an encrypted "
		      "backup: --passphrase-file FILE\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (s->only_keys && !*s->keys) {
		fputs("rustdesk-utils backup: --only-keys needs --keys\n",
		      stderr);
		return EXIT_USAGE;
	}
	int r = outfile_open(&out, path);
	if (r < 0) {
		complain(path, r);
		return EXIT_FAILURE;
	}
	if (!fill(s, out.f, path)) {
		outfile_abort(&out);
		return EXIT_FAILURE;
	}
	r = outfile_commit(&out);
	return r == 0 || complain(path, r) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_backup(int argc, char **argv)
{
	struct settings s = { .keys = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 1, 1 }, run);
}
