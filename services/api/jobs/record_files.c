#include "services/api/jobs/record_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/api/jobs/recording.h"
#include "services/api/jobs/ship.h"

/* A stream over the folder DIR that may be closed. */
static DIR *listing(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

/* The recording's name, without the mark of one that is to be sent. */
static const char *plain(const char *file)
{
	static const char *const marks[] = { SHIP_READY, SHIP_SENDING };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strncmp(file, marks[i], strlen(marks[i])) == 0)
			return file + strlen(marks[i]);
	return file;
}

static void count(struct record_usage *u, int64_t bytes)
{
	u->bytes += bytes;
	u->files++;
}

void record_measure(int dir, const char *id, struct record_usage *all,
		    struct record_usage *own)
{
	char of[RECORDING_ID];
	DIR *d = listing(dir);
	struct stat st;

	*all = *own = (struct record_usage){ 0 };
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		count(all, st.st_size);
		if (recording_device(plain(e->d_name), of) &&
		    strcmp(of, id) == 0)
			count(own, st.st_size);
	}
	if (d)
		closedir(d);
}

/* In the order in which a file goes through them, and once more the first
 * one, to which a sender that failed gives it back. */
static const char *const all_marks[] = { "", SHIP_READY, SHIP_SENDING,
					 SHIP_READY };

enum { FILE_NAME = RECORDING_NAME + sizeof(SHIP_SENDING) };

static void marked(const char *mark, const char *name,
		   char out[static FILE_NAME])
{
	snprintf(out, FILE_NAME, "%s%s", mark, name);
}

bool record_there(int dir, const char *name)
{
	char file[FILE_NAME];
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(all_marks); i++) {
		marked(all_marks[i], name, file);
		if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

static struct record_file described(const char *name, const struct stat *st,
				    bool growing)
{
	return (struct record_file){
		.name = name,
		.size = st->st_size,
		.changed_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			      st->st_mtim.tv_nsec,
		.growing = growing,
	};
}

int record_each(const char *path,
		bool (*fn)(void *ctx, const struct record_file *f), void *ctx)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool more = true;
	struct stat st;

	if (dir < 0)
		return -errno;
	DIR *d = listing(dir);
	for (struct dirent *e = d ? readdir(d) : NULL; e && more;
	     e = readdir(d)) {
		const char *name = plain(e->d_name);
		struct record_file f;

		if (!recording_kept_ok(name) ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		f = described(name, &st, name == e->d_name);
		more = fn(ctx, &f);
	}
	if (d)
		closedir(d);
	close(dir);
	return 0;
}

static int open_marked(int dir, const char *mark, const char *name,
		       struct record_file *out)
{
	char file[FILE_NAME];
	struct stat st;

	marked(mark, name, file);
	/* A FIFO in the folder must not hold a thread. */
	int fd = openat(dir, file,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	*out = described(name, &st, !*mark);
	return fd;
}

int record_open(const char *path, const char *name, struct record_file *out)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno : -ENOENT;

	for (size_t i = 0; dir >= 0 && r == -ENOENT && i < ARRAY_LEN(all_marks);
	     i++)
		r = open_marked(dir, all_marks[i], name, out);
	if (dir >= 0)
		close(dir);
	return r;
}

int record_remove(const char *path, const char *name)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno : -ENOENT;
	char file[FILE_NAME];

	for (size_t i = 0; dir >= 0 && r == -ENOENT && i < ARRAY_LEN(all_marks);
	     i++) {
		marked(all_marks[i], name, file);
		r = unlinkat(dir, file, 0) < 0 ? -errno : 0;
	}
	if (dir >= 0)
		close(dir);
	return r;
}

bool record_removable(const char *path)
{
	return access(path, W_OK | X_OK) == 0;
}

int record_make(int dir, const char *name)
{
	int fd = openat(dir, name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	return fd < 0 ? -errno : close(fd) < 0 ? -errno : 0;
}

/* At AT, or at the end where FD appends. */
static int write_all(int fd, const char *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The recording NAME for writing, and its size. A descriptor or -errno. */
static int open_part(int dir, const char *name, int flags, int64_t *size)
{
	int fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags);
	struct stat st;

	*size = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = st.st_size;
		return fd;
	}
	close(fd);
	return -ENOENT;
}

int record_append(int dir, const char *name, int64_t at, const char *data,
		  size_t len)
{
	int64_t size;
	/* Two that come at once follow each other. */
	int fd = open_part(dir, name, O_APPEND, &size);

	if (fd < 0)
		return fd;
	int r = at == size ? write_all(fd, data, len, at) : -ESPIPE;
	close(fd);
	return r;
}

int record_header(int dir, const char *name, const char *data, size_t len)
{
	int64_t size;
	int fd = open_part(dir, name, 0, &size);

	if (fd < 0)
		return fd;
	int r = (int64_t)len <= size ? write_all(fd, data, len, 0) : -ESPIPE;
	close(fd);
	return r;
}

void record_purge(const char *path, int64_t days, int64_t now_s)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = dir < 0 ? NULL : listing(dir);
	struct stat st;

	for (struct dirent *e = d && days > 0 ? readdir(d) : NULL; e;
	     e = readdir(d))
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < now_s - days * 86400)
			unlinkat(dir, e->d_name, 0);
	if (d)
		closedir(d);
	if (dir >= 0)
		close(dir);
}
