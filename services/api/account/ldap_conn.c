#include "services/api/account/ldap_conn.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "services/api/base/trust.h"
#include "services/api/core/outside.h"

/* What it says of itself, against what keeps it from saying anything. */
static bool is_silence(int rc)
{
	switch (rc) {
	case LDAP_SERVER_DOWN:
	case LDAP_TIMEOUT:
	case LDAP_CONNECT_ERROR:
	case LDAP_LOCAL_ERROR:
	case LDAP_DECODING_ERROR:
	case LDAP_BUSY:
	case LDAP_UNAVAILABLE:
	case LDAP_TIMELIMIT_EXCEEDED:
		return true;
	default:
		return false;
	}
}

static bool ok(struct ldap_conn *d, int rc)
{
	char *more = NULL;

	if (rc == LDAP_SUCCESS)
		return true;
	d->silent = is_silence(rc);
	d->why = ldap_err2string(rc);
	if (d->ld)
		ldap_get_option(d->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
	if (more && *more)
		d->why = call_fmt(d->c, "%s: %s", d->why, more);
	ldap_memfree(more);
	return false;
}

/* Gives the next step what is left of the time. */
static bool in_time(struct ldap_conn *d, struct timeval *left)
{
	uint64_t used = app_tick_ms() - d->began_ms;
	uint64_t all = LDAP_WAIT_S * 1000;

	if (used >= all)
		return ok(d, LDAP_TIMEOUT);
	*left = (struct timeval){
		.tv_sec = (time_t)((all - used) / 1000),
		.tv_usec = (suseconds_t)((all - used) % 1000 * 1000),
	};
	ldap_set_option(d->ld, LDAP_OPT_NETWORK_TIMEOUT, left);
	ldap_set_option(d->ld, LDAP_OPT_TIMEOUT, left);
	return true;
}

/* libldap waits for the first byte of a message, but not for the rest: a
 * server that sends half of one would hold the thread for ever. */
void ldap_conn_bound(Sockbuf *sb)
{
	struct timeval most = { LDAP_WAIT_S, 0 };
	ber_len_t bytes = LDAP_MESSAGE_MAX;
	ber_socket_t fd = -1;

	ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &bytes);
	ber_sockbuf_ctrl(sb, LBER_SB_OPT_GET_FD, &fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
}

static int on_connect(LDAP *ld, Sockbuf *sb, LDAPURLDesc *srv,
		      struct sockaddr *addr, struct ldap_conncb *ctx)
{
	(void)ld, (void)srv, (void)addr, (void)ctx;
	ldap_conn_bound(sb);
	return 0;
}

static void on_disconnect(LDAP *ld, Sockbuf *sb, struct ldap_conncb *ctx)
{
	(void)ld, (void)sb, (void)ctx;
}

static bool set_tls(struct ldap_conn *d)
{
	int require = field_bool(d->cfg, SERVER_TLS_VERIFY, true)
			      ? LDAP_OPT_X_TLS_DEMAND
			      : LDAP_OPT_X_TLS_NEVER;
	struct trust_file ca;
	int client = 0;

	ldap_set_option(d->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &require);
	if (trust_file_open(&ca, field_text(d->cfg, SERVER_CA)) < 0) {
		d->why = "ca: it is neither PEM nor a file that can be read";
		return false;
	}
	if (*ca.path)
		ldap_set_option(d->ld, LDAP_OPT_X_TLS_CACERTFILE, ca.path);
	/* Reads the file. */
	bool good =
		ok(d, ldap_set_option(d->ld, LDAP_OPT_X_TLS_NEWCTX, &client));
	trust_file_close(&ca);
	return good;
}

static int bind_as(struct ldap_conn *d, const char *dn, const char *password)
{
	struct berval cred = { strlen(password), (char *)(uintptr_t)password };

	return ldap_sasl_bind_s(d->ld, dn, LDAP_SASL_SIMPLE, &cred, NULL, NULL,
				NULL);
}

static bool say_hello(struct ldap_conn *d)
{
	struct call *c = d->c;
	struct timeval left;

	if (field_bool(d->cfg, SERVER_STARTTLS, false) &&
	    (!in_time(d, &left) || !ok(d, ldap_start_tls_s(d->ld, NULL, NULL))))
		return false;
	const char *dn = field_text(d->cfg, SERVER_BIND_DN);
	const char *password =
		seal_open(&c->app->seal, &c->pool,
			  field_text(d->cfg, SERVER_BIND_PASSWORD));
	/* Also anonymously: it is the first word that reaches the server. */
	return in_time(d, &left) &&
	       ok(d, bind_as(d, dn, password && *dn ? password : ""));
}

bool ldap_conn_open(struct ldap_conn *d)
{
	int version = LDAP_VERSION3;
	const char *name = field_text(d->cfg, SERVER_NAME);

	if (!outside_ask(d->c->app, OUTSIDE_LDAP, name)) {
		d->silent = true;
		d->why = "it did not answer lately";
		return false;
	}
	d->began_ms = app_tick_ms();
	if (!ok(d, ldap_initialize(&d->ld, field_text(d->cfg, SERVER_URL))))
		return false;
	d->bound = (struct ldap_conncb){ on_connect, on_disconnect, NULL };
	ldap_set_option(d->ld, LDAP_OPT_CONNECT_CB, &d->bound);
	ldap_set_option(d->ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(d->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(d->ld, LDAP_OPT_RESTART, LDAP_OPT_ON);
	return set_tls(d) && say_hello(d);
}

void ldap_conn_close(struct ldap_conn *d)
{
	if (d->ld)
		ldap_unbind_ext_s(d->ld, NULL, NULL);
	if (d->began_ms)
		outside_note(d->c->app, OUTSIDE_LDAP,
			     field_text(d->cfg, SERVER_NAME), d->began_ms,
			     d->silent ? d->why : NULL);
	d->ld = NULL;
	d->began_ms = 0;
}

bool ldap_conn_bind(struct ldap_conn *d, const char *dn, const char *password)
{
	struct timeval left;

	return in_time(d, &left) && ok(d, bind_as(d, dn, password));
}

LDAPMessage *ldap_conn_search(struct ldap_conn *d, const char *filter,
			      char **attrs, int limit)
{
	bool one = strcmp(field_text(d->cfg, SERVER_SCOPE), "one") == 0;
	LDAPMessage *found = NULL;
	struct timeval left;

	if (!in_time(d, &left))
		return NULL;
	int rc = ldap_search_ext_s(
		d->ld, field_text(d->cfg, SERVER_BASE_DN),
		one ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE, filter, attrs,
		0, NULL, NULL, &left, limit, &found);
	/* Two of one name are reported as too many: that is an answer. */
	if (rc == LDAP_SIZELIMIT_EXCEEDED && found)
		return found;
	if (ok(d, rc))
		return found;
	ldap_msgfree(found);
	return NULL;
}

const char *ldap_conn_escape(struct pool *p, const char *s)
{
	char *out = pool_alloc(p, strlen(s) * 3 + 1), *o = out;

	for (; *s; s++) {
		if (strchr("*()\\", *s) || (unsigned char)*s >= 0x80)
			o += sprintf(o, "\\%02x", (unsigned char)*s);
		else
			*o++ = *s;
	}
	return out;
}

const char *ldap_conn_setting(const struct ldap_conn *d, struct field_text f,
			      const char *def)
{
	const char *v = field_text(d->cfg, f);

	return *v ? v : def;
}
