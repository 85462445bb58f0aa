#include "services/api/web/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies the part that begins at PATH; false if no file of ours is called so.
 */
static bool part(const char *path, size_t len,
		 char out[static FILES_NAME_MAX + 1])
{
	if (len == 0 || len > FILES_NAME_MAX || *path == '.')
		return false;
	memcpy(out, path, len);
	out[len] = 0;
	return true;
}

static int inspect(int fd, struct file *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	if (st.st_size > FILES_SIZE_MAX)
		return -EFBIG;
	*out = (struct file){
		.fd = fd,
		.size = (uint64_t)st.st_size,
		.changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 +
			      st.st_mtim.tv_nsec,
	};
	return 0;
}

/* A FIFO in the folder must not hold a thread. */
static int open_at(int dir, const char *name, bool last)
{
	int fd = openat(dir, name,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
				(last ? O_NONBLOCK : O_DIRECTORY));

	return fd < 0 ? -errno : fd;
}

int files_open(const char *root, const char *path, struct file *out)
{
	char name[FILES_NAME_MAX + 1];
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (int depth = 0; depth <= FILES_DEPTH_MAX; depth++) {
		size_t len = strcspn(path, "/");
		bool last = !path[len];
		int next = part(path, len, name) ? open_at(fd, name, last)
						 : -ENOENT;

		close(fd);
		if (next < 0)
			return next;
		fd = next;
		path += len + 1;
		if (!last)
			continue;
		int r = inspect(fd, out);
		if (r < 0)
			close(fd);
		return r;
	}
	close(fd);
	return -ENOENT;
}
