#include "services/api/core/outside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "services/api/base/breaker.h"

static const char *const kinds[OUTSIDE_KINDS] = {
	[OUTSIDE_LDAP] = "ldap", [OUTSIDE_OIDC] = "oidc",
	[OUTSIDE_SMTP] = "smtp", [OUTSIDE_WEBHOOK] = "webhook",
	[OUTSIDE_S3] = "s3",
};

struct remote {
	enum outside_kind kind;
	char name[OUTSIDE_NAME_MAX]; /* "": unused */
	char why[OUTSIDE_WHY_MAX];   /* of the last failure */
	struct breaker breaker;
	uint64_t asked_ms; /* monotonic */
	uint64_t since_ms; /* Unix time of the last change of state */
};

struct outside {
	pthread_mutex_t lock;
	struct remote targets[OUTSIDE_MAX];
};

struct outside *outside_open(void)
{
	struct outside *o = calloc(1, sizeof(*o));

	if (o)
		pthread_mutex_init(&o->lock, NULL);
	return o;
}

void outside_close(struct outside *o)
{
	if (!o)
		return;
	pthread_mutex_destroy(&o->lock);
	free(o);
}

/* The row of NAME, made anew in place of the one asked longest ago. */
static struct remote *find(struct outside *o, enum outside_kind kind,
			   const char *name)
{
	struct remote *oldest = &o->targets[0];
	char cut[OUTSIDE_NAME_MAX];

	snprintf(cut, sizeof(cut), "%s", *name ? name : "-");
	for (size_t i = 0; i < OUTSIDE_MAX; i++) {
		struct remote *t = &o->targets[i];

		if (t->kind == kind && strcmp(t->name, cut) == 0)
			return t;
		if (t->asked_ms < oldest->asked_ms)
			oldest = t;
	}
	*oldest = (struct remote){ .kind = kind, .since_ms = app_now_ms() };
	strcpy(oldest->name, cut);
	return oldest;
}

static void count(struct app *app, enum outside_kind kind)
{
	const struct outside *o = app->outside;
	uint64_t down = 0, slow = 0;

	for (size_t i = 0; i < OUTSIDE_MAX; i++) {
		const struct remote *t = &o->targets[i];

		if (!*t->name || t->kind != kind)
			continue;
		down += breaker_down(&t->breaker);
		slow += breaker_slow(&t->breaker);
	}
	metric_gauge(&app->metrics, M_LDAP_DOWN + (size_t)kind, down);
	metric_gauge(&app->metrics, M_LDAP_SLOW + (size_t)kind, slow);
}

bool outside_ask(struct app *app, enum outside_kind kind, const char *name)
{
	struct outside *o = app->outside;
	uint64_t now = app_tick_ms();

	pthread_mutex_lock(&o->lock);
	struct remote *t = find(o, kind, name);
	t->asked_ms = now;
	bool ok = breaker_ask(&t->breaker, now);
	pthread_mutex_unlock(&o->lock);
	if (!ok)
		metric_add(&app->metrics, M_OUTSIDE_SPARED, 1);
	return ok;
}

static const char *state_of(const struct remote *t)
{
	return breaker_down(&t->breaker)   ? "down"
	       : breaker_slow(&t->breaker) ? "slow"
					   : "up";
}

void outside_note(struct app *app, enum outside_kind kind, const char *name,
		  uint64_t began_ms, const char *why)
{
	struct outside *o = app->outside;
	uint64_t now = app_tick_ms();

	pthread_mutex_lock(&o->lock);
	struct remote *t = find(o, kind, name);
	const char *before = state_of(t);
	if (why) {
		breaker_failed(&t->breaker, began_ms, now);
		snprintf(t->why, sizeof(t->why), "%s", why);
	} else {
		breaker_answered(&t->breaker, began_ms, now);
	}
	const char *after = state_of(t);
	if (strcmp(before, after) != 0) {
		t->since_ms = app_now_ms();
		log_warn("outside", "%s %s is %s%s%s", kinds[kind], t->name,
			 after, why ? ": " : "", why ? why : "");
	}
	count(app, kind);
	pthread_mutex_unlock(&o->lock);
	metric_add(&app->metrics, why ? M_OUTSIDE_FAILED : M_OUTSIDE_ANSWERED,
		   1);
}

int outside_list(struct call *c)
{
	struct outside *o = c->app->outside;
	struct page p;

	page_init(c, &p);
	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < OUTSIDE_MAX; i++) {
		const struct remote *t = &o->targets[i];

		if (!*t->name || !page_take(&p))
			continue;
		struct json_object *row = json_object_new_object();

		js_set_str(row, "kind", kinds[t->kind]);
		js_set_str(row, "name", t->name);
		js_set_str(row, "state", state_of(t));
		js_set_str(row, "why", breaker_down(&t->breaker) ? t->why : "");
		js_set_int(row, "since", (int64_t)t->since_ms);
		js_set_int(row, "mean_ms", (int64_t)t->breaker.mean_ms);
		js_push(p.data, row);
	}
	pthread_mutex_unlock(&o->lock);
	return page_answer(c, &p);
}
