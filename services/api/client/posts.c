#include "services/api/client/posts.h"

#include <string.h>

#include "services/api/client/connections.h"
#include "services/api/jobs/alarms.h"
#include "services/api/journal/budget.h"
#include "services/api/journal/events.h"

/* What both kinds have. The user comes from the connection's row. */
static struct doc *new_row(struct call *c, const struct peer *p,
			   enum doc_kind kind)
{
	struct doc *row = doc_new(&c->db, kind, c->now_ms);
	struct doc *conn = NULL;

	if (js_has(c->in, "conn_id"))
		conn = connection_open_row(c, p->guid,
					   js_int(c->in, "conn_id", 0));
	js_set_str(row->j, "device", js_text(c->in, "id"));
	js_set_str(row->j, "device_guid", p->guid);
	js_set_str(row->j, "info", js_text(c->in, "info"));
	js_copy(row->j, c->in, "conn_id");
	js_set_bool(row->j, "verified",
		    conn && js_bool(conn->j, "verified", false));
	if (conn) {
		js_copy(row->j, conn->j, "user");
		js_copy(row->j, conn->j, "user_name");
	}
	return row;
}

static int store(struct call *c, struct doc *row, const char *kind)
{
	struct tx t;

	tx_init(&t, &c->db);
	if (!budget_take(&t, c, row))
		return call_empty(c);
	audit_remember(&t, c);
	doc_save(&t, row);
	events_add(&t, kind, row->j);
	if (row->kind == DOC_AUDIT_ALARM)
		alarm_mail(&t, c, row->j);
	return call_result(c, tx_commit(&t));
}

int audit_file(struct call *c)
{
	struct peer p;

	if (!audit_device(c, &p) || audit_repeated(c))
		return call_empty(c);
	struct doc *row = new_row(c, &p, DOC_AUDIT_FILE);
	js_set_str(row->j, "peer_id", js_text(c->in, "peer_id"));
	js_set_str(row->j, "path", js_text(c->in, "path"));
	js_copy(row->j, c->in, "type");
	js_copy(row->j, c->in, "is_file");
	return store(c, row, "file");
}

int audit_alarm(struct call *c)
{
	int64_t typ = js_int(c->in, "typ", -1);
	struct peer p;

	/* 3 to 5 are the server's own. */
	if (typ < 0 || typ >= ALARM_TYPES ||
	    (typ >= ALARM_LOGIN_ROW && typ <= ALARM_LOGIN_HOUR))
		return call_error(c, 400, "Invalid format: typ");
	if (!audit_device(c, &p) || audit_repeated(c))
		return call_empty(c);
	struct doc *row = new_row(c, &p, DOC_AUDIT_ALARM);
	js_set_int(row->j, "typ", typ);
	return store(c, row, "alarm");
}
