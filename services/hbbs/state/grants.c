#include "services/hbbs/state/grants.h"

#include <stdio.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/proto/wire.h"

void grants_verifier(const char *switch_code, char out[static GRANT_VERIFIER])
{
	static const char prefix[] = "switch-grant-verifier"; /* with its NUL */
	char text[sizeof prefix + WIRE_TOKEN_MAX];
	size_t len = strnlen(switch_code, WIRE_TOKEN_MAX);
	uint8_t hash[32];

	memcpy(text, prefix, sizeof prefix);
	memcpy(text + sizeof prefix, switch_code, len);
	keys_sha256(hash, text, sizeof prefix + len);
	keys_base64(out, GRANT_VERIFIER, hash, sizeof hash);
}

static void hash_of(uint8_t out[static GRANT_HASH], const char *verifier,
		    const char *pk, const struct addr *from)
{
	char text[GRANT_VERIFIER + WIRE_ID_MAX + ADDR_TEXT_MAX + 8];
	char ip[ADDR_TEXT_MAX];

	int n = snprintf(text, sizeof text, "%s %s %s", verifier,
			 addr_format_ip(from, ip), pk);
	keys_sha256(out, text, (size_t)n < sizeof text ? (size_t)n : 0);
}

void grants_add(struct grants *g, const char *verifier, const char *pk,
		const struct addr *from, uint64_t now_ms)
{
	struct grant *e = &g->list[g->next++ % GRANTS_MAX];

	hash_of(e->of, verifier, pk, from);
	e->until_ms = now_ms + GRANT_MS;
}

bool grants_has(const struct grants *g, const char *verifier, const char *pk,
		const struct addr *from, uint64_t now_ms)
{
	uint8_t of[GRANT_HASH];

	hash_of(of, verifier, pk, from);
	for (size_t i = 0; i < GRANTS_MAX; i++)
		if (g->list[i].until_ms > now_ms &&
		    memcmp(g->list[i].of, of, sizeof of) == 0)
			return true;
	return false;
}
