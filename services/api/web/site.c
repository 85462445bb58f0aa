#include "services/api/web/site.h"

#include <string.h>

#include "services/api/account/oidc.h"
#include "services/api/account/passkey.h"
#include "services/api/core/auth.h"
#include "services/api/core/origin.h"
#include "services/api/jobs/mail.h"
#include "services/api/web/nodes.h"
#include "services/api/web/turn.h"

/* Where to find this page by https. */
static const char *https_url(struct call *c)
{
	const char *url = c->app->cfg->public_url;
	size_t len = strcspn(c->host, ":");

	if (strncmp(url, "https://", 8) == 0)
		return url;
	if (*c->host == '[')
		len = strcspn(c->host, "]") + 1;
	return len ? call_fmt(c, "https://%.*s/", (int)len, c->host) : "";
}

static void add_key(struct call *c, struct json_object *o)
{
	const struct nodes *all = nodes_load(call_state(c));
	char text[64] = "";

	for (size_t i = 0; i < all->n && !*text; i++)
		if (all->list[i].public_key)
			text_base64(all->list[i].public_key, 32, text,
				    sizeof(text));
	js_set_str(o, "server_key", text);
}

/* Nobody has signed in yet: the page says where the password is. */
static bool first_start(struct call *c)
{
	return db_num(db_do(&c->db, "HLEN", doc_key(DOC_AUDIT_CONSOLE),
			    NULL)) == 0;
}

int web_config(struct call *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *features = json_object_new_object();
	struct json_object *ways = json_object_new_object();
	bool secure = origin_secure(c);

	js_set_str(o, "version", VERSION);
	js_set_str(o, "public_url", c->app->cfg->public_url);
	js_set_bool(o, "secure", secure);
	js_set_str(o, "https_url", secure ? "" : https_url(c));
	/* A page that asked with a 401 to learn it would look broken. */
	auth_load(c);
	js_set_bool(o, "signed_in", c->who.user);
	js_set_bool(o, "first_start", first_start(c));
	js_set_str(o, "password_command",
		   "docker compose exec api cat /data/admin_password");
	add_key(c, o);
	js_set(o, "login_options", oidc_options(c));
	js_set_bool(features, "mail", mail_enabled(&c->db));
	js_set_bool(features, "recordings",
		    *c->app->cfg->record_dir || *c->app->cfg->record_s3_url);
	js_set_bool(features, "passkeys", passkey_rp(c));
	js_set(o, "features", features);
	js_set_str(ways, "ws_id", "/ws/id");
	js_set_str(ways, "ws_relay", "/ws/relay");
	js_set(o, "rendezvous", ways);
	js_set(o, "ice_servers", turn_public(c));
	return call_json(c, o);
}
