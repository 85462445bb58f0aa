#include "services/utils/client/pubkey.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/proto/keys.h"

/* A key file is one short line. */
static int read_file(const char *dir, const char *name,
		     char out[static PUBKEY_MAX])
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	size_t len = fread(out, 1, PUBKEY_MAX - 1, f);
	int r = ferror(f) ? -EIO : 0;
	fclose(f);
	out[len] = '\0';
	return r;
}

static int from_public_file(const char *dir, char out[static PUBKEY_MAX])
{
	struct keys k;
	int r = read_file(dir, "id_ed25519.pub", out);

	if (r == 0)
		r = keys_from_public_text(&k, out);
	if (r == 0)
		snprintf(out, PUBKEY_MAX, "%s", k.pk_text);
	return r;
}

int pubkey_of_pair(const char *dir, char out[static PUBKEY_MAX])
{
	char secret[PUBKEY_MAX];
	struct keys k;
	int r = read_file(dir, "id_ed25519", secret);

	if (r == 0)
		r = keys_from_secret_text(&k, secret);
	if (r == 0) {
		snprintf(out, PUBKEY_MAX, "%s", k.pk_text);
		keys_wipe(&k);
	}
	explicit_bzero(secret, sizeof(secret));
	return r;
}

int pubkey_of_option(const char *option, const char *dir,
		     char out[static PUBKEY_MAX])
{
	struct keys k;

	if (strcmp(option, "-") == 0 || strcmp(option, "_") == 0)
		return from_public_file(dir, out);
	if (keys_from_secret_text(&k, option) == 0)
		option = k.pk_text;
	int n = snprintf(out, PUBKEY_MAX, "%s", option);
	keys_wipe(&k);
	return n < 0 || n >= PUBKEY_MAX ? -E2BIG : 0;
}
