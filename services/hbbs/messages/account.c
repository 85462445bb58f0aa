#include "services/hbbs/messages/account.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "services/hbbs/messages/access.h"
#include "services/hbbs/state/metrics.h"

/* --- sessions of users ---------------------------------------------------- */

static void begin_session(struct core *c, const struct request *q)
{
	struct client *client = q->from.client;

	Hbb__RegisterPkResponse r = HBB__REGISTER_PK_RESPONSE__INIT;
	r.keep_alive = KEEP_ALIVE_S;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PK_RESPONSE;
	m.register_pk_response = &r;
	core_reply(c, q, &m);

	struct action *a = outbox_add(&c->out, ACT_REGISTERED, 0, NULL);
	if (!a)
		return;
	a->stream.client = client;
	client->hc = true;
	c->user_sessions++;
}

void account_ended(struct core *c, struct client *client)
{
	if (client->hc)
		c->user_sessions--;
	client->hc = false;
}

static bool is_user(const union result *r)
{
	return r->facts && r->facts->user.known && !r->facts->user.disabled;
}

static struct step hc_known(struct core *c, struct request *q,
			    const union result *r)
{
	if (q->from.client->hc)
		return way_end();
	if (is_user(r))
		begin_session(c, q);
	else
		core_close(c, q->from.client, "invalid_token");
	return way_end();
}

struct step account_hc(struct core *c, struct request *q,
		       const union result *unused)
{
	const char *token = q->m->hc->token;
	(void)unused;

	if (q->from.client->hc)
		return way_end();
	if (!access_secured(q) || token[0] == '\0')
		core_close(c, q->from.client, "invalid_token");
	else if (access_ask_user(c, q, token))
		return way_wait(hc_known);
	else
		core_close(c, q->from.client, "busy");
	return way_end();
}

/* --- HTTP ----------------------------------------------------------------- */

static bool is_method(const char *method)
{
	static const char *const known[] = { "GET",    "POST",  "PUT",
					     "DELETE", "PATCH", "HEAD" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(method, known[i]) == 0)
			return true;
	return false;
}

/* A path of the API with nothing in it that a server could read otherwise. */
static bool is_api_path(const char *path)
{
	if (strncmp(path, "/api/", 5) != 0 ||
	    strlen(path) > ACCOUNT_HTTP_PATH_MAX || strstr(path, "/../") ||
	    strstr(path, "/./") || strstr(path, "//") || strchr(path, '#'))
		return false;
	for (const char *p = path; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p))
			return false;
	return true;
}

const char *account_http_refusal(const Hbb__HttpProxyRequest *r)
{
	if (!is_method(r->method))
		return "This method is not passed on";
	if (!is_api_path(r->path))
		return "Only paths of the API are passed on";
	if (r->body.len > ACCOUNT_HTTP_BODY_MAX)
		return "The request is too large to be passed on";
	return NULL;
}

static void refuse(struct core *c, const struct request *q, const char *why)
{
	union {
		const char *in;
		char *out;
	} text = { .in = why };
	Hbb__HttpProxyResponse r = HBB__HTTP_PROXY_RESPONSE__INIT;

	r.error = text.out;
	account_http_answer(c, q->from.client->id, &r);
}

size_t account_message_max(const struct core *c, const struct client *client)
{
	if (client->channel != CHANNEL_SECURE || !c->rules->http_proxy)
		return CLIENT_BODY_MAX;
	return proven_has(&c->proven, &client->source, c->now_ms)
		       ? ACCOUNT_MESSAGE_MAX
		       : ACCOUNT_UNPROVEN_MAX;
}

/* The access token of a request, or NULL. */
static const char *bearer(const Hbb__HttpProxyRequest *r)
{
	static const char scheme[] = "Bearer ";

	for (size_t i = 0; i < r->n_headers; i++) {
		const Hbb__HeaderEntry *e = r->headers[i];
		if (strcasecmp(e->name, "authorization") == 0 &&
		    strncasecmp(e->value, scheme, sizeof scheme - 1) == 0)
			return e->value + sizeof scheme - 1;
	}
	return NULL;
}

static struct step pass_on(struct core *c, struct request *q,
			   const union result *unused)
{
	Hbb__HttpProxyRequest *r = q->m->http_proxy_request;
	uint8_t *body;
	struct action *a =
		outbox_add(&c->out, ACT_HTTP,
			   hbb__http_proxy_request__get_packed_size(r), &body);
	(void)unused;

	if (!a) {
		refuse(c, q, "The server is busy");
		return way_end();
	}
	hbb__http_proxy_request__pack(r, body);
	a->http.client_id = q->from.client->id;
	a->http.from = q->from.source;
	return way_end();
}

/* Is it worth a question to Redis whose token this is? Small requests that
 * show one prove their address. */
static bool may_prove(const struct core *c, const struct request *q)
{
	const char *token = bearer(q->m->http_proxy_request);

	return token && token[0] != '\0' && q->len <= ACCOUNT_PROOF_MAX &&
	       !proven_has(&c->proven, &q->from.source, c->now_ms);
}

static struct step token_known(struct core *c, struct request *q,
			       const union result *r)
{
	if (is_user(r))
		proven_note(&c->proven, &q->from.source, c->now_ms);
	return way_on(pass_on);
}

struct step account_http(struct core *c, struct request *q,
			 const union result *unused)
{
	const Hbb__HttpProxyRequest *r = q->m->http_proxy_request;
	const char *why = account_http_refusal(r);
	(void)unused;

	if (q->from.client->channel != CHANNEL_SECURE)
		why = "The connection is not encrypted";
	else if (!c->rules->http_proxy)
		why = "This server does not pass on API requests";
	else if (q->from.client->http)
		return way_end(); /* one request, one response */
	if (why) {
		refuse(c, q, why);
		return way_end();
	}
	q->from.client->http = true;
	if (may_prove(c, q) && access_ask_user(c, q, bearer(r)))
		return way_wait(token_known);
	return way_on(pass_on);
}

void account_http_answer(struct core *c, uint64_t client_id,
			 Hbb__HttpProxyResponse *r)
{
	struct client *client = client_find(&c->clients, client_id);

	core_count(r->error[0] == '\0' ? M_HTTP_PROXY : M_HTTP_FAILED);
	if (!client || client->closing)
		return;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_HTTP_PROXY_RESPONSE;
	m.http_proxy_response = r;
	core_send(c, client, &m);
	core_close(c, client, "done");
}
