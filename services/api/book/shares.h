/*
 * shares: who may use a shared address book.
 */
#pragma once

#include "services/api/core/call.h"
#include "services/api/rules/booklevel.h"

const char *share_key(struct db *d, enum book_subject s, const char *guid);
void share_remove(struct tx *t, struct doc *rule);

int shares_list(struct call *c);
int shares_add(struct call *c);
int shares_change(struct call *c);
int shares_delete(struct call *c);
