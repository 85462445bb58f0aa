#include "services/utils/backup/durable.h"

#include <string.h>

const char durable_restoring[] = "restore:unfinished";

/* The first that matches counts. */
static const struct {
	const char *prefix;
	enum durable_kind kind;
} table[] = {
	{ "peer:", DURABLE_YES },
	{ "peers:count", DURABLE_YES },
	{ "policy:moved:", DURABLE_NO },
	{ "policy:", DURABLE_YES },
	{ "token:", DURABLE_SESSION },
	{ "api:user:sessions:", DURABLE_SESSION },
	{ "api:challenge:", DURABLE_NO },
	{ "api:oidc:", DURABLE_NO },
	{ "api:totp:pending:", DURABLE_NO },
	{ "api:nonce:", DURABLE_NO },
	{ "api:kick:", DURABLE_NO },
	{ "api:changes", DURABLE_NO },
	{ "api:fail:", DURABLE_NO },
	{ "api:alive", DURABLE_NO },
	{ "api:reset:", DURABLE_NO },
	{ "api:mail", DURABLE_NO },
	{ "api:", DURABLE_YES },
	{ "seen:", DURABLE_NO },
	{ "node:", DURABLE_NO },
	{ "lists:", DURABLE_NO },
	{ "nodes:", DURABLE_NO },
	{ "reads:", DURABLE_NO },
	{ "local:", DURABLE_NO },
	{ "wait:", DURABLE_NO },
	{ "bus:", DURABLE_NO },
	{ "ticket:", DURABLE_NO },
	{ "half:", DURABLE_NO },
	{ "mesh:", DURABLE_NO },
	{ "switch:", DURABLE_NO },
	{ "conn:", DURABLE_NO },
	{ "restore:", DURABLE_NO },
};

enum durable_kind durable_kind(const char *key, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		size_t n = strlen(table[i].prefix);
		if (len >= n && memcmp(key, table[i].prefix, n) == 0)
			return table[i].kind;
	}
	return DURABLE_FOREIGN;
}
