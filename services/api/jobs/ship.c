#include "services/api/jobs/ship.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/base/s3.h"
#include "services/api/core/outside.h"
#include "services/api/core/tx.h"
#include "services/api/jobs/recording.h"
#include "services/api/jobs/recording_note.lua.h"
#include "services/api/jobs/recording_owned.lua.h"
#include "services/api/jobs/recording_purge.lua.h"

enum { NAME_SIZE = 256 };

struct ship {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	uint64_t not_before_ms; /* after a failure */
	bool counted;           /* what was sent before devices were counted */
	_Atomic bool stop;
};

bool ship_wanted(const struct api_config *cfg)
{
	return *cfg->record_dir && *cfg->record_s3_url;
}

struct s3 ship_storage(const struct api_config *cfg)
{
	return (struct s3){
		.url = cfg->record_s3_url,
		.region = cfg->record_s3_region,
		.key = cfg->record_s3_key,
		.secret = cfg->record_s3_secret,
	};
}

/* --- what was sent -------------------------------------------------------- */

int64_t ship_bytes(struct db *d)
{
	const char *text = db_text(db_do(d, "GET", KEY_RECORDINGS_BYTES, NULL));

	return text ? strtoll(text, NULL, 10) : 0;
}

int64_t ship_bytes_of(struct db *d, const char *id)
{
	return db_num(db_do(d, "HGET", KEY_RECORDINGS_OF, id, NULL));
}

/* Adds NAME, written at AT_S, or takes it out if SIZE is negative; the same
 * twice counts once. KEYS: sizes, order, bytes, bytes of devices. ARGV: name,
 * size, id, time. */
static void note(struct db *d, const char *name, int64_t size, int64_t at_s)
{
	char text[24], at[24], id[RECORDING_ID];

	snprintf(text, sizeof text, "%" PRId64, size);
	snprintf(at, sizeof at, "%" PRId64, at_s);
	db_eval(d, &recording_note_lua, 4, KEY_RECORDINGS, KEY_RECORDINGS_ORDER,
		KEY_RECORDINGS_BYTES, KEY_RECORDINGS_OF, name, text,
		recording_device(name, id) ? id : "", at, NULL);
}

/* Those of an older version. */
static void count_owned(struct db *d)
{
	const struct redis_reply *r = db_do(d, "HKEYS", KEY_RECORDINGS, NULL);
	size_t n = db_count(r), at = 2;
	const char **argv = pool_alloc(d->pool, (2 * n + 2) * sizeof(*argv));
	size_t *lens = pool_alloc(d->pool, (2 * n + 2) * sizeof(*lens));

	argv[0] = KEY_RECORDINGS;
	argv[1] = KEY_RECORDINGS_OF;
	for (size_t i = 0; i < n; i++) {
		const char *name = db_text(db_item(r, i));
		char id[RECORDING_ID];

		if (!name || !recording_device(name, id))
			continue;
		argv[at++] = name;
		argv[at++] = pool_strdup(d->pool, id);
	}
	for (size_t i = 0; i < at; i++)
		lens[i] = strlen(argv[i]);
	db_eval_argv(d, &recording_owned_lua, 2, (int)at, argv, lens);
}

bool ship_sent(struct db *d, const char *name)
{
	return db_text(db_do(d, "HGET", KEY_RECORDINGS, name, NULL));
}

/* KEY and its arguments: what COMMAND says of the N names. */
static const struct redis_reply *ask_of(struct db *d, const char *command,
					const char *key,
					const struct ship_object *o, size_t n)
{
	const char *argv[SHIP_CHUNK + 2] = { command, key };
	size_t lens[SHIP_CHUNK + 2];

	for (size_t i = 0; i < n; i++)
		argv[i + 2] = o[i].name;
	for (size_t i = 0; i < n + 2; i++)
		lens[i] = strlen(argv[i]);
	return n > 0 ? db_argv(d, (int)n + 2, argv, lens) : NULL;
}

static size_t read_chunk(struct db *d, size_t at,
			 struct ship_object out[static SHIP_CHUNK])
{
	const struct redis_reply *r =
		db_do(d, "ZREVRANGE", KEY_RECORDINGS_ORDER,
		      pool_printf(d->pool, "%zu", at),
		      pool_printf(d->pool, "%zu", at + SHIP_CHUNK - 1),
		      "WITHSCORES", NULL);
	size_t n = db_count(r) / 2;

	for (size_t i = 0; i < n; i++) {
		const char *name = db_text(db_item(r, 2 * i));
		const char *sent = db_text(db_item(r, 2 * i + 1));

		out[i] = (struct ship_object){
			.name = name ? name : "",
			.written_s = sent ? strtoll(sent, NULL, 10) : 0,
		};
	}
	return n;
}

