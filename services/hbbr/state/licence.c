#include "services/hbbr/state/licence.h"

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

/* Clients know the key that hbbs told them: the pair's, if that is here. */
static void warn_odd(const char *text, const char *dir)
{
	char own[LICENCE_TEXT];
	struct keys k;

	if (text[0] == '\0')
		log_warn("open_relay", "KEY is empty: whoever reaches this "
				       "relay may use it, tickets aside");
	else if (keys_option_public(text, &k) &&
		 load_file(dir, own) == LICENCE_READY &&
		 strcmp(own, k.pk_text) != 0)
		log_warn("key_differs",
			 "KEY is another public key than %s/id_ed25519.pub: "
			 "clients of that ID server are refused",
			 dir);
}

enum licence_result licence_load(const char *option, const char *data_dir,
				 char out[static LICENCE_TEXT])
{
	char text[KEYS_OPTION_TEXT];
	int r = keys_option_read(option, data_dir, text);

	if (r < 0) {
		log_error("key_malformed", "KEY %s", keys_option_fault(r));
		return LICENCE_BAD;
	}
	if (strcmp(text, "-") == 0 || strcmp(text, "_") == 0)
		return load_file(data_dir, out);
	if (!from_secret(text, out)) {
		warn_odd(text, data_dir);
		strcpy(out, text);
	}
	explicit_bzero(text, sizeof(text));
	return LICENCE_READY;
}
