#include "services/utils/backup/durable.h"

#include <stdbool.h>
#include <string.h>

#include "common/site/keynames.h"

/* The first that matches counts; what follows a % is any text. */
static const struct {
	const char *name;
	enum durable_kind kind;
} table[] = {
	/* Those that are not just kept. SECRET (who is signed in, links under
	 * way, which API token or guest link a secret opens, whose account is
	 * the first) is in backups, and in exports if asked for: without
	 * passwords the api makes a first administrator anew. */
	{ KEY_ALIVE, DURABLE_NO },
	{ KEY_API_TOKEN_NAME, DURABLE_SECRET },
	{ KEY_BOOTSTRAPPED, DURABLE_SECRET },
	{ KEY_BULK, DURABLE_NO },
	{ KEY_BULK_REPORT, DURABLE_NO },
	{ KEY_BULK_ROWS, DURABLE_NO },
	{ KEY_CERTIFICATE, DURABLE_NO },
	{ KEY_CERTIFICATE_ASKED, DURABLE_NO },
	{ KEY_CHALLENGE, DURABLE_NO },
	{ KEY_CHANGES, DURABLE_NO },
	{ KEY_CLONE_WATCH, DURABLE_NO },
	{ KEY_CONN_REF, DURABLE_NO },
	{ KEY_FAIL_ADDRESS, DURABLE_NO },
	{ KEY_FAIL_HOUR, DURABLE_NO },
	{ KEY_FAIL_PAIR, DURABLE_NO },
	{ KEY_FAIL_ROW, DURABLE_NO },
	{ KEY_GUEST_CAME, DURABLE_NO },
	{ KEY_GUEST_LINK_NAME, DURABLE_SECRET },
	{ KEY_GUEST_PASS, DURABLE_NO },
	{ KEY_GUEST_RATE, DURABLE_NO },
	{ KEY_HERE, DURABLE_NO },
	{ KEY_INVITE, DURABLE_SECRET },
	{ KEY_JOB, DURABLE_SECRET },
	{ KEY_JOBS, DURABLE_SECRET },
	{ KEY_JOBS_PAUSED, DURABLE_SECRET },
	{ KEY_JOB_BEFORE_2, DURABLE_SECRET },
	{ KEY_JOBS_BEFORE_2, DURABLE_SECRET },
	{ KEY_KICK, DURABLE_NO },
	{ KEY_MAIL, DURABLE_NO },
	{ KEY_NONCE, DURABLE_NO },
	{ KEY_OIDC, DURABLE_NO },
	{ KEY_OIDC_DISCOVERY, DURABLE_NO },
	{ KEY_PASSKEY, DURABLE_NO },
	{ KEY_RECORDING, DURABLE_NO },
	{ KEY_RECORDING_SEEN, DURABLE_NO },
	{ KEY_RESET, DURABLE_NO },
	{ KEY_RESET_COUNT, DURABLE_NO },
	{ KEY_RESTORE_UNFINISHED, DURABLE_NO },
	{ KEY_SWITCH, DURABLE_NO },
	{ KEY_TOKEN, DURABLE_SECRET },
	{ KEY_TOTP_PENDING, DURABLE_NO },
	{ KEY_USER_SESSIONS, DURABLE_SECRET },
	/* Documents with their indexes, and what a later version adds. */
	{ "api:%", DURABLE_YES },
	{ "peer:%", DURABLE_YES },
	{ KEY_PEERS_COUNT, DURABLE_YES },
	{ "policy:leave", DURABLE_NO },
	{ "policy:moved:%", DURABLE_NO },
	{ "policy:%", DURABLE_YES },
	{ "seen:%", DURABLE_NO },
	{ "node:%", DURABLE_NO },
	{ "lists:%", DURABLE_NO },
	{ "nodes:%", DURABLE_NO },
	{ "reads:%", DURABLE_NO },
	{ "local:%", DURABLE_NO },
	{ "wait:%", DURABLE_NO },
	{ "bus:%", DURABLE_NO },
	{ "ticket:%", DURABLE_NO },
	{ "half:%", DURABLE_NO },
	{ "mesh:%", DURABLE_NO },
	{ "conn:%", DURABLE_NO },
	{ "restore:%", DURABLE_NO },
};

static bool is(const char *key, size_t len, const char *name)
{
	size_t n = strcspn(name, "%");

	return (name[n] ? len >= n : len == n) && memcmp(key, name, n) == 0;
}

enum durable_kind durable_kind(const char *key, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (is(key, len, table[i].name))
			return table[i].kind;
	return DURABLE_FOREIGN;
}
