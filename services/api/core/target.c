#include "services/api/core/target.h"

struct target target_device(struct db *d, const struct doc *dev)
{
	const char *owner = doc_text(dev, DEVICE_OWNER);
	struct doc *u = *owner ? doc_get(d, DOC_USER, owner) : NULL;

	return (struct target){
		.user = owner,
		.ugroup = u ? doc_text(u, USER_GROUP) : "",
		.dgroup = doc_text(dev, DEVICE_GROUP),
		.device = true,
	};
}
