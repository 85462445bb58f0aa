#include "services/api/jobs/deliver.h"

#include <errno.h>
#include <string.h>

#include "services/api/jobs/mail.h"
#include "services/api/jobs/webhooks.h"

enum delivery deliver(struct app *app, struct db *d, struct json_object *job,
		      const char **why)
{
	bool mail = strcmp(js_text(job, "type"), "mail") == 0;
	int r = mail ? mail_send(app, d, js_text(job, "to"),
				 js_text(job, "subject"), js_text(job, "body"),
				 why)
		     : webhook_deliver(app, d, job, why);

	return r == 0         ? DELIVERY_DONE
	       : r == -EINVAL ? DELIVERY_REFUSED
			      : DELIVERY_SILENT;
}
