#include "services/hbbs/access.h"

void access_decide(const struct access *p, const struct access_question *q,
		   struct access_answer *out)
{
	(void)p;
	*out = (struct access_answer){ .allowed = true };
	if (q->target_disabled) {
		out->allowed = false;
		out->denial = "The connection is not allowed. "
			      "The device is disabled.";
	}
}
