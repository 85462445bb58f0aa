#include "services/api/journal/journal.h"

#include "services/api/journal/events.h"

void console_log_as(struct tx *t, struct call *c, const struct doc *user,
		    enum console_type typ, enum console_op iop,
		    const char *what)
{
	struct doc *row = doc_new(&c->db, DOC_AUDIT_CONSOLE, c->now_ms);
	const char *host = c->who.host;
	char ip[ADDR_TEXT_MAX] = "";

	js_set_int(row->j, "typ", typ);
	js_set_int(row->j, "iop", iop);
	js_set_str(row->j, "operator",
		   user   ? doc_text(user, USER_NAME)
		   : host ? host
			  : "");
	js_set_str(row->j, "operator_guid", user ? user->guid : "");
	js_set_bool(row->j, "api_token", c->who.api);
	js_set_bool(row->j, "host", host != NULL);
	if (!host)
		addr_format_ip(&c->client, ip);
	js_set_str(row->j, "ip", ip);
	js_set_str(row->j, "info", what);
	js_set_bool(row->j, "verified", true);
	doc_save(t, row);
	events_add(t, "console", row->j);
}

void console_log(struct tx *t, struct call *c, enum console_type typ,
		 enum console_op iop, const char *what)
{
	console_log_as(t, c, c->who.user, typ, iop, what);
}
