#include "services/hbbs/edge/admin.h"

#include "common/base/log.h"
#include "common/process/console.h"
#include "services/hbbs/edge/command.h"
#include "services/hbbs/edge/session.h"

static bool on_command(void *ctx, struct console_call *call, char *line,
		       struct buf *out)
{
	struct admin *a = ctx;
	(void)call;

	if (command_run(a->core, line, loop_now(a->loop), out) != 0)
		log_warn("console_cut", "an answer was too long");
	return true;
}

static void on_other(void *ctx, int fd, const struct addr *client)
{
	sessions_accept_nat(((struct admin *)ctx)->sessions, fd, client);
}

int admin_open(struct admin *a, const char *data_dir)
{
	struct console_hooks h = { .run = on_command,
				   .other = on_other,
				   .ctx = a };

	return console_open(a->loop, data_dir, "hbbs.sock", &h, &a->console);
}

void admin_accept(struct admin *a, int fd, const struct addr *client)
{
	console_offer(a->console, fd, client);
}

void admin_close(struct admin *a)
{
	console_close(a->console);
}
