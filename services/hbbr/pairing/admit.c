#include "services/hbbr/pairing/admit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "state.pb-c.h"

enum admit admit_judge(const struct admit_reply *r, bool tickets, uint32_t me,
		       uint64_t waited_ms)
{
	if (!r->answered)
		return ADMIT_BLIND;
	if (tickets && !r->has_ticket)
		return waited_ms < ADMIT_WAIT_MS ? ADMIT_ASK : ADMIT_REFUSE;
	return r->owner == me ? ADMIT_HERE : ADMIT_LINK;
}

uint64_t admit_pause_ms(unsigned tries)
{
	return tries < 2 ? 50 : tries < 4 ? 100 : 200;
}

int admit_ticket(struct ticket *t, const uint8_t *data, size_t len)
{
	State__RelayTicket *m = state__relay_ticket__unpack(NULL, len, data);

	if (!m)
		return -EPROTO;
	*t = (struct ticket){ .max_bps = m->max_bits_per_s };
	snprintf(t->target, sizeof t->target, "%s", m->target);
	snprintf(t->user, sizeof t->user, "%s", m->user);
	snprintf(t->ref, sizeof t->ref, "%s", m->ref);
	state__relay_ticket__free_unpacked(m, NULL);
	return 0;
}
