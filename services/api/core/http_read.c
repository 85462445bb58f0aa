#include "services/api/core/http_read.h"

#include <string.h>
#include <strings.h>

#include "services/api/core/app.h"
#include "services/api/core/origin.h"

static const char *header(struct MHD_Connection *conn, const char *name)
{
	return MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);
}

static enum MHD_Result take_query(void *cls, enum MHD_ValueKind kind,
				  const char *name, const char *value)
{
	struct call *c = cls;

	(void)kind;
	if (c->nquery == CALL_QUERY_MAX)
		return MHD_NO;
	c->query[c->nquery++] = (struct call_arg){
		.name = pool_strdup(&c->pool, name),
		.value = pool_strdup(&c->pool, value ? value : ""),
	};
	return MHD_YES;
}

static void read_wanted(struct call *c, struct MHD_Connection *conn)
{
	static const char *const names[CALL_HEADERS] = {
		[CALL_ACCEPT_ENCODING] = "Accept-Encoding",
		[CALL_IF_MATCH] = "If-Match",
		[CALL_IF_NONE_MATCH] = "If-None-Match",
		[CALL_IF_RANGE] = "If-Range",
		[CALL_LAST_EVENT_ID] = "Last-Event-ID",
		[CALL_RANGE] = "Range",
	};

	for (size_t i = 0; i < CALL_HEADERS; i++) {
		const char *value = header(conn, names[i]);

		c->header[i] = value ? pool_strdup(&c->pool, value) : NULL;
	}
	const char *cookie = MHD_lookup_connection_value(conn, MHD_COOKIE_KIND,
							 origin_cookie(c));
	c->cookie = cookie && *cookie ? pool_strdup(&c->pool, cookie) : NULL;
}

static struct addr peer_of(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return addr_from_sockaddr(info->client_addr);
}

void http_read(struct MHD_Connection *conn, struct call *c, const char *url,
	       const char *method)
{
	struct addr peer = peer_of(conn);
	const char *auth = header(conn, "Authorization");
	const char *host = header(conn, "Host");
	const char *origin = header(conn, "Origin");
	struct forwarded_headers said = {
		.forwarded_for = header(conn, "X-Forwarded-For"),
		.forwarded = header(conn, "Forwarded"),
		.real_ip = header(conn, "X-Real-IP"),
		.proto = header(conn, "X-Forwarded-Proto"),
	};
	struct forwarded from = forwarded_read(&c->app->trusted, &peer, &said);

	c->now_ms = app_now_ms();
	c->method = pool_strdup(&c->pool, method);
	c->path = pool_strdup(&c->pool, url);
	c->host = pool_strdup(&c->pool, host ? host : "");
	c->origin = pool_strdup(&c->pool, origin ? origin : "");
	c->client = from.client;
	c->https = from.proto == FORWARDED_HTTPS;
	if (auth && strncasecmp(auth, "Bearer ", 7) == 0)
		c->bearer = pool_strdup(&c->pool, auth + 7);
	read_wanted(c, conn);
	MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, take_query, c);
}