void ship_each(struct db *d, bool (*fn)(void *ctx, const struct ship_object *o),
	       void *ctx)
{
	struct ship_object o[SHIP_CHUNK];
	size_t n = SHIP_CHUNK;

	for (size_t at = 0; n == SHIP_CHUNK; at += n) {
		n = read_chunk(d, at, o);
		const struct redis_reply *size =
			ask_of(d, "HMGET", KEY_RECORDINGS, o, n);
		const struct redis_reply *marked =
			ask_of(d, "SMISMEMBER", KEY_RECORDINGS_REMOVE, o, n);

		for (size_t i = 0; i < n; i++) {
			const char *text = db_text(db_item(size, i));

			if (!text || db_num(db_item(marked, i)))
				continue;
			o[i].size = strtoll(text, NULL, 10);
			if (!fn(ctx, &o[i]))
				return;
		}
	}
}

bool ship_find(struct db *d, const char *name, struct ship_object *out)
{
	const char *size =
		db_text(db_do(d, "HGET", KEY_RECORDINGS, name, NULL));
	const char *sent =
		db_text(db_do(d, "ZSCORE", KEY_RECORDINGS_ORDER, name, NULL));

	if (!size ||
	    db_num(db_do(d, "SISMEMBER", KEY_RECORDINGS_REMOVE, name, NULL)))
		return false;
	*out = (struct ship_object){
		.name = name,
		.size = strtoll(size, NULL, 10),
		.written_s = sent ? strtoll(sent, NULL, 10) : 0,
	};
	return true;
}

void ship_remove(struct tx *t, const char *name)
{
	tx_do(t, "SADD", KEY_RECORDINGS_REMOVE, name, NULL);
}

void ship_mark(struct db *d, const char *name)
{
	db_do(d, "SADD", KEY_RECORDINGS_REMOVE, name, NULL);
}

void ship_purge(struct db *d, int64_t before_s)
{
	/* Marked at once, so that none is marked twice; SHIP_REMOVE_MAX keeps
	 * the set small, the next hour has the rest. */
	char before[24], most[16];

	snprintf(before, sizeof before, "(%" PRId64, before_s);
	snprintf(most, sizeof most, "%d", SHIP_REMOVE_MAX);
	db_eval(d, &recording_purge_lua, 2, KEY_RECORDINGS_ORDER,
		KEY_RECORDINGS_REMOVE, before, most, NULL);
}

/* Asks the storage to forget NAME. -EIO: it is away, later. */
static int take_out(struct ship *s, struct db *d, const char *name)
{
	struct s3 to = ship_storage(s->app->cfg);
	char why[S3_ERROR];
	uint64_t began = app_tick_ms();
	int r = s3_delete(&to, name, why);

	outside_note(s->app, OUTSIDE_S3, to.url, began, r < 0 ? why : NULL);
	if (r < 0) {
		log_warn("recording_not_removed", "%s: %s", name, why);
		return r;
	}
	note(d, name, -1, 0);
	db_do(d, "SREM", KEY_RECORDINGS_REMOVE, name, NULL);
	return 0;
}

/* What others have marked for removal. Two nodes may both ask: that is no
 * harm. */
static int remove_marked(struct ship *s)
{
	struct pool pool = { 0 };
	struct db d = db_take(s->app->db, &pool);
	int e = 0;

	if (!s->counted) {
		count_owned(&d);
		s->counted = !d.away;
	}
	const struct redis_reply *r =
		db_do(&d, "SRANDMEMBER", KEY_RECORDINGS_REMOVE, "100", NULL);

	for (size_t i = 0; e == 0 && i < db_count(r) && !s->stop; i++)
		e = take_out(s, &d, db_text(db_item(r, i)));
	db_put(s->app->db, &d);
	pool_fini(&pool);
	return e;
}

/* --- files ---------------------------------------------------------------- */

void ship_ready(int dir, const char *name)
{
	char to[NAME_SIZE];

	snprintf(to, sizeof to, SHIP_READY "%s", name);
	(void)!renameat2(dir, name, dir, to, RENAME_NOREPLACE);
}

/* Since it was written, or CLAIMED; in seconds. */
static int64_t age_of(int dir, const char *file, bool claimed)
{
	struct stat st;

	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return -1;
	return time(NULL) - (claimed ? st.st_atime : st.st_mtime);
}

/* The recording's name if FILE is to be sent now, else NULL. */
static const char *due(int dir, const char *file)
{
	size_t ready = strlen(SHIP_READY), sending = strlen(SHIP_SENDING);

	if (strncmp(file, SHIP_READY, ready) == 0)
		return file + ready;
	if (strncmp(file, SHIP_SENDING, sending) == 0)
		return age_of(dir, file, true) > SHIP_STALE_S ? file + sending
							      : NULL;
	return *file != '.' && age_of(dir, file, false) > SHIP_IDLE_S ? file
								      : NULL;
}

