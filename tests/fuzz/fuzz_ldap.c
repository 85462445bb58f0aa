/*
 * Input: a byte of settings, then what a directory sends: the replies to our
 * two searches (message ids 1 and 2), in whatever shape. libldap reads them
 * from a socket as it always does, and a person is made of the entry.
 */
#include <assert.h>
#include <ldap.h>
#include <openldap.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "services/api/account/ldap_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libldap loses a request whose reply cannot be decoded; nothing of ours is
 * allocated by its allocator but what ldap_entry_free() gives back. */
__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:liblber\n";
}

enum { REPLIES_MAX = 64 << 10 }; /* what a socket takes at once */

static struct json_object *settings(struct pool *p, uint8_t which)
{
	static const char *const texts[] = {
		"{}",
		"{\"nested_groups\":true,\"id_attribute\":\"objectGUID\"}",
		"{\"group_attribute\":\"member\"}",
		"{\"id_attribute\":\"uid\",\"scope\":\"one\"}",
	};
	const char *text = texts[which % ARRAY_LEN(texts)];
	bool ok;

	return js_parse(p, text, strlen(text), &ok);
}

/* The directory's end of a connection on which DATA has come, and its end. */
static int directory(LDAP **ld, const uint8_t *data, size_t size)
{
	int version = LDAP_VERSION3, fds[2];
	Sockbuf *sb = NULL;

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	size = size < REPLIES_MAX ? size : REPLIES_MAX;
	assert(write(fds[1], data, size) == (ssize_t)size);
	shutdown(fds[1], SHUT_WR);
	assert(ldap_init_fd(fds[0], LDAP_PROTO_TCP, "ldap://x", ld) == 0);
	assert(ldap_get_option(*ld, LDAP_OPT_SOCKBUF, &sb) == 0 && sb);
	ldap_conn_bound(sb);
	ldap_set_option(*ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(*ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	return fds[1];
}

static void judge(struct pool *p, const struct person *who)
{
	static const char *const old[] = { "", "x", "uid=x,dc=y", "=,=" };

	assert(js_len(who->ids) > 0);
	for (size_t i = 0; i < ARRAY_LEN(old); i++) {
		(void)!who->meant(p, who, old[i]);
		for (size_t g = 0; g < js_len(who->groups); g++)
			(void)!who->same_group(p, js_at(who->groups, g),
					       old[i]);
	}
	assert(who->meant(p, who, js_at(who->ids, 0)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { 0 };
	struct ldap_conn d = { .c = &c, .began_ms = app_tick_ms() };
	struct ldap_entry e;

	if (size == 0)
		return 0;
	signal(SIGPIPE, SIG_IGN);
	log_setup("fuzz", LOG_ERROR, LOG_TEXT);
	d.cfg = settings(&c.pool, data[0]);
	int fd = directory(&d.ld, data + 1, size - 1);
	if (ldap_entry_find(&d, "name", &e)) {
		struct person who = ldap_entry_person(&d, "name", &e);
		judge(&c.pool, &who);
	} else {
		assert(d.why && *d.why);
	}
	ldap_entry_free(&e);
	ldap_unbind_ext_s(d.ld, NULL, NULL);
	close(fd);
	pool_fini(&c.pool);
	return 0;
}
