#include "services/api/journal/journal.h"

#include "services/api/journal/events.h"

void journal_write_as(struct tx *t, struct call *c, const struct doc *user,
		      enum console_type typ, enum console_op iop,
		      const char *what)
{
	struct doc *row = doc_new(&c->db, DOC_AUDIT_CONSOLE, c->now_ms);
	const char *host = c->who.host;
	char ip[ADDR_TEXT_MAX] = "";

	doc_set_int(row, AUDIT_TYP, typ);
	doc_set_int(row, ADMIN_IOP, iop);
	doc_set_text(row, AUDIT_OPERATOR,
		     user   ? doc_text(user, USER_NAME)
		     : host ? host
			    : "");
	doc_set_text(row, ADMIN_OPERATOR_GUID, user ? user->guid : "");
	doc_set_bool(row, ADMIN_API_TOKEN, c->who.api);
	doc_set_bool(row, ADMIN_HOST, host);
	if (!host)
		addr_format_ip(&c->client, ip);
	doc_set_text(row, AUDIT_IP, ip);
	doc_set_text(row, AUDIT_INFO, what);
	doc_set_bool(row, AUDIT_VERIFIED, true);
	doc_save(t, row);
	events_add(t, "console", row->j);
}

void journal_write(struct tx *t, struct call *c, enum console_type typ,
		   enum console_op iop, const char *what)
{
	journal_write_as(t, c, c->who.user, typ, iop, what);
}
