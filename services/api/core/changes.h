/*
 * changes: the stream of what was saved or removed, for the other api
 * processes and for open pages.
 *
 * An entry names the kind and the guid and says nothing of the content: who
 * wants to know reads the object, with his own rights. It is added in the
 * transaction of the change.
 */
#pragma once

#include "services/api/core/tx.h"

enum {
	CHANGES_MAX = 20000
}; /* entries kept: 2 MB; a reader is seconds behind */

/* KIND as in the names of the keys ("device", "settings"); OP "save" or
 * "delete". */
void changes_add(struct tx *t, const char *kind, const char *guid,
		 const char *op);
