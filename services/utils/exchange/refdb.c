#include "services/utils/exchange/refdb.h"

#include <json-c/json.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/utf8.h"
#include "common/proto/keys.h"
#include "services/utils/exchange/copyset.h"

enum {
	STEP_OPS = 100000, /* of SQLite's machine, between two looks */
	STEPS_LEAST = 100,
	STEP_BYTES = 1000,    /* of the file, for which there is one more */
	VALUE_MAX = 16 << 20, /* a row, or anything made of it */
};

struct refdb {
	struct copyset files;
	uint64_t steps_left; /* what its size explains, ten times over */
	sqlite3 *db;
	sqlite3_stmt *rows;
	uint64_t count;
};

static int sql_problem(const struct refdb *db, const char *path, char *problem)
{
	if (db->db && db->steps_left == 0) {
		snprintf(
			problem, REFDB_PROBLEM_MAX,
			"%.300s has no end: it is more work than a file of its "
			"size can be",
			path);
		return -1;
	}
	snprintf(problem, REFDB_PROBLEM_MAX,
		 "%.300s cannot be read (%.100s): is it the reference server's "
		 "database, and whole?",
		 path, db->db ? sqlite3_errmsg(db->db) : "no memory");
	return -1;
}

/* Every page and index is looked at before the first row is used: a damaged
 * file must not be half imported. */
static int check(struct refdb *db, const char *path, char *problem)
{
	sqlite3_stmt *s = NULL;
	char first[200] = "";

	if (sqlite3_prepare_v2(db->db, "PRAGMA integrity_check(1)", -1, &s,
			       NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		snprintf(first, sizeof(first), "%s",
			 (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	if (strcmp(first, "ok") == 0)
		return 0;
	if (first[0] == '\0')
		return sql_problem(db, path, problem);
	snprintf(
		problem, REFDB_PROBLEM_MAX,
		"%.200s is damaged (%s). Take an intact copy, or try sqlite3's "
		".recover.",
		path, first);
	return -1;
}

static int count(struct refdb *db, const char *path, char *problem)
{
	sqlite3_stmt *s = NULL;
	bool good = sqlite3_prepare_v2(db->db, "SELECT count(*) FROM peer", -1,
				       &s, NULL) == SQLITE_OK &&
		    sqlite3_step(s) == SQLITE_ROW;

	if (good)
		db->count = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return good ? 0 : sql_problem(db, path, problem);
}

/* A view can be a query without an end, and values can be made by functions. */
static int on_steps(void *ctx)
{
	struct refdb *db = ctx;

	if (db->steps_left > 0)
		db->steps_left--;
	return db->steps_left == 0;
}

static void bound(struct refdb *db)
{
	char log[PATH_MAX + 8];
	struct stat file = { 0 }, wal = { 0 };

	snprintf(log, sizeof(log), "%s-wal", db->files.path);
	(void)!stat(db->files.path, &file);
	(void)!stat(log, &wal);
	db->steps_left = STEPS_LEAST +
			 (uint64_t)(file.st_size + wal.st_size) / STEP_BYTES;
	sqlite3_progress_handler(db->db, STEP_OPS, on_steps, db);
	sqlite3_limit(db->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
}

static int open_copy(struct refdb *db, const char *path, char *problem)
{
	static const char sql[] =
		"SELECT id, guid, uuid, pk, strftime('%s', created_at), "
		"status, info FROM peer";

	if (sqlite3_open_v2(db->files.path, &db->db, SQLITE_OPEN_READWRITE,
			    NULL) != SQLITE_OK)
		return sql_problem(db, path, problem);
	bound(db);
	sqlite3_exec(db->db, "PRAGMA trusted_schema=OFF", NULL, NULL, NULL);
	int r = check(db, path, problem);
	if (r == 0)
		r = count(db, path, problem);
	if (r == 0 &&
	    sqlite3_prepare_v2(db->db, sql, -1, &db->rows, NULL) != SQLITE_OK)
		r = sql_problem(db, path, problem);
	return r;
}

int refdb_open(const char *path, struct refdb **out,
	       char problem[static REFDB_PROBLEM_MAX])
{
	struct refdb *db = calloc(1, sizeof(*db));
	int r = -1;

	if (db)
		r = copyset_make(&db->files, path, problem, REFDB_PROBLEM_MAX);
	else
		snprintf(problem, REFDB_PROBLEM_MAX, "no memory");
	if (r == 0)
		r = open_copy(db, path, problem);
	if (r < 0) {
		refdb_close(db);
		return -1;
	}
	*out = db;
	return 0;
}

uint64_t refdb_count(const struct refdb *db)
{
	return db->count;
}

static size_t column(const struct refdb *db, int n, const void **data)
{
	/* In this order: asking for the bytes may convert. */
	*data = sqlite3_column_blob(db->rows, n);
	return (size_t)sqlite3_column_bytes(db->rows, n);
}

static enum refdb_row id_kind(const char *id, size_t len)
{
	if (len < REFDB_ID_MIN)
		return REFDB_SHORT_ID;
	if (len > WIRE_ID_MAX)
		return REFDB_LONG_ID;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)id[i] < ' ')
			return REFDB_NO_TEXT;
	}
	return utf8_valid((const uint8_t *)id, len) ? REFDB_PEER
						    : REFDB_NO_TEXT;
}

/* {"ip":"::ffff:1.2.3.4"}; anything else means that no address is known. */
static void read_info(const char *text, size_t len, struct refdb_peer *out)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o =
		t && len < INT_MAX ? json_tokener_parse_ex(t, text, (int)len)
				   : NULL;
	struct json_object *ip = NULL;
	struct addr a;

	/* ::ffff: is how an addr holds IPv4; the record gets four bytes. */
	if (json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, "ip", &ip) &&
	    json_object_is_type(ip, json_type_string) &&
	    addr_parse(json_object_get_string(ip), 0, &a) == 0) {
		out->record.ip = a;
		out->record.ip.port = 0;
		out->record.has_ip = true;
	} else {
		out->odd_info = true;
	}
	json_object_put(o);
	if (t)
		json_tokener_free(t);
}

