/* The option KEY: its text, or the file that it names. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/proto/keys.h"

/* Copies TEXT without the white space around it. */
static int trim_into(const char *text, char *out, size_t size)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= size)
		return -E2BIG;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

/* The descriptor of a file of that name, or -ENOENT, -errno. */
static int open_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_named(const char *name, const char *dir)
{
	char path[PATH_MAX];
	int fd = open_file(name);

	if (fd != -ENOENT || name[0] == '/')
		return fd;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	return n > 0 && (size_t)n < sizeof(path) ? open_file(path) : -ENOENT;
}

static int read_key(int fd, char *out, size_t size)
{
	char text[KEYS_OPTION_TEXT + 1];
	ssize_t n = read(fd, text, sizeof(text) - 1);
	int r = n < 0 ? -errno : 0;

	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	if (r == 0 && strlen(text) != (size_t)n)
		r = -EINVAL;
	if (r == 0)
		r = trim_into(text, out, size);
	if (r == 0 && (out[0] == '\0' || strpbrk(out, "\r\n")))
		r = -EINVAL;
	sodium_memzero(text, sizeof(text));
	return r;
}

/* Nobody's key looks like that. */
static bool is_path(const char *text)
{
	size_t len = strlen(text);

	return strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0 ||
	       (len > 4 && strcmp(text + len - 4, ".pub") == 0);
}

int keys_option_read(const char *option, const char *dir,
		     char out[static KEYS_OPTION_TEXT])
{
	int r = trim_into(option, out, KEYS_OPTION_TEXT);

	if (r < 0 || out[0] == '\0' || strcmp(out, "-") == 0 ||
	    strcmp(out, "_") == 0)
		return r;
	int fd = open_named(out, dir);
	if (fd == -ENOENT)
		return is_path(out) ? -ENOENT : 0;
	return fd < 0 ? fd : read_key(fd, out, KEYS_OPTION_TEXT);
}

const char *keys_option_fault(int error)
{
	switch (error) {
	case -E2BIG:
		return "is longer than any key";
	case -EINVAL:
		return "names a file whose content is no key";
	case -ENOENT:
		return "names a file that is not there";
	default:
		return "names a file that cannot be read";
	}
}

bool keys_option_public(const char *text, struct keys *out)
{
	char padded[KEYS_PK_TEXT];
	size_t len = strlen(text);

	if (len == KEYS_PK_TEXT - 1)
		return keys_from_public_text(out, text) == 0;
	if (len != KEYS_PK_TEXT - 2)
		return false;
	memcpy(padded, text, len);
	memcpy(padded + len, "=", 2);
	return keys_from_public_text(out, padded) == 0;
}
