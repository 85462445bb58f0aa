#include "common/net/ws.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/ws_conn.h"
#include "common/proto/wsframe.h"

enum {
	/* One read, and what is written uncopied at once; 4 096, the default,
	 * costs 70 % of the throughput. */
	SERVICE_BUFFER = WSFRAME_BATCH,
	REQUEST_MAX = 16384, /* headers of an upgrade: cookies can be long */
	HEADER_MAX = 512,    /* forwarding headers; longer do not count */
};

static const char *header(struct lws *wsi, enum lws_token_indexes token,
			  char text[static HEADER_MAX])
{
	int n = lws_hdr_copy(wsi, text, HEADER_MAX, token);

	return n > 0 ? text : NULL;
}

static void read_headers(struct ws *ws)
{
	char real_ip[HEADER_MAX], forwarded_for[HEADER_MAX];
	struct addr peer = ws->client;

	ws->client = forwarded_client(
		ws->cx->o.trusted, &peer,
		header(ws->wsi, WSI_TOKEN_HTTP_X_REAL_IP, real_ip),
		header(ws->wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded_for),
		&ws->proxied);
}

static int refuse_http(struct lws *wsi)
{
	(void)lws_return_http_status(wsi, HTTP_STATUS_BAD_REQUEST,
				     "WebSocket upgrade expected");
	return -1;
}

/* Of the hundred reasons some come with a wsi that is no connection: only
 * after these may it be asked for ours. */
static int on_event(struct ws *ws, int reason, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		ws_conn_receive(ws, in, len);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return ws_conn_writable(ws);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		read_headers(ws);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		ws_conn_established(ws);
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return ws_conn_peer_close(ws);
	case LWS_CALLBACK_CLOSED:
		ws_conn_closed(ws);
		return 0;
	default:
		ws_conn_destroyed(ws);
		return 0;
	}
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
		    void *user, void *in, size_t len)
{
	struct ws *ws;
	(void)user;

	switch ((int)reason) {
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		return ws_conn_adopted(lws_context_user(lws_get_context(wsi)),
				       wsi);
	case LWS_CALLBACK_HTTP:
		return refuse_http(wsi);
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return strcasecmp(in, "websocket") == 0 ? 0 : -1;
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		ws = lws_get_opaque_user_data(wsi);
		return ws != NULL ? on_event(ws, (int)reason, in, len) : 0;
	default:
		return 0;
	}
}

/* Its complaints are about peers mostly; ours say what matters. */
static void log_library(int level, const char *line)
{
	(void)level;
	log_debug("lws", "%.*s", (int)strcspn(line, "\n"), line);
}

/* Pings are the business of who knows the protocol above; with a policy of
 * zeros libwebsockets keeps no timer per idle connection. */
static const lws_retry_bo_t no_pings;

static struct lws_context_creation_info library_info(struct ws_context *cx)
{
	return (struct lws_context_creation_info){
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.options = LWS_SERVER_OPTION_LIBUV |
			   LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.pcontext = &cx->lws,
		.user = cx,
		.pt_serv_buf_size = SERVICE_BUFFER,
		.max_http_header_data = REQUEST_MAX,
		.timeout_secs = cx->o.handshake_ms / 1000 + 1,
		.retry_and_idle_policy = &no_pings,
		.protocols = cx->protocols,
	};
}

struct lws_vhost *ws_cert_vhost(struct ws_context *cx, const char *name)
{
	struct lws_context_creation_info info = library_info(cx);

	info.vhost_name = name;
	if (cx->tls) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
				LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
				LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
		info.ssl_cert_filepath = cx->o.cert_file;
		info.ssl_private_key_filepath = cx->o.key_file;
		info.alpn = "http/1.1";
	}
	return lws_create_vhost(cx->lws, &info);
}

static int open_library(struct ws_context *cx)
{
	void *loops[1] = { &cx->loop->uv };
	struct lws_context_creation_info info = library_info(cx);

	info.foreign_loops = loops;
	if (cx->tls)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	cx->lws = lws_create_context(&info);
	if (cx->lws == NULL) {
		log_error("ws_open_failed", "no context; libwebsockets needs "
					    "its plugin evlib_uv");
		return -ENOMEM;
	}
	cx->vhost = ws_cert_vhost(cx, cx->o.name);
	if (cx->vhost != NULL)
		return 0;
	log_error("ws_open_failed", "certificate %s or key %s is unusable",
		  cx->tls ? cx->o.cert_file : "(none)",
		  cx->tls ? cx->o.key_file : "(none)");
	return -EINVAL;
}

/* The loop has run down every handle; libwebsockets frees the rest in a
 * second call. */
static void run_end(struct deferred *d)
{
	struct ws_context *cx = container_of(d, struct ws_context, end);

	if (cx->lws != NULL)
		lws_context_destroy(cx->lws);
	free(cx);
}

int ws_context_open(struct loop *l, const struct ws_opts *o,
		    const struct ws_events *ev, void *owner,
		    struct ws_context **out)
{
	struct ws_context *cx = calloc(1, sizeof *cx);
	if (cx == NULL)
		return -ENOMEM;
	cx->loop = l;
	cx->ev = *ev;
	cx->owner = owner;
	cx->o = *o;
	cx->tls = o->cert_file != NULL && o->cert_file[0] != '\0';
	cx->turn_end.run = ws_conn_turn_end;
	cx->end.run = run_end;
	cx->protocols[0] =
		(struct lws_protocols){ .name = "ws", .callback = callback };
	timer_init(l, &cx->tick, ws_conn_tick, cx);
	ws_cert_watch(cx);
	lws_set_log_level(LLL_ERR | LLL_WARN, log_library);

	int r = open_library(cx);
	if (r < 0) {
		ws_context_close(cx);
		return r;
	}
	*out = cx;
	return 0;
}

void ws_context_close(struct ws_context *cx)
{
	if (cx == NULL || cx->closing)
		return;
	cx->closing = true;
	timer_close(&cx->tick, NULL);
	timer_close(&cx->look, NULL);
	if (cx->lws != NULL)
		lws_context_destroy(cx->lws);
	loop_at_end(cx->loop, &cx->end);
}

int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer)
{
	if (cx->closing) {
		close(fd);
		return -EPIPE;
	}
	cx->adopting = peer;
	struct lws *wsi = lws_adopt_socket_vhost(cx->vhost, fd);
	cx->adopting = NULL;
	return wsi != NULL ? 0 : -EIO;
}
