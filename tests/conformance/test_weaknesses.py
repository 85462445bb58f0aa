"""Weaknesses of the reference (section 6.9) that no numbered case covers.

docs/security.md lists every weakness with what is done and the test of it.
"""

import contextlib
import socket
import struct
import subprocess
import time

import pytest

import frame
import mangle
import net
import pb
from link import Closed, Timeout, wait_until
from profiles import PROXY, TRUSTED
from servers import Profile

REGISTER = {"register_pk": {"id": "", "uuid": b"machine", "pk": bytes(32)}}
# Every member a datagram may carry, as short as it gets.
SHORT = [
    {"register_peer": {"id": "123456"}}, {"register_peer": {}},
    {"register_pk": {"id": "123456", "uuid": b"u", "pk": bytes(32)}},
    {"register_pk": {"id": "1", "uuid": b"u", "pk": b"p"}},
    {"punch_hole_request": {"id": "123456"}}, {"punch_hole": {}},
    {"punch_hole_sent": {"id": "123456"}}, {"fetch_local_addr": {}},
    {"local_addr": {"id": "123456"}}, {"configure_update": {"serial": 9}},
    {"test_nat_request": {"serial": 0}}, {"request_relay": {"id": "123456"}},
    {"relay_response": {"id": "123456"}},
    {"online_request": {"id": "123456", "peers": ["123456"] * 9}},
    {"key_exchange": {"keys": [b"k"]}}, {"software_update": {"url": ""}},
]


def received(udp, seconds=0.3):
    """Bytes that arrive within SECONDS."""
    total, end = 0, time.monotonic() + seconds
    while True:
        try:
            total += len(udp.recv(end - time.monotonic()))
        except Timeout:
            return total


# ---- W22: reflection, amplification -----------------------------------------

AGAIN = 20      # of each message, within a moment
AMPLIFIER = Profile(relay=False, hbbs={
    "SERIAL": "10", "SOFTWARE_URL": "https://s.example/" + "x" * 80 + "-9.9",
    "RENDEZVOUS_SERVERS": ",".join(f"198.51.100.{n}" for n in range(1, 9))})


def test_w22_no_stranger_gets_more_bytes_than_it_sent(case):
    """From an address that has proved nothing, whatever the message; but for
    the four bytes of the NAT test's answer that are the port asked for. A
    datagram costs 28 bytes of headers in each direction besides."""
    case.need_own_server()
    site = case.private_site(AMPLIFIER)
    headers = 28
    for member in SHORT:
        udp = site.udp()
        sent = AGAIN * (headers + len(pb.rendezvous(**member)))
        for _ in range(AGAIN):
            udp.send_msg(**member)
        got = 0
        end = time.monotonic() + 0.3
        with contextlib.suppress(Timeout):
            while True:
                got += headers + len(udp.recv(end - time.monotonic()))
        port = 4 * AGAIN if "test_nat_request" in member else 0
        assert got <= sent + port, f"{member}: {sent} bytes in, {got} out"


def test_w22_an_answer_goes_to_who_asked_and_nowhere_else(case):
    """Addresses inside a message are not written to by UDP."""
    site = case.site()
    victim, attacker = site.udp(), site.udp()
    address = mangle.encode(*victim.address)
    for member in ("punch_hole_sent", "local_addr", "punch_hole",
                   "relay_response", "fetch_local_addr", "request_relay"):
        attacker.send_msg(**{member: {"socket_addr": address}})
    assert received(victim) == 0


# ---- W18: errors of sending --------------------------------------------------

