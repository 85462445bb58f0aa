#include "services/utils/backup/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int outfile_open(struct outfile *o, const char *path)
{
	*o = (struct outfile){ .path = path };
	if (strcmp(path, "-") == 0) {
		o->f = stdout;
		return 0;
	}
	int n = snprintf(o->temp, sizeof(o->temp), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(o->temp))
		return -ENAMETOOLONG;
	int fd = mkostemp(o->temp, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return -errno;
	o->f = fdopen(fd, "w");
	if (!o->f) {
		close(fd);
		unlink(o->temp);
		return -ENOMEM;
	}
	return 0;
}

/* The rename itself survives a power cut. */
static void sync_folder(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

int outfile_commit(struct outfile *o)
{
	int r = fflush(o->f) != 0 ? -errno : 0;

	if (r == 0 && ferror(o->f))
		r = -EIO;
	if (!o->temp[0])
		return r;
	if (r == 0 && fsync(fileno(o->f)) < 0)
		r = -errno;
	if (fclose(o->f) != 0 && r == 0)
		r = -errno;
	o->f = NULL;
	if (r == 0 && rename(o->temp, o->path) < 0)
		r = -errno;
	if (r < 0)
		unlink(o->temp);
	else
		sync_folder(o->path);
	return r;
}

void outfile_abort(struct outfile *o)
{
	if (!o->f || !o->temp[0])
		return;
	fclose(o->f);
	o->f = NULL;
	unlink(o->temp);
}
