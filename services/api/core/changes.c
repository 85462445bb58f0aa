#include "services/api/core/changes.h"
#include "common/site/keynames.h"

#include <stdio.h>

void changes_add(struct tx *t, const char *kind, const char *guid,
		 const char *op)
{
	char max[16];

	snprintf(max, sizeof(max), "%d", CHANGES_MAX);
	tx_do(t, "XADD", KEY_CHANGES, "MAXLEN", "~", max, "*", "kind", kind,
	      "guid", guid, "op", op, NULL);
}
