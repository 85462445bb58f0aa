#include "services/utils/exchange/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config/shared.h"
#include "common/proto/keys.h"
#include "services/utils/client/pubkey.h"
#include "services/utils/command.h"

#define AT(field) offsetof(struct import_settings, field)
static const struct opt opts[] = {
	SHARED_REDIS_URL(AT(redis_url), "redis://127.0.0.1:6379",
			 "Redis, as the servers have it."),
	{ "KEYS", 0, NULL, OPT_STRING, AT(keys), "", 0, 0,
	  "Folder with the reference server's id_ed25519, to be put into "
	  "DATA_DIR as well." },
	SHARED_DATA_DIR(AT(data_dir), ".", "Data folder of hbbs, for KEYS."),
	{ "FORCE", 0, NULL, OPT_BOOL, AT(force), "n", 0, 0,
	  "Replace another key pair in DATA_DIR: its clients need a new key." },
	{ "REPLACE", 0, NULL, OPT_BOOL, AT(replace), "n", 0, 0,
	  "Replace what is stored already; otherwise it is kept." },
	{ "DRY_RUN", 0, NULL, OPT_BOOL, AT(dry_run), "n", 0, 0,
	  "Read and report, write nothing." },
	{ "JSON", 0, NULL, OPT_BOOL, AT(json), "n", 0, 0,
	  "PATH was written by 'rustdesk-utils export'; - is standard "
	  "input." },
	{ "MAX_PEERS", 0, NULL, OPT_INT, AT(max_peers), "5000000", 1, INT32_MAX,
	  "Peers that may be stored, as hbbs has it." },
};
static const struct config_spec spec = {
	.program = "rustdesk-utils import",
	.about = "takes over the peers and keys of the reference server, or an "
		 "export",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "PATH",
	.size = sizeof(struct import_settings),
};

static int key_problem(const char *what, const char *dir, int error)
{
	fprintf(stderr, "rustdesk-utils import: %s %s/id_ed25519: %s\n", what,
		dir,
		error == -EINVAL ? "this is not a key of 64 bytes in base64"
				 : strerror(-error));
	return EXIT_FAILURE;
}

/* A public file that does not belong to the secret one is somebody's mistake
 * that would otherwise show as clients that cannot connect. */
static bool public_file_agrees(const struct keys *k, const char *dir)
{
	char text[PUBKEY_MAX];
	int r = pubkey_of_option("-", dir, text);

	return r == -ENOENT || (r == 0 && strcmp(text, k->pk_text) == 0);
}

/* Reads the pair of s->keys; sees what is in DATA_DIR. */
static int check_keys(const struct import_settings *s, struct keys *k,
		      bool *same)
{
	struct keys old;
	int r = keys_load(k, s->keys);

	if (r < 0)
		return key_problem("cannot read", s->keys, r);
	if (!public_file_agrees(k, s->keys)) {
		fprintf(stderr,
			"rustdesk-utils import: %s/id_ed25519.pub is not the "
			"public half of id_ed25519: which pair is right?\n",
			s->keys);
		return EXIT_FAILURE;
	}
	r = keys_load(&old, s->data_dir);
	*same = r == 0 && strcmp(old.pk_text, k->pk_text) == 0;
	keys_wipe(&old);
	if (*same || r == -ENOENT || s->force)
		return EXIT_SUCCESS;
	fprintf(stderr,
		"rustdesk-utils import: %s has another key pair already. "
		"--force replaces it; clients that have its public key can "
		"then no longer connect.\n",
		s->data_dir);
	return EXIT_FAILURE;
}

static int put_keys(const struct import_settings *s, const struct keys *k,
		    bool same)
{
	int r = s->dry_run ? 0 : keys_store(k, s->data_dir);

	if (r < 0)
		return key_problem("cannot write", s->data_dir, r);
	printf("key pair   %s %s%s\n", k->pk_text,
	       same         ? "is already in "
	       : s->dry_run ? "would be put into "
			    : "is now in ",
	       s->data_dir);
	return EXIT_SUCCESS;
}

static int run(void *settings, int argc, char **argv)
{
	const struct import_settings *s = settings;
	const char *path = argv[0];
	struct keys k = { .can_sign = false };
	bool same = false;

	(void)argc;
	/* A key that cannot be taken over ends it before a peer is. */
	int code = *s->keys ? check_keys(s, &k, &same) : EXIT_SUCCESS;

	if (code == EXIT_SUCCESS)
		code = s->json ? import_json(s, path)
			       : import_reference(s, path);
	if (code == EXIT_SUCCESS && *s->keys)
		code = put_keys(s, &k, same);
	keys_wipe(&k);
	return code;
}

int command_import(int argc, char **argv)
{
	struct import_settings s = { .keys = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 1, 1 }, run);
}
