#include "common/redis/redis_hello.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int put_auth(const struct redis_login *l, struct buf *out)
{
	const char *with_user[] = { "AUTH", l->user, l->password };
	const char *without[] = { "AUTH", l->password };

	return l->user[0] ? redis_put(out, 3, with_user, NULL)
			  : redis_put(out, 2, without, NULL);
}

static int put_step(enum redis_step step, enum redis_side side,
		    const struct redis_url *u, const char *name,
		    struct buf *out)
{
	char db[16];
	const char *select[] = { "SELECT", db };
	const char *set_name[] = { "CLIENT", "SETNAME", name };
	const char *role[] = { "ROLE" };
	const char *ping[] = { "PING" };
	const char *master[] = { "SENTINEL", "GET-MASTER-ADDR-BY-NAME",
				 u->master };

	switch (step) {
	case REDIS_STEP_AUTH:
		return put_auth(side == REDIS_SENTINEL ? &u->sentinel_login
						       : &u->login,
				out);
	case REDIS_STEP_SELECT:
		snprintf(db, sizeof(db), "%u", u->db);
		return redis_put(out, 2, select, NULL);
	case REDIS_STEP_NAME:
		return redis_put(out, 3, set_name, NULL);
	case REDIS_STEP_ROLE:
		return redis_put(out, 1, role, NULL);
	case REDIS_STEP_PING:
		return redis_put(out, 1, ping, NULL);
	case REDIS_STEP_MASTER:
		return redis_put(out, 3, master, NULL);
	case REDIS_STEP_SUBSCRIBE:
	case REDIS_STEPS:
		break;
	}
	abort();
}

static void add_if(struct redis_hello *h, bool wanted, enum redis_step step)
{
	if (wanted)
		h->steps[h->nsteps++] = step;
}

static bool has_login(const struct redis_login *l)
{
	return l->user[0] || l->password[0];
}

int redis_hello_begin(struct redis_hello *h, enum redis_side side,
		      const struct redis_url *u, const char *name,
		      struct buf *out)
{
	bool ask = side == REDIS_SENTINEL;
	bool sentinels = u->via == REDIS_VIA_SENTINEL;
	int r = 0;

	*h = (struct redis_hello){ .nsteps = 0 };
	add_if(h, has_login(ask ? &u->sentinel_login : &u->login),
	       REDIS_STEP_AUTH);
	add_if(h, !ask && u->db > 0, REDIS_STEP_SELECT);
	add_if(h, name && name[0], REDIS_STEP_NAME);
	add_if(h, !ask && sentinels, REDIS_STEP_ROLE);
	add_if(h, !ask, REDIS_STEP_PING);
	add_if(h, ask, REDIS_STEP_MASTER);
	for (size_t i = 0; i < h->nsteps && r == 0; i++)
		r = put_step(h->steps[i], side, u, name, out);
	return r;
}

int redis_hello_subscribe(struct redis_hello *h, const char *channel,
			  struct buf *out)
{
	const char *argv[] = { "SUBSCRIBE", channel };

	h->steps[h->nsteps++] = REDIS_STEP_SUBSCRIBE;
	return redis_put(out, 2, argv, NULL);
}

static bool is_word(const struct redis_reply *r, const char *word)
{
	const char *text = r ? redis_str(r, NULL) : NULL;

	return text && redis_kind(r) == REDIS_STRING && !strcmp(text, word);
}

/* ["127.0.0.1", "6379"]; nil if the sentinel does not watch that name. */
static int take_master(struct redis_hello *h, const struct redis_reply *r,
		       const char **why)
{
	*why = "the sentinel does not know the master";
	if (redis_kind(r) == REDIS_NIL)
		return -ENOENT;

	*why = "bad answer from the sentinel";
	if (redis_len(r) != 2)
		return -EPROTO;
	const char *host = redis_str(redis_at(r, 0), NULL);
	const char *port = redis_str(redis_at(r, 1), NULL);
	if (!host || !port || !host[0] ||
	    strlen(host) >= sizeof(h->master.name))
		return -EPROTO;
	char *end;
	unsigned long n = strtoul(port, &end, 10);
	if (*end || n == 0 || n > UINT16_MAX)
		return -EPROTO;
	strcpy(h->master.name, host);
	h->master.port = (uint16_t)n;
	return 0;
}

static int judge_error(struct redis_hello *h, enum redis_step step,
		       const struct redis_reply *r, const char **why)
{
	/* A user may lack the right to set a name or to ping; neither is
	 * needed to serve. */
	if (step == REDIS_STEP_NAME ||
	    (step == REDIS_STEP_PING && redis_error_is(r, "NOPERM")))
		return 0;
	redis_error_code(r, h->code);
	if (redis_unavailable(r)) {
		*why = "not ready to serve";
		return -EBUSY;
	}
	if (step == REDIS_STEP_AUTH || redis_error_is(r, "NOAUTH") ||
	    redis_error_is(r, "NOPERM") || redis_error_is(r, "WRONGPASS")) {
		*why = "sign-in refused";
		return -EACCES;
	}
	*why = step == REDIS_STEP_SELECT ? "no such database"
					 : "refused the first commands";
	return -EPROTO;
}

static int judge(struct redis_hello *h, enum redis_step step,
		 const struct redis_reply *r, const char **why)
{
	if (redis_kind(r) == REDIS_ERROR)
		return judge_error(h, step, r, why);
	switch (step) {
	case REDIS_STEP_ROLE:
		*why = "not the master";
		return is_word(redis_at(r, 0), "master") ? 0 : -EBUSY;
	case REDIS_STEP_PING:
		*why = "no answer to PING";
		return is_word(r, "PONG") ? 0 : -EPROTO;
	case REDIS_STEP_SUBSCRIBE:
		*why = "no answer to SUBSCRIBE";
		return is_word(redis_at(r, 0), "subscribe") ? 0 : -EPROTO;
	case REDIS_STEP_MASTER:
		return take_master(h, r, why);
	case REDIS_STEP_AUTH:
	case REDIS_STEP_SELECT:
	case REDIS_STEP_NAME:
	case REDIS_STEPS:
		break;
	}
	*why = "no Redis";
	return is_word(r, "OK") ? 0 : -EPROTO;
}

int redis_hello_reply(struct redis_hello *h, const struct redis_reply *r,
		      const char **why)
{
	int result = judge(h, h->steps[h->at], r, why);

	if (result < 0)
		return result;
	return ++h->at == h->nsteps;
}
