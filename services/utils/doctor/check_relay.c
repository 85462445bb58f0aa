#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/proto/frame.h"
#include "common/proto/keys.h"
#include "services/utils/doctor/announce.h"
#include "services/utils/doctor/check.h"
#include "services/utils/doctor/web.h"

/*
 * A session through the relay, announced by hbbs: two connections with one
 * uuid, and a frame that must come out at the other end. Anything less would
 * not notice a key that the relay refuses: it then closes without a word.
 */
static int join(struct link *l, struct doctor *d, char *uuid, bool controller)
{
	static char id[] = "doctor", none[] = "";
	Hbb__RequestRelay relay = HBB__REQUEST_RELAY__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	int r = link_open(l, &d->relay_addrs, d->relay_port,
			  (unsigned)d->timeout_ms);

	if (r < 0)
		return r;
	relay.id = controller ? id : none;
	relay.uuid = uuid;
	relay.licence_key = d->public_key;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REQUEST_RELAY;
	m.request_relay = &relay;
	return link_send_message(l, &m);
}

static int pass_a_frame(struct doctor *d, char *uuid)
{
	static const uint8_t frame[] = { 4 << 2, 'p', 'i', 'n', 'g' };
	struct link a, b = { .fd = -1 };
	const uint8_t *body;
	size_t len;

	int r = join(&a, d, uuid, true);
	if (r == 0)
		r = join(&b, d, uuid, false);
	if (r == 0)
		r = link_send(&b, frame, sizeof(frame));
	if (r == 0)
		r = link_receive(&a, &body, &len);
	if (r == 0 && (len != 4 || memcmp(body, "ping", 4) != 0))
		r = -EPROTO;
	link_close(&a);
	link_close(&b);
	return r;
}

/* hbbs says no in words of its own. Another server's hbbs knows no test id and
 * needs no tickets: the relay itself tells more then. */
static bool announce_failed(struct doctor *d, char *uuid)
{
	char reason[ANNOUNCE_REASON];
	int r = announce_session(d, uuid, reason);

	if (r == -EACCES && strcmp(reason, "ID does not exist") == 0)
		return false;
	if (r == -EACCES && strcmp(reason, "Key mismatch") == 0)
		doctor_fail(d, "session",
			    "hbbs refuses the key %s. Give the clients the "
			    "content of its id_ed25519.pub.",
			    d->public_key[0] ? d->public_key : "\"\"");
	else if (r == -EACCES && !d->token[0])
		doctor_fail(d, "session",
			    "hbbs says: \"%s\". Where users must be signed in, "
			    "give "
			    "the access token of one by --token-file.",
			    reason);
	else if (r == -EACCES)
		doctor_fail(
			d, "session",
			"hbbs says: \"%s\". Give the token of a user that may "
			"connect.",
			reason);
	else if (r == -EKEYREJECTED)
		return true; /* the check of the server's key tells it */
	return r == -EACCES;
}

void check_relay(struct doctor *d)
{
	char uuid[37];

	keys_uuid4(uuid);
	if (announce_failed(d, uuid))
		return;
	int r = pass_a_frame(d, uuid);

	if (r == 0)
		doctor_ok("session", "data passes through the relay");
	else if (r == -ECONNRESET || r == -EPIPE)
		doctor_fail(d, "session",
			    "the relay closed the connection. Either its key "
			    "is not %s, or it does not share Redis with hbbs, "
			    "which announces sessions there.",
			    d->public_key[0] ? d->public_key : "empty");
	else
		doctor_fail(d, "session",
			    "no data passes through the relay on TCP %u (%s). "
			    "Start hbbr and let the port through the firewall.",
			    d->relay_port, strerror(-r));
}

static void check_path(struct doctor *d, const char *path, const char *service)
{
	const struct web_ask ask = { .host = d->host,
				     .port = d->https_port,
				     .path = path,
				     .timeout_ms = (unsigned)d->timeout_ms,
				     .upgrade = true,
				     .insecure = d->insecure };
	struct web_answer t;
	int r = web_get(&ask, &t);

	if (r < 0) {
		doctor_fail(d, "wss",
			    "TCP %u: %s. Start nginx and let the port through "
			    "the firewall; only clients that use WebSocket "
			    "need it.",
			    d->https_port, strerror(-r));
		return;
	}
	if (!t.problem[0])
		doctor_ok("wss", "%s leads to %s%s", path, service,
			  t.untrusted ? " (certificate not trusted)" : "");
	else if (t.untrusted && !d->insecure)
		doctor_fail(d, "wss",
			    "%s: %s. Clients refuse it as well: install a "
			    "certificate for this name (--insecure checks the "
			    "rest).",
			    path, t.problem);
	else
		doctor_fail(d, "wss",
			    "%s: %s. The web server must pass %s to %s as a "
			    "WebSocket.",
			    path, t.problem, path, service);
}

void check_wss(struct doctor *d)
{
	check_path(d, "/ws/id", "hbbs");
	check_path(d, "/ws/relay", "hbbr");
}
