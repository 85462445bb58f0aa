#include "services/api/jobs/webhooks.h"

#include <curl/curl.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/core/auth.h"
#include "services/api/core/etag.h"
#include "services/api/core/outside.h"
#include "services/api/jobs/delivery_log.h"
#include "services/api/jobs/jobs.h"
#include "services/api/journal/events.h"
#include "services/api/journal/journal.h"

enum { BATCH = 200, HOOK_MS = 10000 };

static bool wants(const struct doc *hook, const char *kind)
{
	struct json_object *kinds = doc_list(hook, HOOK_EVENTS);

	return doc_bool(hook, HOOK_ENABLED, true) &&
	       (js_len(kinds) == 0 || js_arr_has(kinds, kind));
}

static void queue(struct tx *t, struct app *app, const struct doc *hook,
		  const char *kind, const char *id, const char *data)
{
	struct json_object *job =
		pool_json(t->db->pool, json_object_new_object());

	field_set_text(job, JOB_TYPE, "webhook");
	field_set_text(job, JOB_HOOK, hook->guid);
	field_set_text(job, JOB_EVENT, id);
	field_set_text(job, JOB_KIND, kind);
	field_set_text(
		job, JOB_BODY,
		pool_printf(t->db->pool,
			    "{\"id\":\"%s\",\"kind\":\"%s\",\"data\":%s}", id,
			    kind, data));
	jobs_put(t, app, jobs_of_hook(t->db->pool, hook->guid), job,
		 app_now_ms(), JOBS_HOOK_LIFE_S);
}

struct doc **webhooks_all(struct db *d, size_t *n)
{
	const char **guids = doc_page(d, DOC_WEBHOOK, 0, WEBHOOKS_MAX, n);

	return doc_many(d, DOC_WEBHOOK, guids, *n, n);
}

/* The cursor moves in the transaction that makes the jobs, so two nodes
 * cannot queue an event twice, and none is left out. */
void webhooks_collect(struct app *app, struct db *d)
{
	size_t n;
	struct doc **hooks = webhooks_all(d, &n);
	const char *cursor = db_text(db_do(d, "GET", KEY_WEBHOOK_CURSOR, NULL));
	struct tx t;

	const struct redis_reply *r =
		cursor ? db_do(d, "XRANGE", KEY_EVENTS,
			       pool_printf(d->pool, "(%s", cursor), "+",
			       "COUNT", "200", NULL)
		       : db_do(d, "XREVRANGE", KEY_EVENTS, "+", "-", "COUNT",
			       "1", NULL);
	if (db_count(r) == 0)
		return;
	tx_init(&t, d);
	tx_expect_key(&t, KEY_WEBHOOK_CURSOR, cursor);
	for (size_t i = 0; i < db_count(r); i++) {
		const char *id = db_text(db_item(db_item(r, i), 0));
		const struct redis_reply *f = db_item(db_item(r, i), 1);
		const char *kind = db_text(db_item(f, 1));
		const char *data = db_text(db_item(f, 3));

		for (size_t h = 0; cursor && h < n; h++)
			if (wants(hooks[h], kind))
				queue(&t, app, hooks[h], kind, id, data);
		if (i + 1 == db_count(r))
			tx_do(&t, "SET", KEY_WEBHOOK_CURSOR, id, NULL);
	}
	/* -EAGAIN: another node was first, and it did the same. */
	(void)!tx_commit(&t);
}

static void sign(const char *secret, const char *body, char out[static 65])
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state st;

	crypto_auth_hmacsha256_init(&st, (const uint8_t *)secret,
				    strlen(secret));
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)body, strlen(body));
	crypto_auth_hmacsha256_final(&st, mac);
	text_hex(mac, sizeof(mac), out);
}

static size_t ignore(char *data, size_t size, size_t n, void *ctx)
{
	(void)data, (void)ctx;
	return size * n;
}

static CURLcode post(const char *url, const char *body, const char *signature,
		     long *status)
{
	char header[96];
	CURL *h = curl_easy_init();
	struct curl_slist *list =
		curl_slist_append(NULL, "Content-Type: application/json");

	snprintf(header, sizeof(header), "X-Signature: sha256=%s", signature);
	list = curl_slist_append(list, header);
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(h, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)HOOK_MS);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)HOOK_MS / 2);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	CURLcode rc = curl_easy_perform(h);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, status);
	curl_slist_free_all(list);
	curl_easy_cleanup(h);
	return rc;
}

static void note(struct db *d, struct json_object *job,
		 const struct delivery_row *what)
{
	struct delivery_row row = *what;

	row.event = field_text(job, JOB_EVENT);
	row.kind = field_text(job, JOB_KIND);
	delivery_log_add(d, js_text(job, "hook"), &row);
}

