#include "services/utils/backup/durable.h"

#include <stdbool.h>
#include <string.h>

#include "common/site/keynames.h"

/* The first that matches counts; what follows a % is any text. */
static const struct {
	const char *name;
	enum durable_kind kind;
} table[] = {
#define ROW(name, kind) { name, DURABLE_##kind },
	KEY_SPECIAL(ROW)
#undef ROW
	/* Documents with their indexes, and what a later version adds. */
	{ "api:%", DURABLE_YES },
	{ "peer:%", DURABLE_YES },
	{ KEY_PEERS_COUNT, DURABLE_YES },
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
