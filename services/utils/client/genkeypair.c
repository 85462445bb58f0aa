#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/proto/keys.h"
#include "services/utils/command.h"

/* The words are those of the reference tool: scripts read them. */
int command_genkeypair(int argc, char **argv)
{
	char secret[KEYS_SK_TEXT];
	struct keys k;

	if (argc > 1) {
		fprintf(stderr, "usage: rustdesk-utils %s\n", argv[0]);
		return EXIT_USAGE;
	}
	keys_generate(&k);
	keys_secret_text(&k, secret);
	printf("Public Key:  %s\nSecret Key:  %s\n", k.pk_text, secret);
	sodium_memzero(secret, sizeof(secret));
	keys_wipe(&k);
	return EXIT_SUCCESS;
}
