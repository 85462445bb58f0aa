#include "services/hbbr/edge/admin.h"

#include <stdlib.h>
#include <string.h>

#include "common/process/console.h"
#include "services/hbbr/edge/command.h"

/* --- usage: gathered from all workers ------------------------------------- */

/* False if the answer has to wait. */
static bool ask_usage(struct admin *a, struct console_call *call,
		      struct buf *out)
{
	static const char busy[] = "busy, try again\n";

	if (a->parts > 0) {
		(void)!buf_append(out, busy, sizeof(busy) - 1);
		return true;
	}
	a->asker = call;
	a->parts = front_usage_parts(a->front);
	front_usage(a->front);
	return false;
}

static void keep_rows(struct admin *a, const struct usage_row *rows, size_t n)
{
	struct usage_row *all =
		n == 0 ? NULL : realloc(a->rows, (a->nrows + n) * sizeof(*all));

	if (!all)
		return;
	memcpy(all + a->nrows, rows, n * sizeof(*all));
	a->rows = all;
	a->nrows += n;
}

void admin_usage(struct admin *a, struct usage_row *rows, size_t n)
{
	struct console_call *call = a->asker;

	if (a->console)
		keep_rows(a, rows, n);
	free(rows);
	if (--a->parts > 0)
		return;
	a->asker = NULL;
	if (call) {
		(void)!usage_format(a->rows, a->nrows, console_out(call));
		console_answer(call);
	}
	free(a->rows);
	a->rows = NULL;
	a->nrows = 0;
}

static void on_gone(void *ctx, struct console_call *call)
{
	struct admin *a = ctx;

	if (a->asker == call)
		a->asker = NULL;
}

/* --- commands ------------------------------------------------------------- */

static bool on_command(void *ctx, struct console_call *call, char *line,
		       struct buf *out)
{
	struct admin *a = ctx;
	struct front *f = a->front;
	struct controls controls = {
		.limits = &f->limits,
		.total = &f->total,
		.total_bps = &f->total_bps,
		.slow = &f->slow,
		.blocked = &f->blocked,
	};

	switch (command_run(line, &controls, out)) {
	case COMMAND_USAGE:
		return ask_usage(a, call, out);
	case COMMAND_LISTS:
		front_lists_changed(f);
		break;
	case COMMAND_DONE:
		break;
	}
	return true;
}

int admin_open(struct admin *a, struct front *f, const char *dir,
	       const char *name)
{
	struct console_hooks h = { .run = on_command,
				   .gone = on_gone,
				   .ctx = a };

	*a = (struct admin){ .front = f };
	return console_open(f->loop, dir, name, &h, &a->console);
}

void admin_serve(struct admin *a, int fd)
{
	console_serve(a->console, fd);
}

void admin_close(struct admin *a)
{
	console_close(a->console);
	a->console = NULL;
	free(a->rows);
	a->rows = NULL;
	a->nrows = 0;
}
