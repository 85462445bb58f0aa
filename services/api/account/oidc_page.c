#include "services/api/account/oidc_page.h"

#include "services/api/base/html.h"

static const char head[] =
	"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">"
	"<title>Sign in</title><style>"
	":root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}"
	"body{margin:0;display:grid;place-items:center;min-height:100vh}"
	"main{width:min(22rem,100vw - 32px)}"
	"h1{font-size:20px;line-height:1.25;font-weight:600}"
	"dt{opacity:.7}dd{margin:0 0 8px;overflow-wrap:anywhere}"
	"form{display:inline-block;margin:8px 8px 0 0}"
	"button{font:inherit;font-weight:500;padding:8px 16px;"
	"border-radius:6px;cursor:pointer}</style><main>";

int oidc_page(struct call *c, const char *text)
{
	return call_html(c, call_fmt(c, "%s<p>%s</p></main></html>\n", head,
				     html_escape(&c->pool, text)));
}

static const char *button(struct call *c, const struct oidc_question *q,
			  const char *answer, const char *text)
{
	return call_fmt(c,
			"<form method=\"post\" action=\"confirm?state=%s"
			"&amp;secret=%s&amp;answer=%s\"><button>%s</button>"
			"</form>",
			q->state, q->secret, answer, text);
}

int oidc_page_ask(struct call *c, const struct oidc_question *q)
{
	struct pool *p = &c->pool;

	return call_html(
		c, call_fmt(c,
			    "%s<h1>Sign in on this device?</h1><dl>"
			    "<dt>Account</dt><dd>%s</dd><dt>Device</dt>"
			    "<dd>%s (ID %s)</dd><dt>Its address</dt><dd>%s</dd>"
			    "</dl><p>Go on only if you have just asked for it "
			    "there.</p>%s%s</main></html>\n",
			    head, html_escape(p, q->account),
			    html_escape(p, *q->device ? q->device : "unnamed"),
			    html_escape(p, q->id), html_escape(p, q->address),
			    button(c, q, "yes", "Sign in"),
			    button(c, q, "no", "No")));
}
