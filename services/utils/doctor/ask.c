#include "services/utils/doctor/ask.h"

#include "common/base/buf.h"
#include "services/utils/doctor/web.h"

static bool on_this_machine(const struct doctor *d)
{
	for (size_t i = 0; i < d->addrs.n; i++)
		if (!addr_is_loopback(&d->addrs.addrs[i]))
			return false;
	return d->addrs.n > 0;
}

/* Whatever a try without an answer has left is forgotten. */
static bool get(const struct web_ask *ask)
{
	struct web_answer answer;

	buf_consume(ask->body, buf_len(ask->body));
	return web_get(ask, &answer) == 0 && !answer.problem[0];
}

struct json_object *ask_json(struct doctor *d, const char *path, bool signed_in)
{
	struct json_object *o = NULL;
	struct buf body;
	struct web_ask ask = { .host = d->host,
			       .port = d->https_port,
			       .path = path,
			       .timeout_ms = (unsigned)d->timeout_ms,
			       .insecure = !signed_in || d->insecure,
			       .token = signed_in ? d->token : NULL,
			       .body = &body };

	buf_init(&body, ASK_ANSWER_MAX);
	bool ok = get(&ask);
	if (!ok && (!signed_in || on_this_machine(d))) {
		ask.port = (uint16_t)(d->port - 2);
		ask.plain = true;
		ok = get(&ask);
	}
	if (ok && buf_append(&body, "", 1) == 0)
		o = json_tokener_parse((const char *)buf_head(&body));
	buf_fini(&body);
	return o;
}

const char *ask_text(struct json_object *o, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(o, name, &member)
		       ? json_object_get_string(member)
		       : "";
}
