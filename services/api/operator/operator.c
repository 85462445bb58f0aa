#include "services/api/operator/operator.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/api/account/credentials.h"
#include "services/api/account/guard.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/core/dispatch.h"
#include "services/api/journal/journal.h"
#include "services/api/operator/secret_input.h"

struct command {
	const char *name;
	const char *arguments; /* NAME first where there is any */
	const char *help;
	const char *done; /* for the audit and the terminal */
	/* Changes U, who may be NULL: there is nobody of that name. Returns
	 * NULL, or what is wrong. */
	const char *(*change)(struct call *c, struct doc **u,
			      const struct command *cmd);
	bool password; /* takes one: --random, --file, standard input */
};

struct input {
	const char *name;
	const char *file;
	bool random;
	bool new_user;
	char password[SEAL_PASSWORD_MAX + 1];
};

static struct input in;

/* ---- what the commands do -------------------------------------------------
 */

static const char *set_password(struct call *c, struct doc **u,
				const struct command *cmd)
{
	(void)c, (void)cmd;
	if (!*u)
		return "There is no such user";
	if (strcmp(doc_text((*u), USER_SOURCE), "local") != 0)
		return "This user's password is not kept here, but by the "
		       "directory or provider that he signs in with";
	credentials_set_password(*u, in.password);
	return NULL;
}

static const char *drop_second_factor(struct call *c, struct doc **u,
				      const struct command *cmd)
{
	(void)c, (void)cmd;
	if (!*u)
		return "There is no such user";
	doc_set_bool((*u), USER_EMAIL_VERIFICATION, false);
	credentials_drop_totp(*u);
	credentials_drop_passkeys(*u);
	return NULL;
}

static const char *make_administrator(struct call *c, struct doc **u,
				      const struct command *cmd)
{
	(void)cmd;
	if (!*u && !in.new_user)
		return "There is no such user; --new makes one";
	if (*u && in.new_user)
		return "This user is there already; leave out --new";
	if (!*u) {
		const char *bad = user_name_wrong(c, in.name);

		if (bad)
			return bad;
		*u = doc_new(&c->db, DOC_USER, c->now_ms);
		user_defaults(*u, in.name);
		credentials_set_password(*u, in.password);
	}
	doc_set_bool((*u), USER_IS_ADMIN, true);
	doc_set_int((*u), USER_STATUS, 1);
	return NULL;
}

static const struct command commands[] = {
	{ "list", "", "shows who is an administrator", NULL, NULL, false },
	{ "reset-password", "NAME [--random | --file FILE]",
	  "gives a user another password; his sessions end, his passkeys "
	  "stay",
	  "password reset", set_password, true },
	{ "reset-second-factor", "NAME",
	  "takes away one-time and mailed codes and passkeys; his "
	  "sessions end",
	  "second factor removed", drop_second_factor, false },
	{ "make-administrator", "NAME [--new [--random | --file FILE]]",
	  "makes a user an administrator, enabled", "made an administrator",
	  make_administrator, false },
};

static void usage(FILE *out)
{
	fputs("usage: api admin COMMAND ...\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %s %s\n      %s\n", commands[i].name,
			commands[i].arguments, commands[i].help);
	fputs("\nA password is asked for on the terminal, or is the first line "
	      "of standard input\nor of --file; --random makes one and shows "
	      "it once. REDIS_URL says which Redis.\n",
	      out);
}

/* ---- the way of the api ----------------------------------------------------
 */

/* Who types this, as far as the operating system knows. */
static const char *operator_name(struct call *c)
{
	const char *name = getenv("SUDO_USER");
	char host[HOST_NAME_MAX + 1] = "";

	if (!name || !*name) {
		struct passwd *pw = getpwuid(getuid());

		name = pw ? pw->pw_name : call_fmt(c, "uid %u", getuid());
	}
	gethostname(host, sizeof(host) - 1);
	return call_fmt(c, "%s@%s (operator of the host)", name, host);
}

static struct doc *find(struct call *c)
{
	return doc_by_name(&c->db, DOC_USER, in.name);
}

/* 0, or a tx error; *BAD says what is wrong with the command. */
static int change_once(struct call *c, const struct command *cmd,
		       const char **bad)
{
	struct doc *u = find(c);
	struct tx t;

	if (c->db.away)
		return -EIO;
	bool fresh = !u;
	*bad = cmd->change(c, &u, cmd);
	if (*bad)
		return 0;
	tx_init(&t, &c->db);
	user_save(&t, u);
	sessions_end_all(&t, u->guid);
	guard_forget(&t, c, in.name);
	journal_write(&t, c, CONSOLE_USER,
		      fresh ? CONSOLE_ADD_USER : CONSOLE_UPDATE_USER,
		      call_fmt(c, "%s: %s", doc_text(u, USER_NAME), cmd->done));
	return tx_commit(&t);
}

