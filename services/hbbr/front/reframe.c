#include "services/hbbr/front/reframe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/proto/frame.h"
#include "common/proto/wsframe.h"

enum { IN_SIZE = PIPE_WANT, OUT_SIZE = PIPE_BIG };

struct work {
	struct pipe *from;
	size_t held; /* bytes in it */
	size_t max;  /* bytes of a message */
	struct buf *early;
	struct message_rest *m;
	struct reframed *out;
};

bool reframe_pays(size_t bytes, size_t frames)
{
	return (frames + 1) * REFRAME_WORTH <= bytes;
}

bool reframe_fits(size_t in, size_t out, size_t page)
{
	return out / page >=
	       in / page + 2 * REFRAME_FRAMES + REFRAME_EARLY / page + 2;
}

void reframe_init(struct reframe *r, size_t max_message)
{
	r->max_message = max_message;
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	pipes_init(&r->in, 1);
	pipes_init(&r->out, REFRAME_PIPES);
	r->out.want = r->out.least = OUT_SIZE;
}

void reframe_fini(struct reframe *r)
{
	pipes_fini(&r->in);
	pipes_fini(&r->out);
}

void reframe_put(struct reframe *r, struct pipe *pipe, bool empty)
{
	if (empty)
		pipes_put(&r->out, pipe);
	else
		pipes_scrap(&r->out, pipe);
}

/* Moves N bytes from IN behind the others in memory. */
static int copy_in(struct work *w, size_t n)
{
	while (n > 0) {
		uint8_t *at = buf_reserve(w->early, n);
		if (!at)
			return -ENOMEM;
		ssize_t got = read(w->from->out, at, n);
		if (got <= 0)
			return -EIO;
		buf_wrote(w->early, (size_t)got);
		w->held -= (size_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* 1: the head of the next frame was read, 0: it has not come. */
static int next_message(struct work *w)
{
	struct buf *early = w->early;
	size_t have = buf_len(early);

	if (have < FRAME_HEAD_MAX) {
		size_t want = FRAME_HEAD_MAX - have;
		int r = copy_in(w, want < w->held ? want : w->held);
		if (r < 0)
			return r;
		have = buf_len(early);
	}
	if (have == 0 || have < frame_head_len(buf_head(early)[0]))
		return 0;
	size_t len = frame_body_len(buf_head(early));
	if (len > w->max)
		return -EMSGSIZE;
	buf_consume(early, frame_head_len(buf_head(early)[0]));
	*w->m = (struct message_rest){ .left = (uint32_t)len };
	return 1;
}

static int put_head(struct work *w, size_t mem, size_t spliced)
{
	uint8_t head[WSFRAME_HEAD_MAX];
	bool last = mem + spliced == w->m->left;
	size_t n = wsframe_put_head(head, !w->m->begun, last, mem + spliced);
	union {
		const uint8_t *from;
		void *to;
	} body = { .from = buf_head(w->early) };
	struct iovec iov[2] = { { head, n }, { body.to, mem } };

	if (writev(w->out->pipe->in, iov, mem > 0 ? 2 : 1) !=
	    (ssize_t)(n + mem))
		return -EIO;
	buf_consume(w->early, mem);
	w->out->wire += n + mem;
	return 0;
}

static int move_body(struct work *w, size_t n)
{
	while (n > 0) {
		ssize_t got = splice(w->from->out, NULL, w->out->pipe->in, NULL,
				     n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (got <= 0)
			return -EIO;
		w->held -= (size_t)got;
		w->out->wire += (size_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* One frame with what is there of the message. */
static int put_part(struct work *w)
{
	size_t most =
		w->m->left < WSFRAME_BODY_MAX ? w->m->left : WSFRAME_BODY_MAX;
	size_t mem = buf_len(w->early) < most ? buf_len(w->early) : most;
	size_t rest = w->held < most - mem ? w->held : most - mem;

	if (mem + rest == 0)
		return 0;
	int r = put_head(w, mem, rest);
	if (r == 0)
		r = move_body(w, rest);
	w->m->begun = true;
	w->m->left -= (uint32_t)(mem + rest);
	w->out->payload += mem + rest;
	return r;
}

static int put_frames(struct work *w)
{
	size_t before = w->held;
	size_t frames = 0;
	int r = 0;

	while (w->held > 0 && frames < REFRAME_FRAMES) {
		if (w->m->left == 0) {
			r = next_message(w);
			if (r <= 0)
				break;
		}
		r = put_part(w);
		if (r < 0)
			break;
		frames++;
	}
	w->out->worth_it = reframe_pays(before, frames);
	return r < 0 ? r : copy_in(w, w->held);
}

ssize_t reframe_read(struct reframe *r, int fd, size_t most, struct buf *early,
		     struct message_rest *m, uint64_t now_ms,
		     struct reframed *out)
{
	struct work w = {
		.max = r->max_message, .early = early, .m = m, .out = out
	};

	*out = (struct reframed){ .pipe = pipes_get(&r->out, now_ms) };
	w.from = out->pipe ? pipes_get(&r->in, now_ms) : NULL;
	ssize_t n = -ENOBUFS;
	if (w.from && reframe_fits(w.from->size, out->pipe->size, r->page)) {
		n = splice(fd, NULL, w.from->in, NULL,
			   most < IN_SIZE ? most : IN_SIZE,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		n = n < 0 ? -errno : n;
	}
	if (n > 0) {
		w.held = (size_t)n;
		int e = put_frames(&w);
		n = e < 0 ? e : n;
	}
	if (w.from && w.held == 0)
		pipes_put(&r->in, w.from);
	else if (w.from)
		pipes_scrap(&r->in, w.from);
	bool failed = n == -EIO || n == -ENOMEM;
	if (out->pipe && (failed || out->wire == 0)) {
		reframe_put(r, out->pipe, !failed);
		out->pipe = NULL;
	}
	return n;
}
