"""A server with several addresses answers from the one it was spoken to.

Behind a stateful firewall a device hears nothing else. The addresses are added
to the interface of the servers' namespace, which the suite has made.
"""

import contextlib

import pytest

import net
from link import WAIT, Udp, wait_until
from servers import Profile

FIRST = {4: net.SERVER4, 6: net.SERVER6}
SECOND = {4: "203.0.113.50", 6: "2001:db8::50"}
LENGTH = {4: 24, 6: 64}


def change(case, what, address):
    bits = LENGTH[6 if ":" in address else 4]
    nodad = " nodad" if ":" in address and what == "add" else ""
    network = case.lab.network
    with network.inside(network.servers):
        network._run(f"addr {what} {address}/{bits} dev veth1{nodad}")


@pytest.fixture(params=[4, 6])
def version(request):
    return request.param


@pytest.fixture
def second(case, version):
    """A second address of the server, while the test lasts."""
    case.need_own_server()
    change(case, "add", SECOND[version])
    yield SECOND[version]
    with contextlib.suppress(Exception):        # the test took it away
        change(case, "del", SECOND[version])


class Firewall(Udp):
    """A device's socket behind a stateful firewall: only who was spoken to
    is heard; what others send is kept."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.strangers = []

    def recv(self, wait=WAIT):
        data, address = self.recv_from(wait)
        if address != self.server:
            self.strangers.append(address)
            raise TimeoutError(f"from {address}, not {self.server}")
        return data

    def ask(self, name, wait=WAIT, **member):
        """Again, as clients do: the first may be lost while the neighbours of
        an address that is new are looked for."""
        for _ in range(3):
            with contextlib.suppress(TimeoutError):
                return super().ask(name, wait / 4, **member)
            assert not self.strangers, self.strangers
        return super().ask(name, wait / 4, **member)


def device_at(site, case, version, address):
    """A device that has registered at ADDRESS of the server."""
    source = case.ip() if version == 4 else case.ip6()
    device = site.device(source=source)
    device.link.close()
    device.link = site.keep(Firewall((address, site.port), source))
    # As clients do, again: the first may be lost while the neighbours of an
    # address that is new are looked for.
    for _ in range(2):
        with contextlib.suppress(TimeoutError):
            return device.register()
    return device.register()


def test_answers_and_pushes_come_from_the_address_spoken_to(
        case, version, second):
    site = case.site()
    for address in (second, FIRST[version], second):
        device = device_at(site, case, version, address)
        a = site.punch(device.id)
        device.push("punch_hole")
        a.close()
        assert not device.link.strangers


def test_the_nat_test_answers_from_the_address_spoken_to(
        case, version, second):
    site = case.site()
    for address in (FIRST[version], second):
        source = case.ip() if version == 4 else case.ip6()
        link = site.keep(Firewall((address, site.port), source))
        assert link.ask("test_nat_response",
                        test_nat_request={}).port == link.address[1]


def test_a_floating_address_that_has_gone_loses_no_push(
        case, version, second):
    """The kernel's choice is better than silence."""
    site = case.site()
    device = device_at(site, case, version, second)
    change(case, "del", second)
    a = site.punch(device.id)
    wait_until(lambda: device.link.strangers)
    assert device.link.strangers[0][0] == FIRST[version]
    a.close()
    change(case, "add", second)         # it floats back
    device.link.strangers.clear()
    a = site.punch(device.id)
    device.push("punch_hole")
    a.close()


def test_a_restarted_server_pushes_from_the_address_spoken_to(
        case, version, second):
    """From the presence in Redis, before the device's next heartbeat."""
    site = case.private_site(Profile(relay=False))
    device = device_at(site, case, version, second)
    redis = site.stack.redis

    def number():
        for key in redis.command("KEYS", "seen:????"):
            value = redis.command("HGET", key, device.id)
            if value and value[0] == 2:
                return value[12]
        return 0
    wait_until(number, 15)
    site.stack.hbbs.child.kill()
    site.stack.hbbs.child.wait()
    site.stack.hbbs.child = None
    site.stack.hbbs.start()
    site.stack.await_hbbs()
    a = site.punch(device.id)
    device.push("punch_hole")
    a.close()
    assert not device.link.strangers


def test_a_server_bound_to_one_address_serves_it(case, second, version):
    site = case.private_site(Profile(relay=False, hbbs={"BIND": second}),
                             start=False)
    stack = site.stack
    stack.redis.start()
    stack.hbbs.start()
    wait_until(lambda: stack.ops(stack.hbbs, "/readyz")[0] == 200, 20)
    assert not device_at(site, case, version, second).link.strangers