def test_w18_an_unreachable_address_disturbs_nobody(case):
    """sendmmsg() fails for one peer: the socket stays, the others get theirs
    at once."""
    case.need_own_server()
    site = case.private_site(Profile(relay=False))
    bad, good = site.udp(), site.udp()
    rule = ["OUTPUT", "-p", "udp", "-d", bad.address[0], "-j", "DROP"]

    def firewall(action):
        subprocess.run(case.lab.network.command(
            ["iptables", "-w", action, *rule]), check=True)
    firewall("-I")
    try:
        for _ in range(20):
            bad.send_msg(test_nat_request={})
            assert good.ask("test_nat_response",
                            test_nat_request={}).port == good.address[1]
    finally:
        firewall("-D")
    assert received(bad, 0.2) == 0
    bad.ask("test_nat_response", test_nat_request={})


# ---- W23, limits by network ---------------------------------------------------

def test_w23_an_ipv6_network_is_one_address_to_the_limits(case):
    """Look-ups of ids that do not exist, each from another address of a /64:
    as many as from one."""
    site = case.site("probe")
    network = net.fresh6().rsplit("::", 1)[0]
    limited = 0
    for n in range(1, 160):
        a = site.punch(case.new_id(), f"{network}::{n:x}")
        with contextlib.suppress(Timeout, Closed):
            answer = a.expect("punch_hole_response", 3)
            limited += answer.other_failure != ""
        a.close()
    assert limited > 20
    assert site.failure(case.new_id()) == "5a00"    # others may still ask


# ---- W20: who sends slowly ----------------------------------------------------

LORIS = {
    "nat": b"\x28\x01", "tcp": b"\x28\x01", "relay": b"\x28\x01",
    "ws": b"GET /ws/id HTTP/1.1\r\n", "relay_ws": b"GET / HTTP/1.1\r\n",
}


@pytest.mark.slow
def test_w20_a_byte_now_and_then_does_not_hold_a_connection(case):
    """On every TCP port: a message that never becomes whole, a byte every
    two seconds, ends at the deadline."""
    site = case.site()
    ports = {"nat": site.port - 1, "tcp": site.port,
             "relay": site.relay_port, "ws": site.port + 2,
             "relay_ws": site.relay_port + 2}
    slow = {name: socket.create_connection(
        (site.host("", name.startswith("relay")), port), 5)
        for name, port in ports.items()}
    bytes_of = {name: iter(start + b"X-A: " + b"a" * 60)
                for name, start in LORIS.items()}
    end = time.monotonic() + 50
    while slow:
        assert time.monotonic() < end, f"still open: {list(slow)}"
        for name, s in list(slow.items()):
            if _ended_after(s, next(bytes_of[name])):
                slow.pop(name).close()
        time.sleep(2)


def _ended_after(s, byte):
    """Sends BYTE; whether the other side has closed by now."""
    s.settimeout(0.05)
    try:
        s.sendall(bytes([byte]))
        while s.recv(4096):
            pass
        return True
    except Timeout:
        return False
    except OSError:
        return True


# ---- W6: proxies --------------------------------------------------------------

PROXIED = Profile(hbbs={"PROXY_PROTOCOL": TRUSTED["TRUSTED_PROXIES"]},
                  hbbr={"PROXY_PROTOCOL": TRUSTED["TRUSTED_PROXIES"]})
CLAIMED = "192.0.2.77"


def header(version):
    if version == 1:
        return f"PROXY TCP4 {CLAIMED} {net.SERVER4} 4711 1\r\n".encode()
    return (b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H", 12) +
            socket.inet_aton(CLAIMED) + socket.inet_aton(net.SERVER4) +
            struct.pack("!HH", 4711, 1))


@pytest.fixture(scope="module")
def proxied(lab):
    if lab.remote or lab.reference:
        pytest.skip("needs a server of our own")
    stack = lab.private_stack(PROXIED).start()
    yield stack
    stack.stop()


class _Behind:
    """The ports of a stack as a proxy at PROXY opens them."""

    def __init__(self, stack, source):
        self.stack, self.source = stack, source

    def open(self, port, data):
        s = net.bound(socket.SOCK_STREAM, self.source)
        s.settimeout(5)
        s.connect((net.SERVER4, port))
        s.sendall(data)
        return s


