#include "common/net/ws.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/net/ws_conn.h"
#include "common/proto/wsframe.h"

#define PROTOCOL "ws" /* libwebsockets' name for our callback */

/* Of the hundred reasons some come with a wsi that is no connection: only
 * after these may it be asked for ours. */
static int on_event(struct ws *ws, int reason, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_RAW_RX:
		ws_in_receive(ws, in, len);
		return 0;
	case LWS_CALLBACK_RAW_WRITEABLE:
		return ws_conn_writable(ws);
	case LWS_CALLBACK_RAW_CLOSE:
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
	case LWS_CALLBACK_RAW_ADOPT:
		return ws_conn_adopted(lws_context_user(lws_get_context(wsi)),
				       wsi);
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_WSI_DESTROY:
		ws = lws_get_opaque_user_data(wsi);
		return ws ? on_event(ws, (int)reason, in, len) : 0;
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

static struct lws_context_creation_info library_info(struct ws_context *cx)
{
	return (struct lws_context_creation_info){
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.options = LWS_SERVER_OPTION_LIBUV |
			   LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.pcontext = &cx->lws,
		.user = cx,
		/* One read, and what is written uncopied at once; 4 096, the
		 * default, costs 70 % of the throughput. */
		.pt_serv_buf_size = WSFRAME_BATCH,
		.timeout_secs = cx->o.handshake_ms / 1000 + 1,
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
	if (!cx->lws) {
		log_error("ws_open_failed", "no context; libwebsockets needs "
					    "its plugin evlib_uv");
		return -ENOMEM;
	}
	cx->vhost = ws_cert_vhost(cx, cx->o.name);
	if (cx->vhost)
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

	if (cx->lws)
		lws_context_destroy(cx->lws);
	quota_fini(&cx->half_open);
	free(cx);
}

int ws_context_open(struct loop *l, const struct ws_opts *o,
		    const struct ws_events *ev, void *owner,
		    struct ws_context **out)
{
	struct ws_context *cx = calloc(1, sizeof *cx);
	if (!cx)
		return -ENOMEM;
	cx->loop = l;
	cx->ev = *ev;
	cx->owner = owner;
	cx->o = *o;
	if (o->max_half_open == 0)
		cx->o.max_half_open = WS_HALF_OPEN_MAX;
	if (o->max_half_open_per_ip == 0)
		cx->o.max_half_open_per_ip = WS_HALF_OPEN_PER_IP;
	cx->tls = o->cert_file && o->cert_file[0] != '\0';
	cx->turn_end.run = ws_conn_turn_end;
	cx->end.run = run_end;
	cx->protocols[0] = (struct lws_protocols){
		.name = PROTOCOL,
		.callback = callback,
		.rx_buffer_size = WSFRAME_BATCH,
	};
	/* One more: it comes before the oldest goes. */
	quota_init(&cx->half_open, cx->o.max_half_open_per_ip,
		   cx->o.max_half_open + 1);
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
	if (!cx || cx->closing)
		return;
	cx->closing = true;
	timer_close(&cx->tick, NULL);
	timer_close(&cx->look, NULL);
	if (cx->lws)
		lws_context_destroy(cx->lws);
	loop_at_end(cx->loop, &cx->end);
}

struct ws_counts ws_context_counts(const struct ws_context *cx)
{
	struct ws_counts c = { 0 };

	if (cx) {
		c = cx->counts;
		c.half_open = cx->handshaking.count;
	}
	return c;
}

int ws_adopt(struct ws_context *cx, int fd, const struct addr *peer)
{
	lws_sock_file_fd_type socket = { .sockfd = fd };
	int r = cx->closing ? -EPIPE : ws_conn_admit(cx, peer);

	if (r < 0) {
		close(fd);
		return r;
	}
	cx->adopting = peer;
	struct lws *wsi = lws_adopt_descriptor_vhost(
		cx->vhost, LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL, socket,
		PROTOCOL, NULL);
	if (cx->adopting)
		ws_conn_give_place(cx, peer);
	cx->adopting = NULL;
	return wsi ? 0 : -EIO;
}

/* OpenSSL has a buffer for a record that came in part, and one for a record
 * that the peer does not take; it gives both back when they are empty
 * (SSL_MODE_RELEASE_BUFFERS, which libwebsockets sets). */
static size_t tls_memory(const struct ws *ws)
{
	const SSL *ssl = lws_get_ssl(ws->wsi);
	size_t records = 0;

	if (ssl)
		records = (size_t)SSL_has_pending(ssl) + (ws->owed > 0);
	return records * SSL3_RT_MAX_PACKET_SIZE;
}

size_t ws_memory(const struct ws *ws)
{
	return ws->in.size + ws->message.size + ws->out.size + ws->spliced +
	       tls_memory(ws);
}
