#include "services/api/core/target.h"

struct target target_device(struct db *d, const struct doc *dev)
{
	return target_owned(dev,
			    doc_get(d, DOC_USER, doc_text(dev, DEVICE_OWNER)));
}

struct target target_owned(const struct doc *dev, const struct doc *owner)
{
	return (struct target){
		.user = doc_text(dev, DEVICE_OWNER),
		.ugroup = doc_text(owner, USER_GROUP),
		.dgroup = doc_text(dev, DEVICE_GROUP),
		.device = true,
	};
}
