#include "services/hbbs/state/verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/proto/wire.h"

struct verdict_kept {
	uint8_t of[32]; /* SHA-256 of user's token, device, its key, kind */
	uint64_t at_ms;
	struct verdict verdict;
};

void verdicts_init(struct verdicts *v)
{
	v->kept = calloc(ACCESS_CACHE, sizeof *v->kept);
}

void verdicts_fini(struct verdicts *v)
{
	free(v->kept);
}

static struct verdict_kept *place_of(const struct verdicts *v,
				     const struct verdict_question *about,
				     uint8_t of[static 32])
{
	char text[WIRE_TOKEN_MAX + WIRE_ID_MAX + ACCESS_PK + 16];
	uint32_t slot;

	if (!v->kept)
		return NULL;
	int n = snprintf(text, sizeof text, "%d %s %s %s", (int)about->kind,
			 about->target, about->pk, about->token);
	keys_sha256(of, text, (size_t)n < sizeof text ? (size_t)n : 0);
	explicit_bzero(text, sizeof text);
	memcpy(&slot, of, sizeof slot);
	return &v->kept[slot % ACCESS_CACHE];
}

void verdicts_keep(struct verdicts *v, const struct verdict_question *about,
		   const struct verdict *verdict, uint64_t now_ms)
{
	uint8_t of[32];
	struct verdict_kept *k = place_of(v, about, of);

	if (!k)
		return;
	memcpy(k->of, of, sizeof of);
	k->at_ms = now_ms;
	k->verdict = *verdict;
}

bool verdicts_recall(const struct verdicts *v,
		     const struct verdict_question *about, uint64_t now_ms,
		     struct verdict *out)
{
	uint8_t of[32];
	const struct verdict_kept *k = place_of(v, about, of);

	if (!k || k->at_ms == 0 || memcmp(k->of, of, sizeof of) != 0 ||
	    now_ms - k->at_ms >= ACCESS_CACHE_MS)
		return false;
	*out = k->verdict;
	return true;
}
