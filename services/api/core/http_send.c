#include "services/api/core/http_send.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/api/core/http.h"

enum { STREAM_BLOCK = 4096, SIZED_BLOCK = 32 << 10 }; /* sent at a time */

static void add_header(struct MHD_Response *rs, const char *name,
		       const char *value)
{
	if (value && MHD_add_response_header(rs, name, value) != MHD_YES)
		log_warn("bad_header", "%s", name);
}

/* Pages have a policy of their own (web/pages.c); what is none may load
 * nothing and stand in no frame. */
static void add_policy(struct MHD_Response *rs, const struct call *c)
{
	static const char name[] = "Content-Security-Policy";

	for (size_t i = 0; i < c->nextra; i++)
		if (strcmp(c->extra[i].name, name) == 0)
			return;
	add_header(rs, "X-Frame-Options", "DENY");
	add_header(rs, name,
		   c->csp ? c->csp
			  : "default-src 'none'; frame-ancestors 'none'");
}

static void add_headers(struct MHD_Response *rs, struct call *c)
{
	add_header(rs, "Content-Type", c->type);
	add_header(rs, "Cache-Control", c->cache ? c->cache : "no-store");
	add_header(rs, "X-Content-Type-Options", "nosniff");
	add_header(rs, "Referrer-Policy", "no-referrer");
	add_policy(rs, c);
	add_header(rs, "Location", c->location);
	add_header(rs, "Content-Disposition", c->disposition);
	for (size_t i = 0; i < c->nextra; i++)
		add_header(rs, c->extra[i].name, c->extra[i].value);
	if (c->retry_after_s)
		add_header(rs, "Retry-After",
			   call_fmt(c, "%u", c->retry_after_s));
	if (!call_cors(c))
		return;
	add_header(rs, "Access-Control-Allow-Origin", c->origin);
	add_header(rs, "Access-Control-Allow-Headers",
		   "authorization, content-type");
	add_header(rs, "Access-Control-Allow-Methods",
		   "GET, POST, PUT, PATCH, DELETE, OPTIONS");
	add_header(rs, "Vary", "Origin");
}

/* A stream without chunks ends with its connection. The library marks such an
 * end, and acts on the mark when it next looks at the connection: that may be
 * at its idle limit, and only then is the socket shut (TURBO, http.c). What
 * sleeps and is woken is looked at in the next turn. */
static void look_again(struct MHD_Connection *conn)
{
	MHD_suspend_connection(conn);
	MHD_resume_connection(conn);
}

static ssize_t read_stream(void *cls, uint64_t pos, char *out, size_t max)
{
	struct call_stream *s = cls;
	long n = s->read(s, out, max);

	(void)pos;
	if (n >= 0)
		return n;
	look_again(s->connection);
	return s->sized || s->broken ? MHD_CONTENT_READER_END_WITH_ERROR
				     : MHD_CONTENT_READER_END_OF_STREAM;
}

static void end_stream(void *cls)
{
	struct call_stream *s = cls;

	s->gone(s);
}

void http_rest(struct call_stream *s)
{
	MHD_suspend_connection(s->connection);
}

void http_wake(struct call_stream *s)
{
	MHD_resume_connection(s->connection);
}

static struct MHD_Response *response(struct MHD_Connection *conn,
				     const struct call *c)
{
	const struct call_file *f = c->file;

	if (c->stream) {
		struct call_stream *s = c->stream;

		s->connection = conn;
		return MHD_create_response_from_callback(
			s->sized ? c->out_len : MHD_SIZE_UNKNOWN,
			s->sized ? SIZED_BLOCK : STREAM_BLOCK, read_stream, s,
			end_stream);
	}
	if (f)
		return MHD_create_response_from_fd_at_offset64(
			c->out_len, f->descriptor, f->offset);
	/* The bytes live in the pool until on_completed(). */
	return MHD_create_response_from_buffer(
		c->out_len, (void *)(uintptr_t)c->out, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result http_send(struct MHD_Connection *conn, struct call *c)
{
	struct MHD_Response *rs = response(conn, c);

	if (!rs) {
		if (c->file)
			close(c->file->descriptor);
		if (c->stream)
			c->stream->gone(c->stream);
		return MHD_NO;
	}
	add_headers(rs, c);
	enum MHD_Result r = MHD_queue_response(conn, c->status, rs);
	MHD_destroy_response(rs);
	return r;
}
