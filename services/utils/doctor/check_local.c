#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "services/utils/doctor/check.h"

/* What can be told without talking to the server: names and key files. */

static bool resolve(struct doctor *d, const char *what, const char *name,
		    struct link_host *out)
{
	char text[LINK_ADDRS_MAX * ADDR_TEXT_MAX] = "", one[ADDR_TEXT_MAX];
	const char *problem = link_resolve(name, out);

	if (problem) {
		doctor_fail(d, what,
			    "%s has no address (%s). Make an A or AAAA record "
			    "for it, or use the IP address.",
			    name, problem);
		return false;
	}
	for (size_t i = 0; i < out->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, addr_format_ip(&out->addrs[i], one));
	}
	doctor_ok(what, "%s is %s", name, text);
	return true;
}

bool check_names(struct doctor *d)
{
	const char *relay = *d->relay ? d->relay : d->host;

	if (!resolve(d, "name", d->host, &d->addrs))
		return false;
	if (strcmp(relay, d->host) == 0) {
		d->relay_addrs = d->addrs;
		return true;
	}
	return resolve(d, "relay name", relay, &d->relay_addrs);
}

/* The two files of a pair agree, and with the key that clients are given. */
static void compare(struct doctor *d, const char *own)
{
	char file[PUBKEY_MAX];
	int r = pubkey_of_option("-", d->data_dir, file);

	if (r < 0 || strcmp(file, own) != 0)
		doctor_fail(d, "key files",
			    "%s/id_ed25519.pub is not the public half of "
			    "id_ed25519. Restart hbbs, it writes the file "
			    "anew.",
			    d->data_dir);
	else if (d->public_key[0] && strcmp(d->public_key, own) != 0)
		doctor_fail(d, "key files",
			    "the key pair in %s is %s, but clients are given "
			    "%s. Give them the former, or put the other pair "
			    "there.",
			    d->data_dir, own, d->public_key);
	else
		doctor_ok("key files", "%s in %s is a valid pair", own,
			  d->data_dir);
}

void check_key(struct doctor *d)
{
	char own[PUBKEY_MAX];
	int r = pubkey_of_pair(d->data_dir, own);

	if (r == 0)
		compare(d, own);
	else if (r != -ENOENT)
		doctor_fail(
			d, "key files",
			"%s/id_ed25519 cannot be used (%s). Restore it from "
			"a backup; without it every client needs a new "
			"key.",
			d->data_dir, strerror(-r));
	else if (d->public_key[0])
		doctor_ok("key files", "none here; the key is %s",
			  d->public_key);
	else
		doctor_fail(d, "key files",
			    "no key is known. Run this in the server's data "
			    "folder, or use --key or --data-dir.");
}