static int send_file(struct ship *s, int dir, const char *file,
		     const char *name)
{
	struct s3 to = ship_storage(s->app->cfg);
	to.stop = &s->stop;
	char why[S3_ERROR] = "cannot be read";
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -EIO : 0;
	uint64_t began = app_tick_ms();

	if (r == 0) {
		r = s3_put(&to, name, fd, st.st_size, why);
		/* How long a transfer takes says nothing of the storage. */
		outside_note(s->app, OUTSIDE_S3, to.url,
			     r < 0 ? began : app_tick_ms(), r < 0 ? why : NULL);
	}
	if (fd >= 0)
		close(fd);
	if (r < 0) {
		log_warn("recording_not_sent", "%s: %s", name, why);
		return r;
	}
	struct pool pool = { 0 };
	struct db d = db_take(s->app->db, &pool);
	note(&d, name, st.st_size, st.st_mtime);
	/* It is not what was to be removed under this name. */
	db_do(&d, "SREM", KEY_RECORDINGS_REMOVE, name, NULL);
	bool noted = !d.away;
	db_put(s->app->db, &d);
	pool_fini(&pool);
	/* Without the note nobody would ever remove it: send it again. */
	return noted ? 0 : -EIO;
}

static void forget(struct ship *s, const char *name)
{
	struct pool pool = { 0 };
	struct db d = db_take(s->app->db, &pool);

	/* Not now: remove_marked() tries again. */
	ship_mark(&d, name);
	(void)!take_out(s, &d, name);
	db_put(s->app->db, &d);
	pool_fini(&pool);
}

/* FILE is the recording NAME. 0, or -EIO: later. */
static int ship_one(struct ship *s, int dir, const char *file, const char *name)
{
	char claimed[NAME_SIZE], back[NAME_SIZE];

	snprintf(claimed, sizeof claimed, SHIP_SENDING "%s", name);
	snprintf(back, sizeof back, SHIP_READY "%s", name);
	/* Another process has it, or an earlier one of this name is under
	 * way: then it waits. */
	if (strcmp(file, claimed) != 0 &&
	    renameat2(dir, file, dir, claimed, RENAME_NOREPLACE) < 0)
		return 0;
	/* When it was claimed; when it was written stays. */
	const struct timespec now[2] = { { .tv_nsec = UTIME_NOW },
					 { .tv_nsec = UTIME_OMIT } };
	(void)!utimensat(dir, claimed, now, 0);
	int r = send_file(s, dir, claimed, name);
	if (r < 0)
		(void)!renameat2(dir, claimed, dir, back, RENAME_NOREPLACE);
	else if (unlinkat(dir, claimed, 0) < 0 && errno == ENOENT)
		forget(s, name); /* removed while it was sent */
	return r;
}

static void round_of(struct ship *s)
{
	int dir = open(s->app->cfg->record_dir,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy = dir < 0 ? -1 : dup(dir);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	int r = remove_marked(s);

	for (struct dirent *e = d ? readdir(d) : NULL; e && r == 0 && !s->stop;
	     e = readdir(d)) {
		const char *name = due(dir, e->d_name);
		if (name)
			r = ship_one(s, dir, e->d_name, name);
	}
	if (r < 0)
		s->not_before_ms = app_tick_ms() + SHIP_RETRY_MS;
	if (d)
		closedir(d);
	if (dir >= 0)
		close(dir);
}

/* --- the thread ----------------------------------------------------------- */

static bool wait_tick(struct ship *s)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += SHIP_TICK_MS / 1000;
	pthread_mutex_lock(&s->lock);
	if (!s->stop)
		pthread_cond_timedwait(&s->wake, &s->lock, &ts);
	bool go_on = !s->stop;
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct ship *s = arg;

	while (wait_tick(s))
		if (app_tick_ms() >= s->not_before_ms)
			round_of(s);
	return NULL;
}

int ship_start(struct app *app, struct ship **out)
{
	const struct api_config *cfg = app->cfg;

	if (!*cfg->record_s3_url)
		return 0;
	if (!*cfg->record_dir || !*cfg->record_s3_key ||
	    !*cfg->record_s3_secret) {
		log_error("bad_option", "RECORD_S3_URL needs RECORD_DIR, "
					"RECORD_S3_KEY and RECORD_S3_SECRET");
		return -EINVAL;
	}
	struct ship *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->app = app;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	int r = pthread_create(&s->thread, NULL, run, s);
	if (r != 0) {
		free(s);
		return -r;
	}
	*out = s;
	return 0;
}

void ship_stop(struct ship *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
