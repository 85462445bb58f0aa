#include "services/utils/exchange/copyset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const char db_name[] = "db_v2.sqlite3";

static int failed(char *problem, size_t size, const char *what, int error)
{
	snprintf(problem, size, "%s: %s", what, strerror(error));
	return -1;
}

static bool join(char out[static PATH_MAX], const char *a, const char *b)
{
	int n = snprintf(out, PATH_MAX, "%s%s", a, b);

	return n > 0 && n < PATH_MAX;
}

static int copy_bytes(int in, int out)
{
	enum { CHUNK = 1 << 20 };

	for (;;) {
		ssize_t n = sendfile(out, in, NULL, CHUNK);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

/* 0 or -errno; *ST is what the source was when it was opened. */
static int copy_file(const char *from, const char *to, struct stat *st)
{
	*st = (struct stat){ 0 };
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int r = in < 0 || fstat(in, st) < 0 ? -errno : 0;
	int out = -1;

	if (r == 0 && !S_ISREG(st->st_mode))
		r = -EINVAL;
	if (r == 0) {
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		r = out < 0 ? -errno : copy_bytes(in, out);
	}
	if (out >= 0 && close(out) < 0 && r == 0)
		r = -errno;
	if (in >= 0)
		close(in);
	return r;
}

static bool make_folder(struct copyset *c)
{
	const char *places[] = { getenv("TMPDIR"), "/tmp", "." };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i] && *places[i] &&
		    join(c->folder, places[i], "/rustdesk-import-XXXXXX") &&
		    mkdtemp(c->folder))
			return true;
	}
	c->folder[0] = '\0';
	return false;
}

/* Is PATH now as it was? */
static bool unchanged(const char *path, const struct stat *was, bool existed)
{
	struct stat now;

	if (stat(path, &now) < 0)
		return !existed;
	return existed && now.st_ino == was->st_ino &&
	       now.st_size == was->st_size &&
	       now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/* What belongs to a database, the logs first: a change in between would show
 * in all of them. -shm is made anew from the log. */
static const char *const parts[] = { "-wal", "-journal", "" };
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static int copy_parts(struct copyset *c, const char *file, char *problem,
		      size_t size)
{
	char from[PARTS][PATH_MAX], to[PATH_MAX];
	struct stat was[PARTS];
	bool there[PARTS];

	if (!join(c->path, c->folder, "/copy.db"))
		return failed(problem, size, file, ENAMETOOLONG);
	for (size_t i = 0; i < PARTS; i++) {
		if (!join(from[i], file, parts[i]) ||
		    !join(to, c->path, parts[i]))
			return failed(problem, size, file, ENAMETOOLONG);
		int r = copy_file(from[i], to, &was[i]);
		there[i] = r == 0;
		if (r < 0 && (r != -ENOENT || parts[i][0] == '\0'))
			return failed(problem, size, from[i], -r);
	}
	for (size_t i = 0; i < PARTS; i++) {
		if (unchanged(from[i], &was[i], there[i]))
			continue;
		snprintf(problem, size,
			 "%s changes while it is read. Stop the reference "
			 "server first.",
			 from[i]);
		return -1;
	}
	return 0;
}

int copyset_make(struct copyset *c, const char *from, char *problem,
		 size_t size)
{
	char file[PATH_MAX], inside[PATH_MAX];
	struct stat st;

	*c = (struct copyset){ .folder = "" };
	if (!join(file, from, "") || !join(inside, from, "/") ||
	    strlen(inside) + sizeof(db_name) >= PATH_MAX)
		return failed(problem, size, from, ENAMETOOLONG);
	if (stat(from, &st) < 0)
		return failed(problem, size, from, errno);
	if (S_ISDIR(st.st_mode)) {
		strcat(inside, db_name);
		strcpy(file, inside);
	}
	if (!make_folder(c)) {
		snprintf(problem, size,
			 "no folder for a copy can be made: set TMPDIR (%s)",
			 strerror(errno));
		return -1;
	}
	return copy_parts(c, file, problem, size);
}

void copyset_remove(struct copyset *c)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
	char path[PATH_MAX];

	if (c->folder[0] == '\0')
		return;
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		if (c->path[0] && join(path, c->path, tails[i]))
			unlink(path);
	}
	rmdir(c->folder);
	c->folder[0] = '\0';
}