def framed(**member):
    return frame.encode(pb.rendezvous(**member))


def answer_of(s):
    """The first message that is not the server's KeyExchange."""
    buffer = bytearray()
    while True:
        while (piece := frame.split(buffer)) is None:
            data = s.recv(4096)
            if not data:
                raise Closed("end of stream")
            buffer += data
        message = pb.parse(piece[1])
        if message.which() != "key_exchange":
            return message


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("offset", [-1, 0])
def test_w6_proxy_header_on_the_rendezvous_ports(case, proxied, version,
                                                 offset):
    """21115 and 21116: the NAT test says which port it saw."""
    ask = framed(test_nat_request={})
    s = _Behind(proxied, PROXY).open(proxied.port + offset,
                                     header(version) + ask)
    with s:
        message = answer_of(s)
        assert message.test_nat_response.port == 4711


@pytest.mark.parametrize("offset", [-1, 0])
def test_w6_proxy_header_of_a_stranger_is_no_header(case, proxied, offset):
    """It is read as a message, which it is not; without one, the stranger is
    served under its own address."""
    behind = _Behind(proxied, case.ip())
    with behind.open(proxied.port + offset,
                     header(1) + framed(test_nat_request={})) as s:
        with pytest.raises((Closed, ConnectionError, Timeout)):
            answer_of(s)
    with behind.open(proxied.port + offset,
                     framed(test_nat_request={})) as s:
        message = answer_of(s)
        assert message.test_nat_response.port == s.getsockname()[1]


UPGRADE = (b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
           b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("which", ["ws", "relay_ws", "relay"])
def test_w6_proxy_header_on_the_other_ports(case, proxied, which, version):
    """21117, 21118, 21119: the logs name the client, not the proxy."""
    port, log = {"ws": (proxied.port + 2, proxied.hbbs),
                 "relay_ws": (proxied.relay_port + 2, proxied.hbbr),
                 "relay": (proxied.relay_port, proxied.hbbr)}[which]
    first = framed(request_relay={"uuid": "", "licence_key": ""})
    before = log.text().count(CLAIMED)
    with _Behind(proxied, PROXY).open(
            port, header(version) + (
                first if which == "relay" else UPGRADE)) as s:
        if which != "relay":
            assert b" 101 " in s.recv(4096)
            # a masked binary message that is no message
            s.sendall(b"\x82\x82\0\0\0\0\xff\xff")
            with contextlib.suppress(OSError):
                s.recv(4096)
        wait_until(lambda: log.text().count(CLAIMED) > before, 20)


# ---- W25, W29 -------------------------------------------------------------------

def test_w25_a_slow_redis_holds_up_no_registered_peer(case):
    """Redis stands still; heartbeats are answered meanwhile."""
    case.need_own_server()
    site = case.private_site(Profile(relay=False))
    b = site.udp()
    peer_id = case.new_id()
    b.ask("register_pk_response", register_pk={
        **REGISTER["register_pk"], "id": peer_id})
    redis = site.stack.redis.process.child
    redis.send_signal(19)
    try:
        site.udp().send_msg(register_pk={
            **REGISTER["register_pk"], "id": case.new_id()})
        for _ in range(10):
            began = time.monotonic()
            answer = b.ask("register_peer_response",
                           register_peer={"id": peer_id})
            assert not answer.request_pk
            assert time.monotonic() - began < 1
    finally:
        redis.send_signal(18)


def test_w25_stopping_while_redis_stands_still(case):
    """What Redis has not answered then is for nobody any more."""
    case.need_own_server()
    site = case.private_site(Profile(relay=False))
    redis = site.stack.redis.process.child
    redis.send_signal(19)
    try:
        for _ in range(20):
            site.udp().send_msg(register_pk={
                **REGISTER["register_pk"], "id": case.new_id()})
        time.sleep(0.3)
        site.stack.hbbs.stop()      # fails unless it exits with 0
    finally:
        redis.send_signal(18)
