#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/sock.h"
#include "common/proto/kx.h"
#include "services/utils/doctor/check.h"

enum { UDP_TRIES = 3 }; /* datagrams get lost */

static unsigned timeout_of(const struct doctor *d)
{
	return (unsigned)d->timeout_ms;
}

void check_ports(struct doctor *d)
{
	const struct {
		const char *what;
		const struct link_host *host;
		uint16_t port;
		const char *todo;
	} ports[] = {
		{ "api", &d->addrs, (uint16_t)(d->port - 2),
		  "accounts and address books need it, unless they come "
		  "through HTTPS" },
		{ "nat test", &d->addrs, (uint16_t)(d->port - 1),
		  "without it sessions are relayed that could be direct" },
		{ "signalling", &d->addrs, d->port,
		  "no client can connect without it" },
		{ "relay", &d->relay_addrs, d->relay_port,
		  "sessions that cannot be direct need it" },
		{ "id ws", &d->addrs, (uint16_t)(d->port + 2),
		  "clients that use WebSocket need it, unless they come "
		  "through HTTPS" },
		{ "relay ws", &d->relay_addrs, (uint16_t)(d->relay_port + 2),
		  "clients that use WebSocket need it, unless they come "
		  "through HTTPS" },
	};
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		struct link l;
		int r = link_open(&l, ports[i].host, ports[i].port,
				  timeout_of(d));
		if (r == 0)
			doctor_ok(ports[i].what, "TCP %u is open",
				  ports[i].port);
		else
			doctor_fail(d, ports[i].what,
				    "TCP %u: %s. Start the service and let "
				    "TCP %u through the firewall: %s.",
				    ports[i].port, strerror(-r), ports[i].port,
				    ports[i].todo);
		link_close(&l);
	}
}

/* One question and answer by datagram; TRIES times. 0 or -errno. */
static int ask_by_udp(const struct addr *to, unsigned timeout_ms,
		      const Hbb__RendezvousMessage *m,
		      Hbb__RendezvousMessage__UnionCase want)
{
	uint8_t bytes[WIRE_DATAGRAM_MAX];
	struct sockaddr_storage sa;
	socklen_t len =
		addr_to_sockaddr(to, addr_is_v4(to) ? AF_INET : AF_INET6, &sa);
	size_t size = wire_pack(m, bytes);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : -ETIMEDOUT;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) < 0)
		r = -errno;
	for (int i = 0; i < UDP_TRIES && r == -ETIMEDOUT; i++) {
		struct wire_arena arena;
		uint8_t answer[WIRE_DATAGRAM_MAX];
		if (send(fd, bytes, size, 0) < 0 ||
		    link_await(fd, false, timeout_ms / UDP_TRIES) < 0)
			continue;
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		if (n < 0) {
			r = -errno;
			continue;
		}
		Hbb__RendezvousMessage *a =
			wire_unpack(&arena, answer, (size_t)n);
		if (a && a->union_case == want)
			r = 0;
		wire_release(&arena);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

/* Does an answer come that the client drops, because another address sends it?
 * True, and FROM. */
static bool answered_from_elsewhere(const struct addr *to, unsigned timeout_ms,
				    const Hbb__RendezvousMessage *m,
				    struct addr *from)
{
	uint8_t bytes[WIRE_DATAGRAM_MAX];
	struct sockaddr_storage sa;
	socklen_t len =
		addr_to_sockaddr(to, addr_is_v4(to) ? AF_INET : AF_INET6, &sa);
	size_t size = wire_pack(m, bytes);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = false;

	if (fd >= 0 &&
	    sendto(fd, bytes, size, 0, (struct sockaddr *)&sa, len) >= 0 &&
	    link_await(fd, false, timeout_ms) == 0) {
		len = sizeof(sa);
		found = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT,
				 (struct sockaddr *)&sa, &len) > 0;
		*from = addr_from_sockaddr((struct sockaddr *)&sa);
		found = found && !addr_same_ip(from, to);
	}
	if (fd >= 0)
		close(fd);
	return found;
}

static void udp_failed(struct doctor *d, const Hbb__RendezvousMessage *m, int r)
{
	char elsewhere[ADDR_TEXT_MAX], asked[ADDR_TEXT_MAX];
	struct addr from;

	for (size_t i = 0; i < d->addrs.n; i++) {
		struct addr to = d->addrs.addrs[i];
		to.port = d->port;
		if (!answered_from_elsewhere(&to, timeout_of(d) / UDP_TRIES, m,
					     &from))
			continue;
		doctor_fail(d, "udp",
			    "UDP %u of %s answers from %s, which clients and "
			    "firewalls drop. Give hbbs the address that "
			    "clients use as BIND, or mend the route back.",
			    d->port, addr_format_ip(&to, asked),
			    addr_format_ip(&from, elsewhere));
		return;
	}
	doctor_fail(d, "udp",
		    "UDP %u: %s. Let UDP %u through the firewall as "
		    "well as TCP: devices register over it.",
		    d->port, strerror(-r), d->port);
}

