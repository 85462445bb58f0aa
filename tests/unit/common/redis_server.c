#include "redis_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A listening socket on a free port of 127.0.0.1. */
static int listen_free(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

uint16_t free_port(void)
{
	uint16_t port;

	close(listen_free(&port));
	return port;
}

/* True once the server answers on its unix socket. */
static bool answers(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[8];
	bool ok = false;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0 &&
	    send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6)
		ok = recv(fd, answer, sizeof(answer), 0) > 0;
	close(fd);
	return ok;
}

static void run_server(const struct server *s, const char *extra)
{
	char command[2048];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(command, sizeof(command),
		 "exec redis-server %s --port %u --bind 127.0.0.1 127.0.0.2 "
		 "--dir %s --unixsocket %s --logfile log",
		 extra, s->port, s->dir, s->socket);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Starts the server on the port it has; false if it ended at once. */
static bool run_and_wait(struct server *s, const char *extra)
{
	s->pid = fork();
	ck_assert_int_ge(s->pid, 0);
	if (s->pid == 0)
		run_server(s, extra);
	for (int i = 0; i < START_TRIES; i++) {
		if (answers(s->socket))
			return true;
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			return false;
		pause_ms(TRY_MS);
	}
	ck_abort_msg("redis-server does not answer; see %s/log", s->dir);
	return false;
}

static bool try_start(struct server *s, const char *extra)
{
	char options[1536];

	snprintf(options, sizeof(options), "--save '' %s", extra);
	return run_and_wait(s, options);
}

static void server_dir(struct server *s)
{
	*s = (struct server){ .pid = 0 };
	snprintf(s->dir, sizeof(s->dir), "/tmp/redis-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	snprintf(s->socket, sizeof(s->socket), "%s/sock", s->dir);
}

/* Another process may grab the free port first, hence the tries. */
void server_start(struct server *s, const char *extra)
{
	server_dir(s);
	for (int i = 0; i < 5; i++) {
		s->port = free_port();
		if (try_start(s, extra))
			return;
	}
	ck_abort_msg("redis-server does not start; see %s/log", s->dir);
}

void shell(const char *fmt, ...)
{
	char command[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

void server_certify(const struct server *s, const char *names)
{
	shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	      "-nodes -days 2 -subj /CN=localhost -keyout %s/key.pem "
	      "-out %s/cert.pem -addext subjectAltName=%s 2>/dev/null",
	      s->dir, s->dir, names);
}

void server_start_tls(struct server *s, const char *extra)
{
	char options[1024];

	server_dir(s);
	server_certify(s, "DNS:localhost,IP:127.0.0.1");
	for (int i = 0; i < 5; i++) {
		s->port = free_port();
		s->tls_port = free_port();
		snprintf(options, sizeof(options),
			 "--tls-port %u --tls-cert-file cert.pem "
			 "--tls-key-file key.pem --tls-ca-cert-file cert.pem "
			 "%s",
			 s->tls_port, extra);
		if (try_start(s, options))
			return;
	}
	ck_abort_msg("redis-server does not start; see %s/log", s->dir);
}

void server_start_sentinel(struct server *s, const char *conf)
{
	char options[128];

	server_dir(s);
	snprintf(options, sizeof(options), "%s/sentinel.conf --sentinel",
		 s->dir);
	for (int i = 0; i < 5; i++) {
		shell("printf '%s' >%s/sentinel.conf", conf, s->dir);
		s->port = free_port();
		if (run_and_wait(s, options))
			return;
	}
	ck_abort_msg("the sentinel does not start; see %s/log", s->dir);
}

void server_kill(struct server *s)
{
	kill(s->pid, SIGKILL);
	ck_assert_int_eq(waitpid(s->pid, NULL, 0), s->pid);
	unlink(s->socket);
	s->pid = 0;
}

void server_restart(struct server *s, const char *extra)
{
	ck_assert(try_start(s, extra));
}

void server_stop(struct server *s)
{
	if (s->pid)
		server_kill(s);
	shell("rm -rf %s", s->dir);
}

void server_cli(const struct server *s, const char *commands)
{
	shell("redis-cli -e -s %s %s >/dev/null", s->socket, commands);
}

bool server_shows(const struct server *s, const char *commands,
		  const char *pattern)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "redis-cli -s %s %s 2>/dev/null | grep -q '%s'", s->socket,
		 commands, pattern);
	return system(line) == 0;
}

void server_wait(const struct server *s, const char *commands,
		 const char *pattern)
{
	for (int i = 0; i < START_TRIES; i++) {
		if (server_shows(s, commands, pattern))
			return;
		pause_ms(TRY_MS);
	}
	ck_abort_msg("%s never showed %s", commands, pattern);
}

pid_t fake_start(void (*script)(int fd, const char *arg), const char *arg,
		 uint16_t *port)
{
	int fd = listen_free(port);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		script(fd, arg);
		_exit(0);
	}
	close(fd);
	return pid;
}

void fake_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

bool fake_expect(int fd, const char *end)
{
	char data[4096];
	size_t n = 0;

	while (n < sizeof(data) - 1) {
		ssize_t got = recv(fd, data + n, sizeof(data) - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		data[n] = 0;
		if (n >= strlen(end) &&
		    memcmp(data + n - strlen(end), end, strlen(end)) == 0)
			return true;
	}
	return false;
}

void fake_say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

int fake_accept(int listening)
{
	int fd = accept(listening, NULL, NULL);

	if (fd >= 0 && fake_expect(fd, "PING\r\n"))
		fake_say(fd, "+OK\r\n+PONG\r\n");
	return fd;
}

int run_cases(const char *suite, TCase *const *cases, size_t n)
{
	Suite *s = suite_create(suite);

	for (size_t i = 0; i < n; i++)
		suite_add_tcase(s, cases[i]);
	SRunner *run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	int failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
