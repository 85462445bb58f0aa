#include "services/utils/backup/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/utils/backup/outfile.h"

static const char public_name[] = "id_ed25519.pub";
static const char *const names[] = { "id_ed25519", public_name, "api_secret" };

const char *keyfile_name(size_t i)
{
	return i < ARRAY_LEN(names) ? names[i] : NULL;
}

int keyfile_read(const char *dir, const char *name,
		 uint8_t out[static KEYFILE_MAX])
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t len = read(fd, out, KEYFILE_MAX);
	int r = len < 0 ? -errno : len == KEYFILE_MAX ? -EFBIG : (int)len;
	close(fd);
	return r;
}

static int write_file(const char *path, mode_t mode, const uint8_t *data,
		      size_t len)
{
	struct outfile o;
	int r = outfile_open(&o, path);

	if (r < 0)
		return r;
	if (fwrite(data, 1, len, o.f) != len || fchmod(fileno(o.f), mode) < 0) {
		r = errno ? -errno : -EIO;
		outfile_abort(&o);
		return r;
	}
	return outfile_commit(&o);
}

int keyfile_write(const char *dir, const char *name, size_t name_len,
		  const uint8_t *data, size_t len, bool force)
{
	uint8_t old[KEYFILE_MAX];
	char path[PATH_MAX];
	size_t i = 0;

	while (i < ARRAY_LEN(names) && (strlen(names[i]) != name_len ||
					memcmp(names[i], name, name_len) != 0))
		i++;
	if (i == ARRAY_LEN(names))
		return -EINVAL;
	int n = keyfile_read(dir, names[i], old);
	bool same = n >= 0 && (size_t)n == len && memcmp(old, data, len) == 0;
	sodium_memzero(old, sizeof(old));
	if (n != -ENOENT && !same && !force)
		return n < 0 && n != -EFBIG ? n : -EEXIST;
	n = snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	return write_file(path, names[i] == public_name ? 0644 : 0600, data,
			  len);
}
