#include "services/api/client/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/site/keynames.h"
#include "services/api/core/peer.h"
#include "services/api/device/trust.h"
#include "services/api/jobs/record_files.h"
#include "services/api/jobs/recording.h"
#include "services/api/jobs/ship.h"

/* One call on its way. */
struct upload {
	struct call *c;
	int dir;
	const char *name; /* as the client calls it */
	char id[RECORDING_ID];
	struct peer peer;
};

/* --- whose is it? --------------------------------------------------------- */

static const char *here_key(struct call *c, const char *guid)
{
	struct addr key = addr_limit_key(&c->client);
	char ip[ADDR_TEXT_MAX];

	return call_fmt(c, KEY_HERE, guid, addr_format_ip(&key, ip));
}

void record_here(struct call *c, const char *guid)
{
	if (!*c->app->cfg->record_dir)
		return;
	struct db *state = call_state(c);
	bool away = state->away;

	db_do(state, "SET", here_key(c, guid), "1", "EX",
	      call_fmt(c, "%d", RECORD_HERE_S), NULL);
	/* A heartbeat is answered without it. */
	if (state != &c->db)
		state->away = away;
}

/* NULL, or why the caller may upload nothing. */
static const char *not_wanted(struct upload *u)
{
	struct call *c = u->c;

	if (!*c->app->cfg->record_dir)
		return "Recordings are not kept here";
	u->name = call_query(c, "file");
	if (!recording_name_ok(u->name))
		return "Invalid format: file";
	if (!recording_device(u->name, u->id) ||
	    !peer_load(&c->db, u->id, &u->peer) ||
	    !db_text(db_do(call_state(c), "GET", here_key(c, u->peer.guid),
			   NULL)))
		return "No device of this recording is at this address";
	return NULL;
}

bool record_wanted(struct call *c)
{
	struct upload u = { .c = c };
	const char *bad = not_wanted(&u);

	if (bad)
		call_error(c, 200, bad);
	return !bad;
}

/* --- how much may it be? -------------------------------------------------- */

static bool vouched(struct upload *u)
{
	struct call *c = u->c;
	const struct doc *dev = doc_get(&c->db, DOC_DEVICE, u->peer.guid);

	return dev && trust_holds(&c->db, dev, &u->peer);
}

/* Is there no room for MORE bytes and FILES? */
static bool used_up(struct upload *u, int64_t more, size_t files)
{
	const struct api_config *cfg = u->c->app->cfg;
	struct record_usage all, own;

	record_measure(u->dir, u->id, &all, &own);
	if (ship_wanted(cfg)) {
		all.bytes += ship_bytes(&u->c->db);
		own.bytes += ship_bytes_of(&u->c->db, u->id);
	}
	int64_t share = vouched(u) ? 1 : 2;
	return all.bytes + more > cfg->record_quota / share ||
	       own.bytes + more > cfg->record_quota_device ||
	       all.files + files > RECORD_FILES_MAX / (size_t)share ||
	       own.files + files > RECORD_FILES_EACH;
}

/* --- the file being written ----------------------------------------------- */

static const char *open_key(struct upload *u)
{
	return call_fmt(u->c, KEY_RECORDING, u->name);
}

/* The file that grows, or NULL. */
static const char *growing(struct upload *u)
{
	return db_text(db_do(call_state(u->c), "GETEX", open_key(u), "EX",
			     call_fmt(u->c, "%d", RECORD_OPEN_S), NULL));
}

/* The file that grew till now, or NULL. */
static const char *finished(struct upload *u)
{
	return db_text(db_do(call_state(u->c), "GETDEL", open_key(u), NULL));
}

/* A name that no recording ever had, or NULL. The folder first: what leaves
 * it has been noted in Redis before. */
static const char *free_name(struct upload *u)
{
	char name[RECORDING_NAME];

	for (unsigned n = 1; n <= RECORDING_SAME_MAX; n++) {
		recording_name(u->name, n, name);
		if (!record_there(u->dir, name) &&
		    !(ship_wanted(u->c->app->cfg) &&
		      ship_sent(&u->c->db, name)))
			return call_fmt(u->c, "%s", name);
	}
	return NULL;
}

static int begin(struct upload *u)
{
	struct call *c = u->c;

	if (trust_no_room(c, &u->peer))
		return 0;
	if (used_up(u, 0, 1))
		return call_error(c, 200, "The recording quota is used up");
	const char *name = free_name(u);
	if (!name)
		return call_error(c, 200, "Too many recordings of this name");
	if (!db_text(db_do(call_state(c), "SET", open_key(u), name, "NX", "EX",
			   call_fmt(c, "%d", RECORD_OPEN_S), NULL)))
		return call_error(c, 200, "It is being uploaded already");
	if (!c->db.away && record_make(u->dir, name) == 0)
		return call_empty(c);
	finished(u);
	return call_error(c, 200, "Could not be written");
}

static int answer(struct upload *u, int r)
{
	if (r == 0)
		return call_empty(u->c);
	return call_error(u->c, 200,
			  r == -ESPIPE ? "Invalid format: offset"
			  : r == -ENOENT || r == -ELOOP
				  ? "No such recording"
				  : "Could not be written");
}

static int grow(struct upload *u, int64_t offset)
{
	const char *name = growing(u);

	if (!name)
		return answer(u, -ENOENT);
	if (used_up(u, (int64_t)u->c->body_len, 0))
		return call_error(u->c, 200, "The recording quota is used up");
	return answer(u, record_append(u->dir, name, offset, u->c->body,
				       u->c->body_len));
}

/* The header is rewritten last: the recording is whole. */
static int finish(struct upload *u)
{
	const char *name = finished(u);

	if (!name)
		return answer(u, -ENOENT);
	int r = record_header(u->dir, name, u->c->body, u->c->body_len);
	if (ship_wanted(u->c->app->cfg))
		ship_ready(u->dir, name);
	return answer(u, r);
}

/* --- the calls ------------------------------------------------------------ */

static int act(struct upload *u)
{
	struct call *c = u->c;
	const char *type = call_query(c, "type");
	int64_t offset = call_query_int(c, "offset", 0);
	int64_t length = call_query_int(c, "length", 0);

	if (type && strcmp(type, "new") == 0)
		return begin(u);
	if (type && strcmp(type, "remove") == 0) {
		/* Kept: what a stranger cannot do by asking, he cannot do by
		 * pretending either. It goes when its time has come. */
		finished(u);
		return call_empty(c);
	}
	if (offset < 0 || length != (int64_t)c->body_len)
		return call_error(c, 200, "Invalid format");
	if (type && strcmp(type, "part") == 0)
		return grow(u, offset);
	if (type && strcmp(type, "tail") == 0 && offset == 0 &&
	    length <= RECORD_TAIL_MAX)
		return finish(u);
	return call_error(c, 200, "Invalid format");
}

int record(struct call *c)
{
	struct upload u = { .c = c };
	const char *bad = not_wanted(&u);

	if (bad)
		return call_error(c, 200, bad);
	u.dir = open(c->app->cfg->record_dir,
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.dir < 0)
		return call_error(c, 200, "Could not be written");
	int r = act(&u);
	close(u.dir);
	return r;
}
