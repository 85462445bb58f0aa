"""What is refused, skipped or capped at the edge, on live servers."""

import contextlib
import re
import time

import pytest

import profiles
import ws
from link import Closed
from servers import Profile
from test_1_framing import assert_alive
from test_7_hbbr import assert_pairs
from test_9_operations import seen_address

GROUP = bytes.fromhex("9b060a03616263100a0b0c9c06")     # of field 99
TLS_HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(501)
PROXY_1 = b"PROXY TCP4 198.51.100.7 203.0.113.1 40000 21116\r\n"
PROXY_2 = bytes.fromhex(
    "0d0a0d0a000d0a515549540a2111000cc6336407cb0071019c40527c")
HALF_OPEN, HALF_OPEN_PER_IP = 2048, 256


@pytest.fixture
def site(case):
    return case.private_site(Profile())


def metric(site, process, name):
    text = site.stack.ops(process, "/metrics")[1]
    return int(re.search(rf"^{re.escape(name)} (\d+)$", text, re.M)[1])


def wait_for(what, *arguments):
    """Polls until WHAT(*arguments) is true."""
    end = time.monotonic() + 30
    while not what(*arguments):
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


def read_to_end(opened):
    """hbbs says hello first."""
    with pytest.raises(Closed):
        while True:
            opened.fill(5)


def test_group_of_an_unknown_field_is_skipped(case):
    site = case.site()
    peer_id = case.new_id()
    body = b"2" + bytes([len(peer_id) + 2]) + b"\n" + bytes(
        [len(peer_id)]) + peer_id.encode()
    for message in (GROUP + body, body + GROUP):
        udp = site.udp()
        udp.send(message)
        assert udp.expect("register_peer_response").request_pk


def test_lone_empty_frame_at_the_relay_closes_at_once(case):
    opened = case.site().relay()
    opened.send_raw(b"\0")
    opened.expect_closed(5)


@pytest.mark.parametrize("what, data", [
    ("tls_hello", TLS_HELLO), ("proxy_header", PROXY_1),
    ("proxy_header", PROXY_2)])
def test_other_protocols_are_closed_and_counted(case, site, what, data):
    """On every port that does not expect them."""
    for process, ports in (
            ("hbbs", (site.port, site.port - 1, site.port + 2)),
            ("hbbr", (site.relay_port, site.relay_port + 2))):
        running = getattr(site.stack, process)
        name = f'{process}_foreign_protocol_total{{reason="{what}"}}'
        for port in ports:
            before = metric(site, running, name)
            opened = site.stream(port)
            opened.send_raw(data)
            read_to_end(opened)
            wait_for(lambda n: metric(site, running, name) == n, before + 1)


def half_open(site, source, port, head=12000):
    opened = site.stream(port, source)
    opened.send_raw(b"GET / HTTP/1.1\r\nCookie: " + b"x" * head)
    return opened


def test_half_open_websockets_crowd_each_other_out(case, site):
    """At the cap, and one beyond: the oldest goes, and honest ones come."""
    for name, process, port in (
            ("hbbs", site.stack.hbbs, site.port + 2),
            ("hbbr", site.stack.hbbr, site.relay_port + 2)):
        before = process.memory()
        opened = []
        for _ in range(HALF_OPEN // HALF_OPEN_PER_IP):
            source = case.ip()
            opened += [half_open(site, source, port)
                       for _ in range(HALF_OPEN_PER_IP)]
            with pytest.raises(Closed):     # one more of this address
                half_open(site, source, port).fill(5)
        crowded = (f'{name}_websocket_refused_total'
                   '{reason="oldest_makes_room"}')
        wait_for(lambda: metric(site, process, f"{name}_websocket_half_open")
                 == HALF_OPEN)
        assert metric(site, process, crowded) == 0
        half_open(site, case.ip(), port)
        with pytest.raises(Closed):
            opened[0].fill(5)
        wait_for(lambda: metric(site, process, crowded) == 1)
        (site.ws if name == "hbbs" else site.relay_ws)().close()
        assert process.memory() - before < 256 << 20
        for one in opened:
            one.close()
    assert_alive(site)
    assert_pairs(site)


def test_unfinished_messages_have_one_budget(case):
    """BRIDGE_MEMORY counts them; who holds the most ends, nobody else."""
    site = case.private_site(Profile(hbbr={"BRIDGE_MEMORY": "32m"}))
    hbbr = site.stack.hbbr
    honest = site.paired("relay_ws", "relay_ws")
    before = hbbr.memory()
    greedy = []
    for _ in range(12):
        greedy.append(site.paired("relay_ws", "relay_ws"))
        with contextlib.suppress(Closed):
            greedy[-1][0].send_raw(ws.encode(
                ws.BINARY, bytes(8 << 20), fin=False))
    wait_for(lambda: metric(
        site, hbbr, 'hbbr_sessions_ended_total{reason="memory"}') > 0)
    ended = metric(site, hbbr, 'hbbr_sessions_ended_total{reason="memory"}')
    assert ended < 12
    assert 0 < metric(site, hbbr, "hbbr_bridge_buffer_bytes") <= 32 << 20
    assert hbbr.memory() - before < 96 << 20
    for one, two in (honest, honest[::-1]):
        one.send(b"still here")
        assert two.recv() == b"still here"
    for pair in greedy:
        for end in pair:
            end.close()
    for end in honest:
        end.close()
    wait_for(lambda: metric(site, hbbr, "hbbr_bridge_buffer_bytes") == 0)


def ask_signed_in(case, proto):
    site = case.site("proxied")
    device = site.device().register()
    a = site.ws(profiles.PROXY, headers=[
        ("X-Forwarded-For", case.ip()), *(
            [("X-Forwarded-Proto", proto)] if proto else [])])
    site.punch(device.id, over=a, token="secret")
    return device, a


def test_signed_in_client_without_tls_gets_a_sentence(case):
    """Nothing is encrypted: the token counts for nothing."""
    _, a = ask_signed_in(case, "http")
    failure = a.expect("punch_hole_response").other_failure
    assert "not encrypted" in failure


@pytest.mark.parametrize("proto", ["https", "https, http", None])
def test_signed_in_client_behind_tls_is_served(case, proto):
    device, _ = ask_signed_in(case, proto)
    assert device.push("punch_hole")


def test_chain_of_proxies_is_walked_from_the_right(case):
    """The site's own proxy writes X-Real-IP; it saw another proxy."""
    assert seen_address(
        case, profiles.PROXY, ("X-Real-IP", "10.7.0.1"),
        ("X-Forwarded-For", "198.51.100.7, 10.7.0.1")) == "198.51.100.7"
    assert seen_address(
        case, profiles.PROXY,
        ("Forwarded", 'for=6.6.6.6, for="198.51.100.8:47"')) == "198.51.100.8"
