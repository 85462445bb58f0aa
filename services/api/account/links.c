#include "services/api/account/links.h"

#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/credentials.h"
#include "services/api/account/guard.h"
#include "services/api/account/login.h"
#include "services/api/account/sessions.h"
#include "services/api/account/users.h"
#include "services/api/core/base_url.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/journal/journal.h"

const char *links_base(struct call *c)
{
	const char *url = base_url(c);

	return url ? url : "";
}

int links_invite(struct call *c)
{
	struct doc *u = doc_new(&c->db, DOC_USER, c->now_ms);
	const char *bad = user_fill_new(c, u);
	char token[SEAL_TOKEN], hash[SEAL_HASH];
	struct tx t;

	if (!bad && !*doc_text(u, USER_EMAIL))
		bad = "Invalid format: email";
	if (!bad && !mail_enabled(&c->db))
		bad = "SMTP is not set up";
	if (!bad && !*links_base(c))
		bad = "PUBLIC_URL is not set, so a link would lead nowhere";
	if (bad)
		return call_error(c, 400, bad);
	struct target who = user_target(u);
	if (!call_may(c, PERM_USER_INVITE, &who))
		return call_forbidden(c);
	doc_set_int(u, USER_STATUS, -1); /* unverified until accepted */
	seal_token(token);
	seal_hash(token, hash);
	tx_init(&t, &c->db);
	user_save(&t, u);
	tx_do(&t, "SET", call_fmt(c, KEY_INVITE, hash), u->guid, "EX",
	      call_fmt(c, "%d", LINK_INVITE_S), NULL);
	mail_queue(&t, c, doc_text(u, USER_EMAIL), "invite",
		   call_fmt(c, "Name: %s\r\n%s/invite#%s",
			    doc_text(u, USER_NAME), links_base(c), token));
	journal_write(&t, c, CONSOLE_USER, CONSOLE_ADD_USER,
		      doc_text(u, USER_NAME));
	int r = tx_commit(&t);
	return r ? r : user_answer(c, u);
}

/* The user that the secret of the body stands for, in the state he must have
 * for it; *KEY is where it is kept. NULL: there is none. */
static struct doc *redeem(struct call *c, bool invited, const char **key)
{
	char hash[SEAL_HASH];

	seal_hash(js_text(c->in, "token"), hash);
	*key = invited ? call_fmt(c, KEY_INVITE, hash)
		       : call_fmt(c, KEY_RESET, hash);
	struct doc *u = doc_get(&c->db, DOC_USER,
				db_text(db_do(&c->db, "GET", *key, NULL)));

	return u && doc_int(u, USER_STATUS, 1) == (invited ? -1 : 1) ? u : NULL;
}

/* Gives U the password of the body; the secret under KEY ends, and so do all
 * sessions. */
static int set_password(struct call *c, struct doc *u, const char *key)
{
	const char *password = js_text(c->in, "password");
	const char *bad = credentials_password_wrong(password);
	const char *name = doc_text(u, USER_NAME);
	struct tx t;

	if (bad)
		return call_error(c, 400, bad);
	if (!call_lane(c, LANE_PASSWORD, ""))
		return CALL_LATER;
	credentials_set_password(u, password);
	doc_set_int(u, USER_STATUS, 1);
	tx_init(&t, &c->db);
	tx_expect_key(&t, key, u->guid);
	tx_do(&t, "DEL", key, NULL);
	user_save(&t, u);
	sessions_end_all(&t, u->guid);
	guard_forget(&t, c, name);
	journal_write_as(&t, c, u, CONSOLE_USER, CONSOLE_UPDATE_USER, name);
	return call_result(c, tx_commit(&t));
}

int links_accept_invite(struct call *c)
{
	const char *key;
	struct doc *u = redeem(c, true, &key);

	return u ? set_password(c, u, key)
		 : call_error(c, 400, "The invitation has expired");
}

int links_password_reset(struct call *c)
{
	const char *key;
	struct doc *u = redeem(c, false, &key);

	if (u && strcmp(doc_text(u, USER_SOURCE), "local") == 0)
		return set_password(c, u, key);
	return call_error(c, 400, "This has expired; ask for another mail");
}

/* One more mail for WHAT within the hour? */
static bool spend(struct call *c, const char *what, int max)
{
	const char *key = call_fmt(c, KEY_RESET_COUNT, what);
	long long n = db_num(db_do(&c->db, "INCR", key, NULL));

	if (n == 1)
		db_do(&c->db, "EXPIRE", key, "3600", NULL);
	return n <= max;
}

/* Without PUBLIC_URL a stranger's Host header would name the server, so the
 * mail has what the page asks for instead of a link. */
static const char *reset_text(struct call *c, const char *name,
			      const char *token)
{
	return *c->app->cfg->public_url
		       ? call_fmt(c, "Name: %s\r\n%s/reset#%s", name,
				  links_base(c), token)
		       : call_fmt(c,
				  "Name: %s\r\nCode for the page where you "
				  "asked for this mail: %s",
				  name, token);
}

/* Says the same, after the same work, whether or not there is such a user. */
static int mail_reset(struct call *c, struct doc *u)
{
	char token[SEAL_TOKEN], hash[SEAL_HASH];
	bool good = u && doc_int(u, USER_STATUS, 1) == 1 &&
		    *doc_text(u, USER_EMAIL) &&
		    strcmp(doc_text(u, USER_SOURCE), "local") == 0;
	struct tx t;

	seal_token(token);
	seal_hash(token, hash);
	good = spend(c, good ? u->guid : "nobody",
		     good ? LINK_RESET_USER : 0) &&
	       good;
	tx_init(&t, &c->db);
	tx_do(&t, "SET", call_fmt(c, KEY_RESET, hash), good ? u->guid : "",
	      "EX", call_fmt(c, "%d", good ? LINK_RESET_S : 1), NULL);
	if (good)
		mail_queue(&t, c, doc_text(u, USER_EMAIL), "reset",
			   reset_text(c, doc_text(u, USER_NAME), token));
	return call_result(c, tx_commit(&t));
}

int links_password_forgot(struct call *c)
{
	struct addr from = addr_limit_key(&c->client);
	char ip[ADDR_TEXT_MAX];

	if (!mail_enabled(&c->db))
		return call_error(c, 400,
				  "This server sends no mail. Ask your "
				  "administrator for a new password");
	if (mail_health(&c->db).failing)
		return call_error(c, 503,
				  "The mail server does not work. Try again "
				  "later, or ask your administrator");
	if (!spend(c, addr_format_ip(&from, ip), LINK_RESET_ADDRESS))
		return call_error(c, 429, guard_full);
	return mail_reset(c, login_find(c, js_text(c->in, "username")));
}
