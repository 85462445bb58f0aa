#include "services/api/operator/secret_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/utf8.h"
#include "services/api/account/credentials.h"
#include "services/api/base/text.h"

static const int ending[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP };
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/* The first line of FD, without its end. 0, -EFBIG or -errno. */
static int read_line(int fd, char out[static SEAL_PASSWORD_MAX + 1])
{
	size_t len = 0;
	char ch = 0;
	ssize_t n;

	while ((n = read(fd, &ch, 1)) == 1 && ch != '\n') {
		if (len == SEAL_PASSWORD_MAX)
			return -EFBIG;
		out[len++] = ch;
	}
	if (n < 0)
		return -errno;
	if (len > 0 && out[len - 1] == '\r')
		len--;
	out[len] = 0;
	return strlen(out) == len ? 0 : -EILSEQ;
}

/* Waits for a line; signals that end a program come through only here, so
 * none is missed between a look and the wait. */
static bool await_line(const sigset_t *open)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	while (!caught && ppoll(&p, 1, NULL, open) < 0 && errno == EINTR)
		;
	return !caught;
}

/* As read_line() from a terminal that shows nothing. A signal finds the
 * terminal as it was. */
static int read_hidden(const char *prompt, const char *again,
		       char out[static SEAL_PASSWORD_MAX + 1])
{
	struct sigaction catching = { .sa_handler = on_signal };
	struct sigaction before[ARRAY_LEN(ending)];
	struct termios shown, hidden;
	sigset_t held, open;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return -errno;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	caught = 0;
	sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
		sigaddset(&held, ending[i]);
		sigaction(ending[i], &catching, &before[i]);
	}
	sigprocmask(SIG_BLOCK, &held, &open);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fprintf(stderr, "%s%s: ", prompt, again);
	int r = await_line(&open) ? read_line(STDIN_FILENO, out) : -EINTR;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	sigprocmask(SIG_SETMASK, &open, NULL);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++)
		sigaction(ending[i], &before[i], NULL);
	if (caught)
		raise(caught);
	return caught ? -EINTR : r;
}

static int ask_twice(const char *prompt, char out[static SEAL_PASSWORD_MAX + 1])
{
	char again[SEAL_PASSWORD_MAX + 1] = "";
	int r = read_hidden(prompt, "", out);

	if (r == 0)
		r = read_hidden(prompt, " again", again);
	if (r == 0 && strcmp(out, again) != 0) {
		fputs("api admin: the two are not the same\n", stderr);
		r = -EINVAL;
	}
	sodium_memzero(again, sizeof(again));
	return r;
}

static int read_from(const char *file, const char *prompt,
		     char out[static SEAL_PASSWORD_MAX + 1])
{
	if (!file || strcmp(file, "-") == 0)
		return isatty(STDIN_FILENO) ? ask_twice(prompt, out)
					    : read_line(STDIN_FILENO, out);
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = read_line(fd, out);
	close(fd);
	return r;
}

int secret_input(const char *file, const char *prompt,
		 char out[static SEAL_PASSWORD_MAX + 1])
{
	int r = read_from(file, prompt, out);
	const char *bad = NULL;

	if (r == -EINVAL || r == -EINTR)
		return r; /* said already */
	if (r == -EFBIG)
		bad = "The password is too long";
	else if (r == -EILSEQ)
		bad = "The password has a NUL byte";
	else if (r == 0 && !utf8_valid((const uint8_t *)out, strlen(out)))
		bad = "The password is not UTF-8; no client could send it";
	else if (r == 0 && !text_is_name(out, 0, SEAL_PASSWORD_MAX))
		bad = "The password has a control character";
	else if (r == 0)
		bad = credentials_password_wrong(out);
	if (r == 0 && !bad)
		return 0;
	if (bad)
		fprintf(stderr, "api admin: %s\n", bad);
	else
		fprintf(stderr, "api admin: %s: %s\n",
			file ? file : "standard input", strerror(-r));
	return r ? r : -EINVAL;
}
