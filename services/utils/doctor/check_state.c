#include <string.h>

#include "services/utils/doctor/ask.h"
#include "services/utils/doctor/check.h"

/* What the site says of itself: its certificate's renewal, and whom it asks. */

/* nginx/acme, where it runs. */
void check_acme(struct doctor *d)
{
	struct json_object *o = ask_json(d, "/nginx-acme", false);
	const char *state = ask_text(o, "state");

	if (strcmp(state, "ok") == 0)
		doctor_ok("acme", "the certificate is renewed by itself");
	else if (strcmp(state, "waiting") == 0)
		doctor_ok("acme", "the authority has been asked");
	else if (strcmp(state, "error") == 0)
		doctor_fail(d, "acme",
			    "the authority gives no certificate: %s. Port 80 "
			    "must be reachable under the name, or ACME_HOOK "
			    "publish a record; it is tried again by itself.",
			    ask_text(o, "error"));
	json_object_put(o);
}

void check_mail(struct doctor *d)
{
	struct json_object *o =
		*d->token ? ask_json(d, "/api/settings/smtp/status", true)
			  : NULL;
	struct json_object *enabled, *failing;

	if (json_object_object_get_ex(o, "enabled", &enabled) &&
	    json_object_object_get_ex(o, "failing", &failing)) {
		if (json_object_get_boolean(failing))
			doctor_fail(d, "mail",
				    "it does not leave: %s. Mend the mail "
				    "settings in the console and send a test "
				    "mail there.",
				    ask_text(o, "error"));
		else if (json_object_get_boolean(enabled))
			doctor_ok("mail", "it leaves");
	}
	json_object_put(o);
}

/* Directories and providers as this node of the api finds them. */
void check_directory(struct doctor *d)
{
	struct json_object *o =
		*d->token ? ask_json(d, "/api/outside", true) : NULL;
	struct json_object *rows;
	size_t n = json_object_object_get_ex(o, "data", &rows)
			   ? json_object_array_length(rows)
			   : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		const char *kind = ask_text(row, "kind");
		if (strcmp(kind, "ldap") != 0 && strcmp(kind, "oidc") != 0)
			continue;
		if (strcmp(ask_text(row, "state"), "down") == 0)
			doctor_fail(d, "directory",
				    "%s is down: %s. Look whether it runs and "
				    "is reached from the api; nobody signs in "
				    "by it until then.",
				    ask_text(row, "name"),
				    ask_text(row, "why"));
		else
			doctor_ok("directory", "%s is %s",
				  ask_text(row, "name"),
				  ask_text(row, "state"));
	}
	json_object_put(o);
}