void check_udp(struct doctor *d)
{
	/* The id of the servers' own self-test: it is answered and never
	 * stored. */
	static char id[] = "(:test_hbbs:)";
	Hbb__RegisterPeer peer = HBB__REGISTER_PEER__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	int r = -EHOSTUNREACH;

	peer.id = id;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER;
	m.register_peer = &peer;
	for (size_t i = 0; i < d->addrs.n && r < 0; i++) {
		struct addr to = d->addrs.addrs[i];
		to.port = d->port;
		r = ask_by_udp(
			&to, timeout_of(d), &m,
			HBB__RENDEZVOUS_MESSAGE__UNION_REGISTER_PEER_RESPONSE);
	}
	if (r == 0)
		doctor_ok("udp", "UDP %u answers registrations", d->port);
	else
		udp_failed(d, &m, r);
}

/* Does one message of KIND come, behind an offer of encryption or not? */
static int await_kind(struct link *l, Hbb__RendezvousMessage__UnionCase kind)
{
	for (int i = 0; i < 2; i++) {
		struct wire_arena arena;
		const uint8_t *body;
		size_t len;
		int r = link_receive(l, &body, &len);
		if (r < 0)
			return r;
		Hbb__RendezvousMessage *m = wire_unpack(&arena, body, len);
		Hbb__RendezvousMessage__UnionCase got =
			m ? m->union_case
			  : HBB__RENDEZVOUS_MESSAGE__UNION__NOT_SET;
		wire_release(&arena);
		if (got == kind)
			return 0;
		if (got != HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE)
			return -EPROTO;
	}
	return -EPROTO;
}

static int test_nat(struct doctor *d, uint16_t port)
{
	Hbb__TestNatRequest nat = HBB__TEST_NAT_REQUEST__INIT;
	Hbb__RendezvousMessage m = HBB__RENDEZVOUS_MESSAGE__INIT;
	struct link l;
	int r = link_open(&l, &d->addrs, port, timeout_of(d));

	nat.serial = 3;
	m.union_case = HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_REQUEST;
	m.test_nat_request = &nat;
	if (r == 0)
		r = link_send_message(&l, &m);
	if (r == 0)
		r = await_kind(
			&l, HBB__RENDEZVOUS_MESSAGE__UNION_TEST_NAT_RESPONSE);
	link_close(&l);
	return r;
}

void check_signal(struct doctor *d)
{
	const uint16_t ports[] = { (uint16_t)(d->port - 1), d->port };

	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		int r = test_nat(d, ports[i]);
		if (r == 0)
			doctor_ok("protocol", "TCP %u speaks RustDesk",
				  ports[i]);
		else
			doctor_fail(d, "protocol",
				    "TCP %u gives no NAT test answer (%s). "
				    "Something else listens there, or a proxy "
				    "in front does not pass TCP unchanged.",
				    ports[i], strerror(-r));
	}
}

/* Says nothing and waits: the server signs its offer with its key. */
static int receive_offer(struct doctor *d, const uint8_t pk[static KEYS_PK])
{
	struct wire_arena arena;
	struct link l;
	const uint8_t *body;
	size_t len;
	int r = link_open(&l, &d->addrs, d->port, timeout_of(d));

	if (r == 0)
		r = link_receive(&l, &body, &len);
	if (r == 0) {
		Hbb__RendezvousMessage *m = wire_unpack(&arena, body, len);
		r = m && m->union_case == HBB__RENDEZVOUS_MESSAGE__UNION_KEY_EXCHANGE
			    ? kx_check(m->key_exchange, pk)
			    : -EPROTO;
		wire_release(&arena);
	}
	link_close(&l);
	return r;
}

void check_offer(struct doctor *d)
{
	struct keys k;

	if (keys_from_public_text(&k, d->public_key) < 0) {
		doctor_fail(d, "server key",
			    "not checked: no valid public key is known. "
			    "Clients connect without encryption then.");
		return;
	}
	int r = receive_offer(d, k.pk);
	if (r == 0)
		doctor_ok("server key", "the server signs with this key");
	else if (r == -EKEYREJECTED)
		doctor_fail(d, "server key",
			    "the server signs with another key than %s. Give "
			    "the clients the content of its id_ed25519.pub.",
			    d->public_key);
	else
		doctor_fail(d, "server key",
			    "the server offers no encryption (%s). Clients "
			    "that are logged in cannot connect; hbbs needs its "
			    "secret key, not a literal KEY.",
			    strerror(-r));
}
