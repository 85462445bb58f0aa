/*
 * carry: who carries out what the core wants done.
 */
#pragma once

#include "services/hbbs/state/outbox.h"

struct httpproxy;
struct store;
struct udp;

struct carriers {
	struct udp *udp;
	struct httpproxy *http; /* NULL without API_URL */
	struct store *store;
	const struct outbox *out; /* where A's bytes are */
};

void carry_out(const struct carriers *to, const struct action *a);
