#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/log.h"
#include "common/net/ws_conn.h"

enum { LOOK_MS = 30000 }; /* certificates are renewed weeks before their end */

static bool read_stamp(const struct ws_opts *o, struct ws_stamp *out)
{
	struct stat cert, key;

	memset(out, 0, sizeof *out); /* compared as bytes */
	if (stat(o->cert_file, &cert) < 0 || stat(o->key_file, &key) < 0)
		return false;
	out->inode[0] = cert.st_ino;
	out->inode[1] = key.st_ino;
	out->changed[0] = cert.st_mtim;
	out->changed[1] = key.st_mtim;
	return true;
}

/* Loading a bad pair would spoil the context in use, so another one is made
 * first: half a renewal, the chain without its key, is waited out. */
static bool pair_is_good(struct ws_context *cx)
{
	struct lws_vhost *probe = ws_cert_vhost(cx, "probe");

	if (probe)
		lws_vhost_destroy(probe);
	return probe;
}

void ws_context_reload(struct ws_context *cx)
{
	struct ws_stamp now;

	if (!cx || !cx->tls || cx->closing || !read_stamp(&cx->o, &now) ||
	    memcmp(&now, &cx->stamp, sizeof now) == 0)
		return;
	const struct ws_opts *o = &cx->o;
	cx->stamp = now;
	if (!pair_is_good(cx) ||
	    lws_tls_cert_updated(cx->lws, o->cert_file, o->key_file, NULL, 0,
				 NULL, 0) != 0) {
		log_warn("certificate_kept",
			 "%s and %s are no pair; the old certificate stays",
			 o->cert_file, o->key_file);
		return;
	}
	log_info("certificate_loaded", "%s", o->cert_file);
}

static void look(void *ctx)
{
	ws_context_reload(ctx);
}

void ws_cert_watch(struct ws_context *cx)
{
	timer_init(cx->loop, &cx->look, look, cx);
	if (!cx->tls)
		return;
	(void)!read_stamp(&cx->o, &cx->stamp);
	timer_start(&cx->look, LOOK_MS, LOOK_MS);
}
