#include "services/api/bulk/import.h"

#include <string.h>

#include "services/api/base/csv.h"
#include "services/api/book/books.h"

struct shape {
	const char *kind;
	const char *unique[3]; /* the first is needed */
	const struct schema_field *in;
	const char *ignored; /* columns that an export has besides */
};

static const struct shape devices = {
	"import-devices",
	{ "id" },
	import_device,
	" hostname username group_name os version address is_online last_seen "
	"created_at "
};
static const struct shape users = { "import-users",
				    { "name", "email" },
				    import_user,
				    " status source totp created_at " };
static const struct shape book = {
	"import-book", { "id" }, import_book, " same_server "
};

struct reading {
	struct call *c;
	const struct shape *shape;
	struct csv csv;
	const struct schema_field *columns[CSV_CELLS_MAX]; /* NULL: ignored */
	size_t ncolumns;
	struct json_object *seen; /* "member value" -> line */
	const char *wrong;
};

static const struct schema_field *field_of(const struct shape *s,
					   const char *name)
{
	for (const struct schema_field *f = s->in; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static bool is_ignored(struct call *c, const struct shape *s, const char *name)
{
	return !strchr(name, ' ') &&
	       (!*name || strstr(s->ignored, call_fmt(c, " %s ", name)));
}

static const char *trimmed(struct call *c, const char *text)
{
	text += strspn(text, " \t");
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t", text[len - 1]))
		len--;
	return pool_memdup(&c->pool, text, len);
}

static const char *read_head(struct reading *r)
{
	bool found = false;

	if (!csv_row(&r->csv))
		return r->csv.wrong ? r->csv.wrong : "The file is empty";
	r->ncolumns = r->csv.n;
	for (size_t i = 0; i < r->ncolumns; i++) {
		const char *name = trimmed(r->c, r->csv.cells[i]);

		r->columns[i] = field_of(r->shape, name);
		if (!r->columns[i] && !is_ignored(r->c, r->shape, name))
			return call_fmt(r->c, "Unknown column: %s", name);
		found |= strcmp(name, r->shape->unique[0]) == 0;
	}
	return found ? NULL
		     : call_fmt(r->c, "Missing column: %s",
				r->shape->unique[0]);
}

/* "a, b" */
static struct json_object *list_of(struct call *c, const char *text)
{
	struct json_object *out = json_object_new_array();

	while (*text) {
		size_t len = strcspn(text, ",");
		const char *one = trimmed(c, pool_memdup(&c->pool, text, len));

		if (*one)
			js_push_str(out, one);
		text += len;
		text += *text == ',';
	}
	return out;
}

static void take_cell(struct reading *r, struct json_object *row,
		      const struct schema_field *f, const char *cell)
{
	const char *text = trimmed(r->c, cell);

	if (!*text)
		return;
	if (strcmp(text, "-") == 0)
		text = "";
	if (f->type == 'l')
		js_set(row, f->name, list_of(r->c, text));
	else
		js_set_str(row, f->name, text);
}

/* Two rows about the same thing would each undo the other. */
static const char *twice(struct reading *r, struct json_object *row)
{
	for (size_t i = 0; r->shape->unique[i]; i++) {
		const char *name = r->shape->unique[i];
		const char *value = js_text(row, name);
		char folded[512];

		if (!*value)
			continue;
		text_fold(folded, sizeof(folded), value);
		const char *key = call_fmt(r->c, "%s %s", name, folded);
		int64_t line = js_int(r->seen, key, 0);
		if (line)
			return call_fmt(r->c,
					"Lines %d and %zu have the same %s: %s",
					(int)line, r->csv.line, name, value);
		js_set_int(r->seen, key, (int64_t)r->csv.line);
	}
	return NULL;
}

static const char *read_rows(struct reading *r, struct json_object **rows,
			     size_t *n)
{
	const char *bad = read_head(r);

	while (!bad && csv_row(&r->csv)) {
		struct json_object *row = call_object(r->c);

		if (*n == BULK_ROWS_MAX)
			return call_fmt(r->c, "More than %d rows",
					BULK_ROWS_MAX);
		for (size_t i = 0; i < r->csv.n && i < r->ncolumns; i++)
			if (r->columns[i])
				take_cell(r, row, r->columns[i],
					  r->csv.cells[i]);
		bad = twice(r, row);
		rows[(*n)++] = row;
	}
	if (!bad && r->csv.wrong)
		bad = call_fmt(r->c, "Line %zu: %s", r->csv.line, r->csv.wrong);
	return bad;
}

static int run(struct call *c, const struct shape *s, const char *target)
{
	struct reading reading = { .c = c, .shape = s, .seen = call_object(c) };
	struct bulk_job j = { .kind = s->kind,
			      .op = "",
			      .value = "",
			      .target = target,
			      .id = js_text(c->in, "id") };
	bool preview = js_bool(c->in, "preview", false);
	size_t n = 0;
	int r = 0;

	if (preview && !call_lane(c, LANE_BULK, call_self(c)))
		return CALL_LATER;
	if (!preview && bulk_under_way(c, &r))
		return r;
	struct json_object **rows = pool_alloc(
		&c->pool, (BULK_ROWS_MAX + 1) * sizeof(struct json_object *));
	csv_open(&reading.csv, &c->pool, js_text(c->in, "csv"));
	const char *bad = read_rows(&reading, rows, &n);
	if (bad)
		return call_error(c, 400, bad);
	return preview ? bulk_preview(c, &j, rows, n)
		       : bulk_run(c, &j, rows, n);
}

int import_devices(struct call *c)
{
	return run(c, &devices, "");
}

int import_users(struct call *c)
{
	return run(c, &users, "");
}

int import_entries(struct call *c)
{
	struct doc *b = book_open(c, c->param[0], BOOK_WRITE);

	return b ? run(c, &book, b->guid) : 0;
}
