#include "services/api/account/guard.h"

#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/account/fail.lua.h"
#include "services/api/core/dispatch.h"
#include "services/api/jobs/alarms.h"

struct names {
	const char *pair;    /* account and address, a minute */
	const char *address; /* address, a minute */
	const char *hour;    /* account, an hour */
	const char *row;     /* account, in a row */
	const char *known;   /* account and address that succeeded */
};

static struct names names_of(struct call *c, const char *account)
{
	struct addr key = addr_limit_key(&c->client);
	char low[DOC_NAME_MAX * 2], hash[SEAL_HASH], ip[ADDR_TEXT_MAX];

	text_lower(low, sizeof(low), account);
	seal_hash(low, hash); /* any text may come as a name */
	hash[32] = 0;
	addr_format_ip(&key, ip);
	return (struct names){
		.pair = call_fmt(c, KEY_FAIL_PAIR, hash, ip),
		.address = call_fmt(c, KEY_FAIL_ADDRESS, ip),
		.hour = call_fmt(c, KEY_FAIL_HOUR, hash),
		.row = call_fmt(c, KEY_FAIL_ROW, hash),
		.known = call_fmt(c, KEY_KNOWN, hash, ip),
	};
}

bool guard_rate(struct call *c)
{
	pthread_mutex_lock(&c->app->limit_lock);
	bool ok =
		limiter_allow(&c->app->accounts, &c->client, 1, app_tick_ms());
	pthread_mutex_unlock(&c->app->limit_lock);
	return ok;
}

enum guard guard_of(const struct guard_seen *s)
{
	if (s->pair >= GUARD_MINUTE || s->address >= GUARD_ADDRESS ||
	    (!s->known && s->hour >= GUARD_HOUR))
		return GUARD_SHUT;
	if (s->known)
		return GUARD_KNOWN;
	return s->pair > 0 || s->address > 0 ? GUARD_GUESSER : GUARD_STRANGER;
}

static enum guard look(struct call *c, const struct names *n)
{
	const struct redis_reply *r = db_do(&c->db, "MGET", n->pair, n->address,
					    n->hour, n->known, NULL);

	return guard_of(&(struct guard_seen){
		.pair = db_num(db_item(r, 0)),
		.address = db_num(db_item(r, 1)),
		.hour = db_num(db_item(r, 2)),
		.known = db_text(db_item(r, 3)),
	});
}

static void limited(struct call *c)
{
	metric_add(&c->app->metrics, M_LIMITED, 1);
}

enum guard guard_open(struct call *c, const char *account)
{
	struct names n = names_of(c, account);
	/* On its way through the lanes a call has been counted already. */
	bool may = c->lane != LANE_HERE || guard_rate(c);
	enum guard who = may ? look(c, &n) : GUARD_SHUT;

	if (who == GUARD_SHUT)
		limited(c);
	return who;
}

bool guard_lane(struct call *c, enum guard who, bool ldap)
{
	/* A directory that is slow is no reason for others to wait. */
	if (ldap)
		return call_lane(c, LANE_WORLD, "ldap");
	if (who == GUARD_GUESSER)
		return call_lane(c, LANE_GUESS, "");
	return call_lane(c, LANE_PASSWORD,
			 who == GUARD_KNOWN ? "" : "strangers");
}

/* Counts at once, so that of parallel failures each gets its own number. */
static const struct redis_reply *count(struct call *c, const struct names *n)
{
	return db_eval(&c->db, &fail_lua, 4, n->pair, n->address, n->hour,
		       n->row, "60", "60", "3600", "86400", NULL);
}

static bool failed(struct call *c, const struct names *n, const char *account)
{
	const struct redis_reply *r = count(c, n);
	long long pair = db_num(db_item(r, 0)), hour = db_num(db_item(r, 2));
	bool known = db_text(db_do(&c->db, "GET", n->known, NULL));
	struct tx t;

	metric_add(&c->app->metrics, M_LOGIN_FAILS, 1);
	tx_init(&t, &c->db);
	if (db_num(db_item(r, 3)) == GUARD_ROW + 1)
		alarm_login(&t, c, ALARM_LOGIN_ROW, account);
	if (pair == GUARD_MINUTE)
		alarm_login(&t, c, ALARM_LOGIN_MINUTE, account);
	if (hour == GUARD_HOUR)
		alarm_login(&t, c, ALARM_LOGIN_HOUR, account);
	if (t.ops.n && tx_commit(&t) < 0)
		c->db.away = true;
	return pair <= GUARD_MINUTE && db_num(db_item(r, 1)) <= GUARD_ADDRESS &&
	       (known || hour <= GUARD_HOUR);
}

const char guard_full[] = "Too frequent";

const char *guard_judge(struct call *c, const char *account, bool right,
			const char *wrong)
{
	struct names n = names_of(c, account);

	if (right ? look(c, &n) != GUARD_SHUT : failed(c, &n, account))
		return right ? NULL : wrong;
	limited(c);
	return guard_full;
}

void guard_forget(struct tx *t, struct call *c, const char *account)
{
	struct names n = names_of(c, account);

	tx_do(t, "DEL", n.hour, NULL);
	tx_do(t, "DEL", n.row, NULL);
}

void guard_passed(struct tx *t, struct call *c, const char *account)
{
	struct names n = names_of(c, account);

	tx_do(t, "DEL", n.pair, NULL);
	tx_do(t, "DEL", n.row, NULL);
	tx_do(t, "SET", n.known, "1", "EX", "2592000", NULL);
}
