/*
 * relay_lists: the addresses that the relays slow or refuse, as each of them
 * tells it (lists:hbbr:{epoch}).
 */
#pragma once

#include "services/api/core/call.h"

enum { RELAY_LISTS_MAX = 64 }; /* relays; hbbs hands out as many */

int web_relay_lists(struct call *c);
