#include "services/api/account/guard.h"

#include <stdio.h>
#include <string.h>

#include "services/api/core/dispatch.h"
#include "services/api/jobs/alarms.h"

/* One script so that counting and expiry cannot come apart. */
static const char *const counters[] = { "60", "60", "3600", "86400" };

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
		.pair = call_fmt(c, "api:fail:pair:%s:%s", hash, ip),
		.address = call_fmt(c, "api:fail:address:%s", ip),
		.hour = call_fmt(c, "api:fail:hour:%s", hash),
		.row = call_fmt(c, "api:fail:row:%s", hash),
		.known = call_fmt(c, "api:known:%s:%s", hash, ip),
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

bool guard_open(struct call *c, const char *account)
{
	struct names n = names_of(c, account);
	const struct redis_reply *r =
		db_do(&c->db, "MGET", n.pair, n.address, n.hour, n.known, NULL);
	bool known = db_text(db_item(r, 3)) != NULL;
	bool open = guard_rate(c) && db_num(db_item(r, 0)) < GUARD_MINUTE &&
		    db_num(db_item(r, 1)) < GUARD_ADDRESS &&
		    (known || db_num(db_item(r, 2)) < GUARD_HOUR);

	if (!open)
		metric_add(&c->app->metrics, M_LIMITED, 1);
	return open;
}

void guard_failed(struct call *c, const char *account)
{
	struct names n = names_of(c, account);
	const char *keys[] = { n.pair, n.address, n.hour, n.row };
	long long count[4];
	struct tx t;

	metric_add(&c->app->metrics, M_LOGIN_FAILS, 1);
	const struct redis_reply *was =
		db_do(&c->db, "MGET", keys[0], keys[1], keys[2], keys[3], NULL);
	tx_init(&t, &c->db);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		count[i] = db_num(db_item(was, i)) + 1;
		tx_do(&t, "INCR", keys[i], NULL);
		if (count[i] == 1 || i == 3)
			tx_do(&t, "EXPIRE", keys[i], counters[i], NULL);
	}
	if (count[3] == GUARD_ROW + 1)
		alarm_login(&t, c, ALARM_LOGIN_ROW, account);
	if (count[0] == GUARD_MINUTE)
		alarm_login(&t, c, ALARM_LOGIN_MINUTE, account);
	if (count[2] == GUARD_HOUR)
		alarm_login(&t, c, ALARM_LOGIN_HOUR, account);
	if (tx_commit(&t) < 0)
		c->db.away = true;
}

void guard_passed(struct tx *t, struct call *c, const char *account)
{
	struct names n = names_of(c, account);

	tx_do(t, "DEL", n.pair, n.row, NULL);
	tx_do(t, "SET", n.known, "1", "EX", "2592000", NULL);
}