static int change(struct call *c, const struct command *cmd)
{
	const char *bad = NULL;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < DISPATCH_TRIES; i++)
		r = change_once(c, cmd, &bad);
	if (r < 0 || bad) {
		fprintf(stderr, "api admin: %s: %s\n", in.name,
			bad            ? bad
			: r == -EAGAIN ? "Changed by someone else, try again"
				       : "Redis does not answer");
		return EXIT_FAILURE;
	}
	printf("%s: %s\n", in.name, cmd->done);
	if (in.random)
		printf("password, shown once: %s\n", in.password);
	return EXIT_SUCCESS;
}

static bool show(void *ctx, struct doc *u)
{
	unsigned *n = ctx;

	if (!doc_bool(u, USER_IS_ADMIN, false))
		return true;
	printf("%-24s %-9s %-7s %s\n", doc_text(u, USER_NAME),
	       doc_int(u, USER_STATUS, 1) == 0 ? "disabled" : "enabled",
	       doc_text(u, USER_SOURCE),
	       *doc_text(u, USER_TOTP)                       ? "one-time codes"
	       : doc_bool(u, USER_EMAIL_VERIFICATION, false) ? "mailed codes"
							     : "password only");
	++*n;
	return true;
}

static int list(struct call *c)
{
	unsigned n = 0;

	doc_each(&c->db, DOC_USER, show, &n);
	if (c->db.away) {
		fputs("api admin: Redis does not answer\n", stderr);
		return EXIT_FAILURE;
	}
	if (n == 0)
		puts("There is no administrator; make-administrator makes "
		     "one.");
	return EXIT_SUCCESS;
}

/* ---- the command line ------------------------------------------------------
 */

/* Takes ARGV into `in`. NULL, or what is wrong. */
static const char *parse(const struct command *cmd, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--random") == 0)
			in.random = true;
		else if (strcmp(argv[i], "--new") == 0 &&
			 cmd->change == make_administrator)
			in.new_user = true;
		else if (strcmp(argv[i], "--file") == 0 && i + 1 < argc)
			in.file = argv[++i];
		else if (argv[i][0] == '-')
			return "unknown option";
		else if (in.name)
			return "one name; a password is never on the command "
			       "line";
		else
			in.name = argv[i];
	}
	bool password = cmd->password || in.new_user;
	if ((in.random || in.file) && !password)
		return "this command takes no password";
	if (in.random && in.file)
		return "--random or --file";
	return !cmd->change == !in.name ? NULL : "wrong number of arguments";
}

static int get_password(struct call *c)
{
	char token[SEAL_TOKEN];

	if (!in.random)
		return secret_input(in.file,
				    call_fmt(c, "New password of %s", in.name),
				    in.password);
	seal_token(token);
	snprintf(in.password, sizeof(in.password), "%s", token);
	sodium_memzero(token, sizeof(token));
	return 0;
}

static int run(struct app *app, const struct command *cmd)
{
	struct call c = { .app = app, .now_ms = app_now_ms(), .host = "" };
	int r = EXIT_FAILURE;

	c.who.host = operator_name(&c);
	c.in = call_object(&c);
	c.db = db_take(app->db, &c.pool);
	if (!cmd->change)
		r = list(&c);
	else if (!(cmd->password || in.new_user) || get_password(&c) == 0)
		r = change(&c, cmd);
	sodium_memzero(in.password, sizeof(in.password));
	db_put(app->db, &c.db);
	pool_fini(&c.pool);
	return r;
}

int operator_run(const struct api_config *cfg, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *cmd = NULL;
	struct app app;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			cmd = &commands[i];
	const char *bad =
		cmd ? parse(cmd, argc - 2, argv + 2) : "no such command";
	if (bad) {
		fprintf(stderr, "api admin %s: %s\n\n", name, bad);
		usage(stderr);
		return 2;
	}
	log_setup("api", LOG_ERROR, LOG_TEXT);
	if (sodium_init() < 0 || app_init_redis(&app, cfg) < 0)
		return EXIT_FAILURE;
	int r = run(&app, cmd);
	app_fini(&app);
	return r;
}
