#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/site/keynames.h"
#include "services/api/jobs/fetch.h"
#include "services/api/journal/journal.h"
#include "services/api/web/media.h"
#include "services/api/web/recordings.h"

/* What of it is wanted. */
struct wish {
	enum media_range kind;
	uint64_t first, last; /* of a part */
};

static uint64_t wanted_bytes(const struct wish *w)
{
	return w->last - w->first + 1;
}

/* A device chose the name, so only films are shown as what they are: of
 * anything else a browser might make a page of ours. */
static bool is_film(const char *name)
{
	return strncmp(media_type(name), "video/", 6) == 0;
}

static void add_headers(struct call *c, const struct recording_row *row,
			const char *etag)
{
	bool film = is_film(row->name);
	bool save = call_query(c, "download");

	c->type = film ? media_type(row->name) : "application/octet-stream";
	c->disposition =
		call_fmt(c, "%s; filename=\"%s\"",
			 film && !save ? "inline" : "attachment", row->name);
	c->cache = "private, no-cache";
	call_header(c, "ETag", etag);
	call_header(c, "Accept-Ranges", "bytes");
	call_header(c, "X-Accel-Buffering", "no");
}

/* The first look at a recording within an hour is in the audit. */
static int note_look(struct call *c, const char *name)
{
	const char *key = call_fmt(c, KEY_RECORDING_SEEN, call_self(c), name);
	struct tx t;

	if (db_text(db_do(&c->db, "GET", key, NULL)))
		return 0;
	tx_init(&t, &c->db);
	tx_expect_key(&t, key, NULL);
	tx_do(&t, "SET", key, "1", "EX", call_fmt(c, "%d", RECORDINGS_SEEN_S),
	      NULL);
	journal_write(&t, c, CONSOLE_RECORDING, CONSOLE_WATCH_RECORDING, name);
	return tx_commit(&t);
}

static struct wish wish_of(struct call *c, uint64_t size, const char *etag)
{
	const char *same = c->header[CALL_IF_RANGE];
	const char *range =
		same && strcmp(same, etag) != 0 ? NULL : c->header[CALL_RANGE];
	struct wish w;

	w.kind = media_range(range, size, &w.first, &w.last);
	if (w.kind == MEDIA_WHOLE) {
		w.first = 0;
		w.last = size - 1; /* no bytes: one before the first */
	}
	return w;
}

static int answer_outside(struct call *c, uint64_t size)
{
	c->nextra = 0;
	call_error(c, 416, "Invalid format: range");
	call_header(c, "Content-Range", call_fmt(c, "bytes */%" PRIu64, size));
	return 0;
}

/* HEAD: the headers of GET, and no byte is asked for. */
static int answer_head(struct call *c, const struct wish *w)
{
	c->out = "";
	c->out_len = wanted_bytes(w);
	return 0;
}

static void from_folder(struct call *c, const struct wish *w, int *fd)
{
	struct call_file *f = pool_alloc(&c->pool, sizeof(*f));

	*f = (struct call_file){ *fd, w->first };
	*fd = -1;
	c->file = f;
	c->out_len = wanted_bytes(w);
}

static bool from_storage(struct call *c, const struct wish *w,
			 const struct recording_row *row)
{
	struct fetch_part p = { .name = row->name,
				.first = w->first,
				.last = w->last,
				.size = (uint64_t)row->size };

	return fetch_answer(c->app->fetch, c, &p);
}

static int send_part(struct call *c, const struct recording_row *row, int *fd)
{
	uint64_t size = (uint64_t)row->size;
	const char *etag = call_fmt(c, "\"%" PRIx64 "-%" PRIx64 "\"",
				    (uint64_t)row->at_ns, size);
	struct wish w = wish_of(c, size, etag);
	bool reads = strcmp(c->method, "HEAD") != 0;

	if (w.kind == MEDIA_OUTSIDE)
		return answer_outside(c, size);
	call_empty(c);
	if (media_unchanged(c->header[CALL_IF_NONE_MATCH], etag)) {
		add_headers(c, row, etag);
		c->status = 304;
		return 0;
	}
	if (reads && row->in_folder)
		from_folder(c, &w, fd);
	else if (reads && size > 0 && !from_storage(c, &w, row))
		return 0;
	add_headers(c, row, etag);
	if (w.kind == MEDIA_PART) {
		c->status = 206;
		call_header(c, "Content-Range",
			    call_fmt(c,
				     "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
				     w.first, w.last, size));
	}
	return reads ? 0 : answer_head(c, &w);
}

static int send_found(struct call *c, const struct recording_row *row, int *fd)
{
	if (!recordings_may(c, PERM_RECORDING_VIEW, row))
		return call_missing(c);
	if (!row->in_folder && strcmp(c->method, "HEAD") != 0 &&
	    !call_lane(c, LANE_WORLD, c->app->cfg->record_s3_url))
		return CALL_LATER;
	int r = strcmp(c->method, "HEAD") == 0 ? 0 : note_look(c, row->name);
	return r || c->db.away || c->state.away ? r : send_part(c, row, fd);
}

int recordings_send(struct call *c)
{
	struct recording_row row;
	int fd = -1;

	if (!recordings_find(c, c->param[0], &row, &fd))
		return call_missing(c);
	int r = send_found(c, &row, &fd);
	if (fd >= 0)
		close(fd);
	return r;
}
