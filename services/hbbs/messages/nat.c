#include "services/hbbs/messages/nat.h"

#include <string.h>

struct step nat_test(struct core *c, struct request *q,
		     const union result *unused)
{
	Hbb__TestNatResponse r = HBB__TEST_NAT_RESPONSE__INIT;
	Hbb__ConfigUpdate cu = HBB__CONFIG_UPDATE__INIT;
	struct client *client = q->from.client;
	(void)unused;

	r.port = q->from.source.port;
	/* Not over UDP: the answer must stay smaller than twice the question.
	 */
	if (client && client->port == PORT_MAIN &&
	    c->rules->serial > q->m->test_nat_request->serial) {
		cu.serial = c->rules->serial;
		cu.n_rendezvous_servers = c->rules->nservers;
		cu.rendezvous_servers = c->rules->servers;
		r.cu = &cu;
	}
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_RESPONSE;
	m.test_nat_response = &r;
	core_reply(c, q, &m);
	if (client)
		core_close(c, client, "done");
	return way_end();
}

/* "https://host/path/rustdesk-1.2.3-x86.exe" names version "1.2.3". */
static size_t version_in(const char *url, const char **version)
{
	const char *name = strrchr(url, '/');
	name = !name ? url : name + 1;
	const char *dash = strchr(name, '-');
	*version = !dash ? "" : dash + 1;
	return strcspn(*version, "-");
}

struct step nat_software_update(struct core *c, struct request *q,
				const union result *unused)
{
	const char *version;
	const char *url = c->rules->software_url;
	size_t len = version_in(url, &version);
	const char *has = q->m->software_update->url;
	(void)unused;

	if (len == 0 || (strlen(has) == len && memcmp(has, version, len) == 0))
		return way_end();
	/* The answer is longer than the question, and whose address it came
	 * from nobody knows: too seldom to be of use to an attacker. */
	if (!limits_allow(&c->limits, LIMIT_UPDATE, &q->from.source, c->now_ms))
		return way_end();
	Hbb__SoftwareUpdate su = HBB__SOFTWARE_UPDATE__INIT;
	su.url = c->rules->software_url;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_SOFTWARE_UPDATE;
	m.software_update = &su;
	core_reply(c, q, &m);
	return way_end();
}
