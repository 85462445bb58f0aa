#include "common/proto/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * id_ed25519 and id_ed25519.pub in one folder. Whoever links its complete
 * temporary file to the final name first has made the key; everybody else
 * loads that one.
 */
enum { FILE_MAX = 1024 }; /* a key file has 88 bytes */

static int path_of(char out[static PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int load(struct keys *k, const char *path)
{
	char text[FILE_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, FILE_MAX);
	int r = n < 0 ? -errno : 0;
	close(fd);
	if (r == 0) {
		text[n] = '\0';
		r = keys_from_secret_text(k, text);
	}
	sodium_memzero(text, sizeof(text));
	return r;
}

static int write_synced(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	ssize_t len = (ssize_t)strlen(text);
	int r = 0;

	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, text, (size_t)len);
	if (n < 0)
		r = -errno;
	else if (n != len)
		r = -ENOSPC;
	else if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* Writes a complete file under a name nobody else uses. */
static int write_temporary(char path[static PATH_MAX], const char *dir,
			   const char *text, mode_t mode)
{
	char name[32];

	snprintf(name, sizeof(name), ".key-%08x%08x", randombytes_random(),
		 randombytes_random());
	int r = path_of(path, dir, name);
	if (r < 0)
		return r;
	r = write_synced(path, text, mode);
	if (r < 0 && r != -EEXIST)
		unlink(path);
	return r;
}

static int create(struct keys *k, const char *dir, const char *path)
{
	char text[KEYS_SK_TEXT], temporary[PATH_MAX];

	keys_generate(k);
	keys_secret_text(k, text);
	int r = write_temporary(temporary, dir, text, 0600);
	sodium_memzero(text, sizeof(text));
	if (r < 0)
		return r;
	if (link(temporary, path) < 0)
		r = errno == EEXIST ? load(k, path) : -errno;
	unlink(temporary);
	return r;
}

static bool public_is_current(const struct keys *k, const char *path)
{
	char text[KEYS_PK_TEXT] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 && keys_text_eq(text, k->pk_text);
}

/* The public file is for people: a folder that cannot be written to is no
 * reason to refuse a key that could be read. */
static void publish(const struct keys *k, const char *dir, const char *path)
{
	char temporary[PATH_MAX];

	if (public_is_current(k, path))
		return;
	if (write_temporary(temporary, dir, k->pk_text, 0644) == 0 &&
	    rename(temporary, path) < 0)
		unlink(temporary);
}

int keys_load_or_create(struct keys *k, const char *dir)
{
	char secret[PATH_MAX], public[PATH_MAX];
	int r = path_of(secret, dir, "id_ed25519");

	if (r == 0)
		r = path_of(public, dir, "id_ed25519.pub");
	if (r == 0)
		r = load(k, secret);
	if (r == -ENOENT)
		r = create(k, dir, secret);
	if (r == 0)
		publish(k, dir, public);
	return r;
}

int keys_load(struct keys *k, const char *dir)
{
	char path[PATH_MAX];
	int r = path_of(path, dir, "id_ed25519");

	return r < 0 ? r : load(k, path);
}

static int replace(const char *dir, const char *name, const char *text,
		   mode_t mode)
{
	char temporary[PATH_MAX], path[PATH_MAX];
	int r = path_of(path, dir, name);

	if (r == 0)
		r = write_temporary(temporary, dir, text, mode);
	if (r == 0 && rename(temporary, path) < 0) {
		r = -errno;
		unlink(temporary);
	}
	return r;
}

int keys_store(const struct keys *k, const char *dir)
{
	char secret[KEYS_SK_TEXT];

	keys_secret_text(k, secret);
	int r = replace(dir, "id_ed25519", secret, 0600);
	if (r == 0)
		r = replace(dir, "id_ed25519.pub", k->pk_text, 0644);
	sodium_memzero(secret, sizeof(secret));
	return r;
}