int webhook_deliver(struct app *app, struct db *d, struct json_object *job,
		    const char **why)
{
	struct doc *hook = doc_get(d, DOC_WEBHOOK, field_text(job, JOB_HOOK));
	char signature[65];
	long status = 0;

	*why = "ok";
	if (!hook)
		return 0; /* deleted meanwhile */
	char *secret =
		seal_open(&app->seal, d->pool, doc_text(hook, HOOK_SECRET));
	const char *body = field_text(job, JOB_BODY);
	sign(secret ? secret : "", body, signature);
	uint64_t began = app_tick_ms();
	CURLcode rc = post(doc_text(hook, HOOK_URL), body, signature, &status);
	bool silent = rc != CURLE_OK || status >= 500 || status == 408 ||
		      status == 429;
	if (rc != CURLE_OK)
		*why = curl_easy_strerror(rc);
	else if (status < 200 || status > 299)
		*why = pool_printf(d->pool, "HTTP status %ld", status);
	outside_note(app, OUTSIDE_WEBHOOK, hook->guid, began,
		     silent ? *why : NULL);
	int r = silent ? -EIO : status >= 200 && status < 300 ? 0 : -EINVAL;
	note(d, job,
	     &(struct delivery_row){ .status = rc == CURLE_OK ? status : 0,
				     .ms = app_tick_ms() - began,
				     .result = r == 0      ? "done"
					       : r == -EIO ? "silent"
							   : "refused",
				     .why = r == 0 ? "" : *why });
	return r;
}

static struct json_object *view(const struct doc *hook)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "guid", hook->guid);
	doc_show(o, hook, HOOK_URL.of);
	doc_show(o, hook, HOOK_EVENTS.of);
	doc_show(o, hook, HOOK_ENABLED.of);
	js_set_bool(o, "secret_set", *doc_text(hook, HOOK_SECRET) != 0);
	return o;
}

int webhooks_list(struct call *c)
{
	size_t n;
	struct doc **hooks = webhooks_all(&c->db, &n);
	struct page p;

	page_init(c, &p);
	for (size_t i = 0; i < n; i++)
		if (page_take(&p)) {
			js_push(p.data, view(hooks[i]));
			etag_last(&p, hooks[i]->raw);
		}
	return page_answer(c, &p);
}

static int save(struct call *c, struct doc *hook)
{
	const char *url = js_str(c->in, "url");
	const char *secret = js_text(c->in, "secret");
	struct tx t;

	if (url && strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return call_error(c, 400, "Invalid format: url");
	if (*secret && !auth_fresh(c))
		return call_reauth(c);
	doc_take(hook, c->in, HOOK_URL.of);
	doc_take(hook, c->in, HOOK_EVENTS.of);
	doc_take(hook, c->in, HOOK_ENABLED.of);
	if (*secret)
		doc_set_text(hook, HOOK_SECRET,
			     seal_close(&c->app->seal, &c->pool, secret));
	tx_init(&t, &c->db);
	doc_save(&t, hook);
	journal_write(&t, c, CONSOLE_SETTINGS, CONSOLE_CHANGE_SETTINGS,
		      "webhook");
	int r = tx_commit(&t);
	return r ? r : call_json(c, view(hook));
}

int webhooks_create(struct call *c)
{
	if (doc_total(&c->db, DOC_WEBHOOK) >= WEBHOOKS_MAX)
		return call_error(c, 400, "Too many webhooks");
	return save(c, doc_new(&c->db, DOC_WEBHOOK, c->now_ms));
}

int webhooks_update(struct call *c)
{
	struct doc *hook = doc_get(&c->db, DOC_WEBHOOK, c->param[0]);

	if (!hook)
		return call_missing(c);
	return etag_matches(c, hook->raw) ? save(c, hook) : 0;
}

int webhooks_delete(struct call *c)
{
	struct doc *hook = doc_get(&c->db, DOC_WEBHOOK, c->param[0]);
	struct tx t;

	if (!hook)
		return call_missing(c);
	tx_init(&t, &c->db);
	doc_delete(&t, hook);
	jobs_drop(&t, jobs_of_hook(&c->pool, hook->guid));
	delivery_log_drop(&t, hook->guid);
	journal_write(&t, c, CONSOLE_SETTINGS, CONSOLE_CHANGE_SETTINGS,
		      "webhook");
	return call_result(c, tx_commit(&t));
}

int webhooks_test(struct call *c)
{
	struct doc *hook = doc_get(&c->db, DOC_WEBHOOK, c->param[0]);
	const char *why;

	if (!hook)
		return call_missing(c);
	if (!call_lane(c, LANE_WORLD, hook->guid))
		return CALL_LATER;
	struct json_object *job = call_object(c);
	field_set_text(job, JOB_HOOK, hook->guid);
	field_set_text(job, JOB_EVENT, "0-0");
	field_set_text(job, JOB_KIND, "test");
	field_set_text(job, JOB_BODY, "{\"id\":\"0-0\",\"kind\":\"test\"}");
	int r = webhook_deliver(c->app, &c->db, job, &why);
	return r == 0 ? call_empty(c) : call_error(c, 400, why);
}
