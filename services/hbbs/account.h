/*
 * account: messages that need accounts (spec 4.18, 4.19): the session count
 * of logged-in users, and HTTP over the rendezvous connection. Until there
 * are accounts they are refused in the words the client can show.
 */
#pragma once

#include "services/hbbs/core.h"

void account_hc(struct core *c, const struct request *q);
void account_http(struct core *c, const struct request *q);
