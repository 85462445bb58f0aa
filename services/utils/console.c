#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/config/shared.h"
#include "common/net/sock.h"
#include "services/utils/command.h"

enum {
	LINE_BYTES = 1024, /* what the consoles read at most */
	ANSWER_MS = 15000, /* hbbr gathers `usage` from its workers */
};

struct settings {
	char *socket;
	char *data_dir;
};

#define AT(field) offsetof(struct settings, field)
static const struct opt opts[] = {
	{ "SOCKET", 0, NULL, OPT_STRING, AT(socket), "", 0, 0,
	  "The console's unix socket; empty for hbbs.sock or hbbr.sock in "
	  "DATA_DIR." },
	SHARED_DATA_DIR(AT(data_dir), ".", "Data folder of the server."),
};
static const struct config_spec spec = {
	.program = "rustdesk-utils console",
	.about = "gives a server a command ('h' lists them), or takes them "
		 "line by line",
	.opts = opts,
	.nopts = ARRAY_LEN(opts),
	.arguments = "[hbbs|hbbr] [--socket PATH] [COMMAND...]",
	.size = sizeof(struct settings),
};

/* One command and its answer. 0 or -errno. */
static int ask(const char *path, const char *line)
{
	char part[4096];
	int fd = sock_connect_unix(path);
	int r = fd < 0 ? fd : 0;

	if (r == 0 && send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		r = -errno;
	while (r == 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, ANSWER_MS) <= 0) {
			r = -ETIMEDOUT;
			break;
		}
		ssize_t n = recv(fd, part, sizeof(part), 0);
		if (n == 0)
			break;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			r = -errno;
		if (n > 0)
			fwrite(part, 1, (size_t)n, stdout);
	}
	if (fd >= 0)
		close(fd);
	fflush(stdout);
	return r;
}

static int complain(const char *path, int error)
{
	fprintf(stderr,
		"rustdesk-utils console: %s: %s. Is the server running, with "
		"its data folder here, and are you its user?\n",
		path, strerror(-error));
	return EXIT_FAILURE;
}

static int prompt(const char *path)
{
	char line[LINE_BYTES + 1];
	bool tty = isatty(STDIN_FILENO);
	int code = EXIT_SUCCESS;

	if (tty)
		printf("%s: h for help, Ctrl-D to leave\n", path);
	for (;;) {
		if (tty)
			fputs("> ", stdout);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return code;
		line[strcspn(line, "\r\n")] = '\0';
		int r = line[0] ? ask(path, line) : 0;
		if (r < 0)
			code = complain(path, r);
	}
}

static int run_words(const char *path, int argc, char **argv)
{
	char line[LINE_BYTES + 1] = "";
	size_t used = 0;

	for (int i = 0; i < argc; i++) {
		int n = snprintf(line + used, sizeof(line) - used, "%s%s",
				 i ? " " : "", argv[i]);
		if (n < 0 || (size_t)n >= sizeof(line) - used) {
			fputs("rustdesk-utils console: the command is too "
			      "long\n",
			      stderr);
			return EXIT_USAGE;
		}
		used += (size_t)n;
	}
	int r = ask(path, line);
	return r < 0 ? complain(path, r) : EXIT_SUCCESS;
}

/* --socket may also stand behind the server's name. */
static const char *take_socket(int *argc, char ***argv)
{
	static const char flag[] = "--socket";
	const char *first = *argc > 0 ? **argv : "";

	if (strcmp(first, flag) == 0 && *argc > 1) {
		first = (*argv)[1];
		*argc -= 2;
		*argv += 2;
		return first;
	}
	if (strncmp(first, flag, sizeof(flag) - 1) != 0 ||
	    first[sizeof(flag) - 1] != '=')
		return NULL;
	--*argc;
	++*argv;
	return first + sizeof(flag);
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	char path[PATH_MAX];
	const char *server = NULL;

	if (argc > 0 &&
	    (strcmp(*argv, "hbbs") == 0 || strcmp(*argv, "hbbr") == 0)) {
		server = *argv++;
		argc--;
	}
	const char *given = take_socket(&argc, &argv);
	if (!given && *s->socket)
		given = s->socket;
	snprintf(path, sizeof(path), "%s/%s.sock", s->data_dir,
		 server ? server : "hbbs");
	if (!server && access(path, F_OK) < 0)
		snprintf(path, sizeof(path), "%s/hbbr.sock", s->data_dir);
	if (!given)
		given = path;
	return argc > 0 ? run_words(given, argc, argv) : prompt(given);
}

int command_console(int argc, char **argv)
{
	struct settings s = { .socket = NULL };

	return command_run(&spec, argc, argv, &s,
			   (struct command_words){ 0, INT_MAX }, run);
}
