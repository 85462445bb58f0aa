#include "services/api/jobs/deliver.h"

#include <errno.h>
#include <string.h>

#include "services/api/core/fields.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/webhooks.h"

enum delivery deliver(struct app *app, struct db *d, struct json_object *job,
		      const char **why)
{
	bool mail = strcmp(field_text(job, JOB_TYPE), "mail") == 0;
	int r = mail ? mail_send(app, d, field_text(job, JOB_TO),
				 field_text(job, JOB_SUBJECT),
				 field_text(job, JOB_BODY), why)
		     : webhook_deliver(app, d, job, why);

	return r == 0         ? DELIVERY_DONE
	       : r == -EINVAL ? DELIVERY_REFUSED
			      : DELIVERY_SILENT;
}
