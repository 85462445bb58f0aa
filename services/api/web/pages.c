#include "services/api/web/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/api/core/origin.h"
#include "services/api/web/files.h"
#include "services/api/web/media.h"

static char own_dir[512];

static void find_own_dir(void)
{
	char path[400];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = 0;
	snprintf(own_dir, sizeof(own_dir), "%s/web", dirname(path));
}

static const char *web_dir(const struct call *c)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (*c->app->cfg->web_dir)
		return c->app->cfg->web_dir;
	pthread_once(&once, find_own_dir);
	return own_dir;
}

/* The folder that holds a path of the address, and the file in it. */
struct place {
	const char *root;
	const char *file;
	bool client;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Names with a hash of their content are kept for ever. */
static bool is_hashed(const char *path)
{
	return strncmp(path, "assets/", 7) == 0 || strstr(path, "/assets/");
}

/* A folder without a page is a mount that nobody filled: ours is served. */
static bool is_client(struct call *c, const char *folder)
{
	return *folder &&
	       access(call_fmt(c, "%s/index.html", folder), R_OK) == 0;
}

static struct place place_of(struct call *c)
{
	bool client = strncmp(c->path, "/web/", 5) == 0;
	const char *other = c->app->cfg->web_client;
	struct place p = { web_dir(c), c->path + (client ? 5 : 1), client };
	const char *last = last_part(p.file);

	if (!*last && (client || !*p.file))
		p.file = call_fmt(c, "%sindex.html", p.file);
	else if (!client && !strchr(last, '.') && !is_hashed(p.file))
		p.file = "index.html";
	if (client && is_client(c, other))
		p.root = other;
	else if (client)
		p.root = call_fmt(c, "%s/web", p.root);
	return p;
}

static bool plain_host(const char *host)
{
	return *host && host[strspn(host, "0123456789abcdefghijklmnopqrstuvwxyz"
					  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  ".-:[]")] == 0;
}

/* Older Safari does not take WebSockets for 'self'. */
static const char *sockets(struct call *c)
{
	const char *own = origin_own(c);

	return plain_host(c->host) ? call_fmt(c, " ws%s", own + 4) : "";
}

/* What a service behind a device sends is shown in a frame without an origin
 * and without a network. It may hold its own scripts and styles, which stand
 * in the page or come as blobs that the frame makes. */
static void add_tunnel_policy(struct call *c)
{
	call_header(c, "Content-Security-Policy",
		    "sandbox allow-scripts allow-forms; default-src 'none'; "
		    "script-src 'unsafe-inline' 'unsafe-eval' blob: data:; "
		    "style-src 'unsafe-inline' blob: data:; "
		    "img-src blob: data:; media-src blob: data:; "
		    "font-src blob: data:; form-action 'none'; "
		    "frame-ancestors 'self'");
	call_header(c, "Permissions-Policy",
		    "camera=(), geolocation=(), microphone=()");
}

/* The terminal's emulator writes style elements: it has a frame of its own. */
static void add_policy(struct call *c, const struct place *p)
{
	if (p->client && strcmp(p->file, "tunnel.html") == 0) {
		add_tunnel_policy(c);
		return;
	}
	bool frame = p->client && strcmp(p->file, "terminal.html") == 0;

	call_header(
		c, "Content-Security-Policy",
		call_fmt(c,
			 "default-src 'self'; connect-src 'self'%s; "
			 "img-src 'self' blob: data:; media-src 'self' blob:; "
			 "worker-src 'self'; style-src 'self'%s; "
			 "script-src 'self'%s; object-src 'none'; "
			 "frame-ancestors %s; base-uri 'none'; "
			 "form-action 'none'",
			 sockets(c), frame ? " 'unsafe-inline'" : "",
			 p->client ? " 'wasm-unsafe-eval'" : "",
			 frame ? "'self'" : "'none'"));
	/* Only who speaks with somebody at a device needs the microphone. */
	call_header(c, "Permissions-Policy",
		    p->client && !frame ? "microphone=(self)"
					: "microphone=()");
}

static int open_copy(struct call *c, const struct place *p, const char *coding,
		     const char *end, struct file *f)
{
	if (!media_accepts(c->header[CALL_ACCEPT_ENCODING], coding))
		return -ENOENT;
	int r = files_open(p->root, call_fmt(c, "%s%s", p->file, end), f);
	if (r == 0)
		call_header(c, "Content-Encoding", coding);
	return r;
}

static int open_best(struct call *c, const struct place *p, struct file *f)
{
	int r = open_copy(c, p, "br", ".br", f);

	if (r < 0)
		r = open_copy(c, p, "gzip", ".gz", f);
	return r < 0 ? files_open(p->root, p->file, f) : r;
}

static int answer_file(struct call *c, const struct place *p,
		       const struct file *f)
{
	const char *etag = call_fmt(c, "\"%" PRIx64 "-%" PRIx64 "\"",
				    (uint64_t)f->changed_ns, f->size);
	struct call_file *out = pool_alloc(&c->pool, sizeof(*out));

	call_empty(c);
	c->type = media_type(p->file);
	c->cache = is_hashed(p->file) ? "public, max-age=31536000, immutable"
				      : "no-cache";
	call_header(c, "ETag", etag);
	call_header(c, "Vary", "Accept-Encoding");
	/* A worker's policy is that of its script, not of its page. */
	if (media_runs(p->file))
		add_policy(c, p);
	if (media_unchanged(c->header[CALL_IF_NONE_MATCH], etag)) {
		close(f->fd);
		c->status = 304;
		return 0;
	}
	*out = (struct call_file){ f->fd, 0 };
	c->file = out;
	c->out_len = f->size;
	return 0;
}

/* The pages are built after the server has started (`make run`), or were
 * never put beside it. */
static int answer_unbuilt(struct call *c, const struct place *p)
{
	add_policy(c, p);
	call_html(c, "<!doctype html><html lang=\"en\">"
		     "<meta charset=\"utf-8\">"
		     "<meta http-equiv=\"refresh\" content=\"3\">"
		     "<title>RustDesk server</title>"
		     "<h1>The server is running</h1>"
		     "<p>Its pages are not there yet. If they are being built, "
		     "they appear here by themselves; otherwise build them "
		     "with <code>make web</code> or set <code>WEB_DIR</code>."
		     "</p><p><a href=\"/api/openapi.json\">The API</a></p>"
		     "</html>\n");
	c->cache = "no-store";
	return 0;
}

int web_page(struct call *c)
{
	struct file f;

	if (strcmp(c->path, "/web") == 0) {
		call_empty(c);
		c->status = 308;
		c->location = "/web/";
		return 0;
	}
	struct place p = place_of(c);
	int r = open_best(c, &p, &f);
	if (r == 0)
		return answer_file(c, &p, &f);
	c->nextra = 0;
	if (r == -EMFILE || r == -ENFILE) {
		c->retry_after_s = 1;
		return call_error(c, 503, "Too many open files");
	}
	return strcmp(p.file, "index.html") == 0 ? answer_unbuilt(c, &p)
						 : call_missing(c);
}
