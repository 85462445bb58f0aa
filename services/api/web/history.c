#include "services/api/web/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/site/keynames.h"
#include "services/api/web/history.lua.h"
#include "services/api/web/live.h"

enum { COLUMNS = 6, ROW_MAX = 128 };

struct relay_load history_relays(const struct nodes *nodes)
{
	struct relay_load out = { 0 };

	for (size_t i = 0; i < nodes->n; i++) {
		const struct node *n = &nodes->list[i];

		if (strcmp(n->service, "hbbr") != 0)
			continue;
		out.sessions += n->sessions;
		out.bits_per_s += n->bits_per_s;
	}
	return out;
}

/* The first node to come in a minute writes it. A field is overwritten a day
 * or a year later, so both hashes keep their size. */
static void write_row(struct db *d, uint64_t minute, const char *row)
{
	char at[24], slot[24], day[24];

	snprintf(at, sizeof(at), "%" PRIu64, minute);
	snprintf(slot, sizeof(slot), "%" PRIu64, minute % HISTORY_MINUTES);
	snprintf(day, sizeof(day), "%" PRIu64,
		 minute / HISTORY_MINUTES % HISTORY_DAYS);
	db_eval(d, &history_lua, 3, KEY_HISTORY_AT, KEY_HISTORY_DAY,
		KEY_HISTORY_YEAR, at, slot, day, row, NULL);
}

void history_tick(struct app *app, struct db *d, const struct nodes *nodes,
		  struct index_sums sums)
{
	static _Atomic uint64_t written; /* spares Redis a question */
	uint64_t minute = app_now_ms() / 60000;
	struct relay_load relays = history_relays(nodes);
	char row[ROW_MAX];

	(void)app;
	if (written == minute)
		return;
	snprintf(row, sizeof(row),
		 "%" PRIu64 " %zu %zu %zu %" PRIu64 " %" PRIu64, minute * 60,
		 sums.online, sums.devices, live_count(d), relays.sessions,
		 relays.bits_per_s);
	write_row(d, minute, row);
	if (!d->away)
		written = minute;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = **(const int64_t *const *)a,
		y = **(const int64_t *const *)b;

	return (x > y) - (x < y);
}

static int64_t *parse_row(struct pool *pool, const char *text)
{
	int64_t *row = pool_alloc(pool, COLUMNS * sizeof(*row));
	char *end = (char *)(uintptr_t)text;

	for (int i = 0; i < COLUMNS; i++)
		row[i] = strtoll(end, &end, 10);
	return row;
}

static struct json_object *row_view(const int64_t *row)
{
	struct json_object *out = json_object_new_array();

	for (int i = 0; i < COLUMNS; i++)
		js_push(out, json_object_new_int64(row[i]));
	return out;
}

int web_history(struct call *c)
{
	const char *span = call_query(c, "span");
	bool year = span && strcmp(span, "year") == 0;
	int64_t step_s = year ? 86400 : 60;
	int64_t now_s = (int64_t)(c->now_ms / 1000);
	int64_t from_s =
		now_s - step_s * (year ? HISTORY_DAYS : HISTORY_MINUTES);

	if (span && *span && !year && strcmp(span, "day") != 0)
		return call_error(c, 400, "Invalid format: span");
	const struct redis_reply *r =
		db_do(&c->db, "HVALS",
		      year ? KEY_HISTORY_YEAR : KEY_HISTORY_DAY, NULL);
	size_t n = 0;
	int64_t **rows =
		pool_alloc(&c->pool, (db_count(r) + 1) * sizeof(*rows));
	for (size_t i = 0; i < db_count(r); i++) {
		const char *text = db_text(db_item(r, i));

		rows[n] = parse_row(&c->pool, text ? text : "");
		n += rows[n][0] >= from_s;
	}
	qsort(rows, n, sizeof(*rows), by_time);
	struct json_object *o = json_object_new_object();
	struct json_object *data = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		js_push(data, row_view(rows[i]));
	js_set_int(o, "step_s", step_s);
	js_set(o, "data", data);
	return call_json(c, o);
}
