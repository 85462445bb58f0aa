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
	doc_set_text(row, AUDIT_DEVICE, js_text(c->in, "id"));
	doc_set_text(row, AUDIT_DEVICE_GUID, p->guid);
	doc_set_text(row, AUDIT_INFO, js_text(c->in, "info"));
	doc_take(row, c->in, AUDIT_CONN_ID.of);
	doc_set_bool(row, AUDIT_VERIFIED,
		     conn && doc_bool(conn, AUDIT_VERIFIED, false));
	if (conn) {
		doc_take(row, conn->j, AUDIT_USER.of);
		doc_take(row, conn->j, AUDIT_USER_NAME.of);
	}
	return row;
}

static int store(struct call *c, struct doc *row, const char *kind)
{
	struct tx t;

	tx_init(&t, &c->db);
	if (!budget_take(&t, c, row))
		return call_empty(c);
	connection_remember(&t, c);
	doc_save(&t, row);
	events_add(&t, kind, row->j);
	if (row->kind == DOC_AUDIT_ALARM)
		alarm_mail(&t, c, row);
	return call_result(c, tx_commit(&t));
}

int posts_file(struct call *c)
{
	struct peer p;

	if (!connection_device(c, &p) || connection_repeated(c))
		return call_empty(c);
	struct doc *row = new_row(c, &p, DOC_AUDIT_FILE);
	doc_set_text(row, AUDIT_PEER_ID, js_text(c->in, "peer_id"));
	doc_set_text(row, FILE_PATH, js_text(c->in, "path"));
	doc_take(row, c->in, FILE_TYPE.of);
	doc_take(row, c->in, FILE_IS_FILE.of);
	return store(c, row, "file");
}

int posts_alarm(struct call *c)
{
	int64_t typ = js_int(c->in, "typ", -1);
	struct peer p;

	/* 3 to 5 are the server's own. */
	if (typ < 0 || typ > ALARM_ID_WHITELIST ||
	    (typ >= ALARM_LOGIN_ROW && typ <= ALARM_LOGIN_HOUR))
		return call_error(c, 400, "Invalid format: typ");
	if (!connection_device(c, &p) || connection_repeated(c))
		return call_empty(c);
	struct doc *row = new_row(c, &p, DOC_AUDIT_ALARM);
	doc_set_int(row, AUDIT_TYP, typ);
	return store(c, row, "alarm");
}
