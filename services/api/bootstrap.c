#include "services/api/bootstrap.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/site/keynames.h"
#include "services/api/account/credentials.h"
#include "services/api/account/users.h"
#include "services/api/core/rows.h"
#include "services/api/policy/control_roles.h"

/* Only the owner may read it; it is removed again if another node was first. */
static int write_password(const char *path, const char *password)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, password, strlen(password));
	ssize_t m = write(fd, "\n", 1);
	int r = n == (ssize_t)strlen(password) && m == 1 && fsync(fd) == 0
			? 0
			: -EIO;
	close(fd);
	return r;
}

static struct doc *first_admin(struct app *app, struct db *d,
			       const char *password)
{
	struct doc *u = doc_new(d, DOC_USER, app_now_ms());

	user_defaults(u, app->cfg->admin_name);
	doc_set_bool(u, USER_IS_ADMIN, true);
	credentials_set_password(u, password);
	if (!*app->cfg->admin_password) {
		doc_set_bool(u, USER_FIRST_PASSWORD, true);
		doc_set_bool(u, USER_MADE_PASSWORD, true);
	}
	return u;
}

static const char *path_of(struct app *app, struct db *d)
{
	return pool_printf(d->pool, "%s/admin_password", app->cfg->data_dir);
}

/* A random password is written to the file before the account exists: a
 * crash in between leaves a file too many, never an account too few. */
static int make(struct app *app, struct db *d)
{
	const char *given = app->cfg->admin_password;
	const char *path = path_of(app, d);
	bool roles_there = doc_by_name(d, DOC_CONTROL_ROLE, "default");
	char random[SEAL_TOKEN];
	struct tx t;
	int r;

	if (!*given) {
		seal_token(random);
		unlink(path);
		r = write_password(path, random);
		if (r < 0)
			log_warn("first_admin", "%s: %s", path, strerror(-r));
	}
	tx_init(&t, d);
	tx_expect_key(&t, KEY_BOOTSTRAPPED, NULL);
	struct doc *u = first_admin(app, d, *given ? given : random);
	tx_do(&t, "SET", KEY_BOOTSTRAPPED, u->guid, NULL);
	user_save(&t, u);
	/* They came with an export (rustdesk-utils) that has no passwords. */
	if (!roles_there)
		control_roles_builtin(&t, app_now_ms());
	r = tx_commit(&t);
	if (r == 0 && !*given)
		log_warn("first_admin",
			 "name=%s, password in %s until the "
			 "first sign-in",
			 app->cfg->admin_name, path);
	else if (r < 0 && !*given)
		unlink(path);
	sodium_memzero(random, sizeof(random));
	return r;
}

int bootstrap(struct app *app, struct db *d)
{
	const struct redis_reply *done =
		db_do(d, "GET", KEY_BOOTSTRAPPED, NULL);

	if (d->away)
		return -EIO;
	if (db_text(done))
		return 0;
	return make(app, d) == 0 ? 0 : -EAGAIN;
}

void bootstrap_tidy(struct app *app, struct db *d)
{
	const char *path = path_of(app, d);

	if (access(path, F_OK) < 0)
		return;
	const char *guid = db_text(db_do(d, "GET", KEY_BOOTSTRAPPED, NULL));
	/* "1": from a release that did not say who it was; the file stays. */
	if (!guid || !text_is_guid(guid))
		return;
	struct doc *u = doc_get(d, DOC_USER, guid);
	if (d->away || (u && doc_bool(u, USER_FIRST_PASSWORD, false)))
		return;
	if (unlink(path) == 0)
		log_info("first_password", "%s removed: it was used or changed",
			 path);
	else
		log_warn("first_password", "%s: %s", path, strerror(errno));
}
