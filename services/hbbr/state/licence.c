#include "services/hbbr/state/licence.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/proto/keys.h"

enum { PATH_TEXT = 4096 };

/* The file's text; 0, or -errno. */
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, size - 1);
	int r = n < 0 ? -errno : 0;
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return r;
}

static enum licence_result load_file(const char *dir, char *out)
{
	char path[PATH_TEXT];
	char text[LICENCE_TEXT];
	struct keys k;

	int n = snprintf(path, sizeof(path), "%s/id_ed25519.pub", dir);
	int r = (size_t)n < sizeof(path) ? read_text(path, text, sizeof(text))
					 : -ENAMETOOLONG;
	if (r == -ENOENT)
		return LICENCE_MISSING;
	if (r < 0) {
		log_error("key_unreadable", "%s: %s", path, strerror(-r));
		return LICENCE_BAD;
	}
	if (keys_from_public_text(&k, text) < 0) {
		log_error("key_malformed", "%s is not a public key", path);
		return LICENCE_BAD;
	}
	memcpy(out, k.pk_text, sizeof(k.pk_text));
	return LICENCE_READY;
}

/* A secret key stands for its public half; the relay had better not have it */
static bool from_secret(const char *text, char *out)
{
	struct keys k;

	if (keys_from_secret_text(&k, text) < 0)
		return false;
	log_warn("key_is_secret",
		 "KEY is a private key; the relay needs only the public one");
	memcpy(out, k.pk_text, sizeof(k.pk_text));
	keys_wipe(&k);
	return true;
}

enum licence_result licence_load(const char *option, const char *data_dir,
				 char out[static LICENCE_TEXT])
{
	while (isspace((unsigned char)*option))
		option++;
	size_t len = strlen(option);
	while (len > 0 && isspace((unsigned char)option[len - 1]))
		len--;

	if (len == 1 && (*option == '-' || *option == '_'))
		return load_file(data_dir, out);
	if (from_secret(option, out))
		return LICENCE_READY;
	if (len >= LICENCE_TEXT) {
		log_error("key_malformed", "KEY is longer than %d bytes",
			  LICENCE_TEXT - 1);
		return LICENCE_BAD;
	}
	memcpy(out, option, len);
	out[len] = '\0';
	return LICENCE_READY;
}
