#include "services/api/client/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/api/jobs/ship.h"

static bool name_ok(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n <= 128 && *name != '.' && strspn(name, allowed) == n;
}

struct usage {
	int64_t bytes;
	size_t files;
};

static struct usage measure(int dir)
{
	struct usage u = { 0, 0 };
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct stat st;

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		/* Those that wait to be sent begin with a dot. */
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		u.bytes += st.st_size;
		u.files++;
	}
	if (d)
		closedir(d);
	return u;
}

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

/* Writes the body at OFFSET of an existing file, or makes the file. NULL, or
 * why not. */
static const char *store(struct call *c, int dir, const char *name, bool fresh,
			 int64_t offset)
{
	struct usage u = measure(dir);
	int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC |
		    (fresh ? O_CREAT | O_TRUNC : 0);

	if (ship_wanted(c->app->cfg))
		u.bytes += ship_bytes(&c->db);
	if (u.bytes + (int64_t)c->body_len > c->app->cfg->record_quota ||
	    (fresh && u.files >= RECORD_FILES_MAX))
		return "The recording quota is used up";
	int fd = openat(dir, name, flags, 0600);
	if (fd < 0)
		return "No such recording";
	struct stat st;
	/* No holes: a gap would make a small upload count as a large file. */
	bool bad = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		   offset > st.st_size;
	int r = bad ? -EINVAL : write_all(fd, c->body, c->body_len, offset);
	close(fd);
	return r < 0 ? "Could not be written" : NULL;
}

static int put(struct call *c, int dir, const char *name, bool fresh,
	       int64_t offset)
{
	const char *why = store(c, dir, name, fresh, offset);

	return why ? call_error(c, 200, why) : call_empty(c);
}

/* Wherever it is by now. */
static void drop(struct call *c, int dir, const char *name)
{
	unlinkat(dir, name, 0);
	if (!ship_wanted(c->app->cfg))
		return;
	unlinkat(dir, call_fmt(c, SHIP_READY "%s", name), 0);
	/* Under way: the sender sees that it is gone. */
	unlinkat(dir, call_fmt(c, SHIP_SENDING "%s", name), 0);
	ship_remove(&c->db, name);
}

/* The header is rewritten last: the recording is whole. */
static int finish(struct call *c, int dir, const char *name)
{
	const char *why = store(c, dir, name, false, 0);

	if (why)
		return call_error(c, 200, why);
	if (ship_wanted(c->app->cfg))
		ship_ready(dir, name);
	return call_empty(c);
}

static int act(struct call *c, int dir, const char *name)
{
	const char *type = call_query(c, "type");
	int64_t offset = call_query_int(c, "offset", 0);
	int64_t length = call_query_int(c, "length", 0);

	if (type && strcmp(type, "new") == 0)
		return put(c, dir, name, true, 0);
	if (type && strcmp(type, "remove") == 0) {
		drop(c, dir, name);
		return call_empty(c);
	}
	if (offset < 0 || length != (int64_t)c->body_len)
		return call_error(c, 200, "Invalid format");
	if (type && strcmp(type, "part") == 0)
		return put(c, dir, name, false, offset);
	if (type && strcmp(type, "tail") == 0 && offset == 0 &&
	    length <= RECORD_TAIL_MAX)
		return finish(c, dir, name);
	return call_error(c, 200, "Invalid format");
}

bool record_wanted(struct call *c)
{
	const char *bad = NULL;

	if (!*c->app->cfg->record_dir)
		bad = "Recordings are not kept here";
	else if (!name_ok(call_query(c, "file")))
		bad = "Invalid format: file";
	if (bad)
		call_error(c, 200, bad);
	return !bad;
}

int record(struct call *c)
{
	const char *name = call_query(c, "file");
	const char *path = c->app->cfg->record_dir;

	if (!record_wanted(c))
		return 0;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return call_error(c, 200, "Could not be written");
	int r = act(c, dir, name);
	close(dir);
	return r;
}
