#include <stdio.h>
#include <stdlib.h>

#include "common/proto/keys.h"
#include "services/utils/command.h"

/* What is wrong with the pair, or NULL. */
static const char *problem(const char *public, const char *secret)
{
	struct keys k;

	if (keys_from_public_text(&k, public) < 0)
		return "The public key is not valid: it must be 32 bytes in "
		       "base64 (44 characters).";
	int r = keys_from_secret_text(&k, secret);
	keys_wipe(&k);
	if (r < 0)
		return "The secret key is not valid: it must be 64 bytes in "
		       "base64 (88 characters), as genkeypair prints it.";
	if (!keys_match(public, secret))
		return "Key pair is INVALID: the public key does not belong to "
		       "this secret key.";
	return NULL;
}

int command_validatekeypair(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: rustdesk-utils %s PUBLIC SECRET\n",
			argv[0]);
		return EXIT_USAGE;
	}
	const char *what = problem(argv[1], argv[2]);
	if (what) {
		fprintf(stderr, "%s\n", what);
		return EXIT_FAILURE;
	}
	puts("Key pair is VALID");
	return EXIT_SUCCESS;
}