static void read_row(const struct refdb *db, int64_t now_s,
		     struct refdb_peer *out)
{
	struct record *r = &out->record;
	const void *guid, *uuid, *pk, *info;

	if (column(db, 1, &guid) == RECORD_GUID_LEN)
		memcpy(r->guid, guid, RECORD_GUID_LEN);
	else
		keys_random(r->guid, RECORD_GUID_LEN);
	r->uuid_len = column(db, 2, &uuid);
	if (r->uuid_len > sizeof(r->uuid)) {
		out->kind = REFDB_LONG_UUID;
		return;
	}
	if (r->uuid_len > 0)
		memcpy(r->uuid, uuid, r->uuid_len);
	size_t pk_len = column(db, 3, &pk);
	r->has_pk = pk_len == RECORD_PK_LEN;
	out->odd_pk = pk_len != 0 && !r->has_pk;
	if (r->has_pk)
		memcpy(r->pk, pk, RECORD_PK_LEN);
	out->odd_time = sqlite3_column_type(db->rows, 4) == SQLITE_NULL;
	r->created_s =
		out->odd_time ? now_s : sqlite3_column_int64(db->rows, 4);
	r->disabled = sqlite3_column_type(db->rows, 5) == SQLITE_INTEGER &&
		      sqlite3_column_int(db->rows, 5) == 0;
	size_t len = column(db, 6, &info);
	read_info(info ? info : "", len, out);
}

int refdb_next(struct refdb *db, int64_t now_s, struct refdb_peer *out,
	       char problem[static REFDB_PROBLEM_MAX])
{
	int step = sqlite3_step(db->rows);
	const void *id;

	if (step == SQLITE_DONE)
		return 0;
	if (step != SQLITE_ROW)
		return sql_problem(db, db->files.path, problem);
	*out = (struct refdb_peer){ .kind = REFDB_PEER };
	out->id_len = column(db, 0, &id);
	out->id = id ? id : "";
	out->kind = id_kind(out->id, out->id_len);
	if (out->kind == REFDB_PEER)
		read_row(db, now_s, out);
	return 1;
}

void refdb_close(struct refdb *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->rows);
	sqlite3_close(db->db);
	copyset_remove(&db->files);
	free(db);
}
