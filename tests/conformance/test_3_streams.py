"""Section 8.3: TCP and WebSocket registration, cases 45 to 56."""

import time

import pytest

import pb
import ws
from link import Closed, wait_until

MISMATCH = "8201020802"
OFFLINE = "5a021802"


def test_case_045_registration_over_secure_tcp(case):
    """E | TCP 21116: KeyExchange, RegisterPk |
    OK with keep_alive > 0, encrypted with nonce 1"""
    device = case.site().device(mode="tcp")
    device.register_pk()
    answer = device.link.expect("register_pk_response")
    assert answer.result == 0 and answer.keep_alive > 0
    assert device.link.channel.received == 1


@pytest.mark.slow
def test_case_046_heartbeats_on_tcp(case):
    """E | stay silent after 45, echoing empty frames | empty frame at least
    every keep_alive s, raw 00 byte, not encrypted; online > 5 min"""
    site = case.site()
    device = site.device(mode="tcp").register()
    start = time.monotonic()
    life = 310 if case.lab.options.long else 100
    while time.monotonic() - start < life:
        time.sleep(1)
        assert device.ended is None, device.ended
    beats = [start, *device.heartbeats, time.monotonic()]
    gaps = [b - a for a, b in zip(beats, beats[1:])]
    assert max(gaps) <= device.keep_alive * 1.1, gaps
    assert device.link.head == b"\0"
    assert site.online(device.id) == [True]
    assert device.link.channel.received == 1


@pytest.mark.slow
def test_case_047_no_echo(case):
    """E | as 46 without echoing |
    server marks offline and closes within 2 x keep_alive"""
    site = case.site()
    device = site.device(mode="tcp", echo=False).register()
    assert site.online(device.id) == [True]
    wait_until(lambda: device.ended is not None, 2 * device.keep_alive + 3)
    wait_until(lambda: site.online(device.id) == [False], 3)


def test_case_048_push_over_tcp(case):
    """E | PunchHoleRequest for the TCP-registered id | encrypted PunchHole
    on that connection (next nonce), nothing on UDP"""
    site = case.site()
    device = site.device(mode="tcp").register()
    udp = site.udp(device.source)
    site.punch(device.id)
    device.push("punch_hole")
    assert device.link.channel.received == 2
    udp.expect_quiet(0.3)


def test_case_049_registration_over_websocket(case):
    """E | WS 21118 RegisterPk |
    OK, plaintext binary; no KeyExchange ever sent on WS"""
    device = case.site().device(mode="ws")
    device.register_pk()
    message = pb.parse(device.link.recv())
    assert message.which() == "register_pk_response"
    assert message.register_pk_response.result == 0
    assert message.register_pk_response.keep_alive > 0
    assert device.link.opcode == ws.BINARY
    device.link.expect_quiet(1)
    assert device.link.hello is None


@pytest.mark.slow
def test_case_050_heartbeat_on_websocket(case):
    """E | heartbeat on WS |
    empty binary message (ping frames alone are a failure)"""
    device = case.site().device(mode="ws").register()
    wait_until(lambda: len(device.heartbeats) >= 2,
               2 * device.keep_alive + 3)
    assert device.link.opcode == ws.BINARY
    assert device.ended is None


def test_case_051_same_id_and_uuid_again(case):
    """E | second connection registers same id and uuid |
    newest gets pushes, old closed"""
    site = case.site()
    first = site.device(mode="tcp").register()
    second = site.device(first.id, first.source, mode="tcp", uuid=first.uuid,
                         signer=first.signer).register()
    wait_until(lambda: first.ended is not None)
    assert isinstance(first.ended, Closed)
    site.punch(second.id)
    second.push("punch_hole")
    first.no_push(0)


def test_case_052_same_id_other_uuid(case):
    """E | second connection registers same id, other uuid | UUID_MISMATCH,
    first unaffected; a new id on the same connection succeeds"""
    site = case.site()
    first = site.device(mode="tcp").register()
    second = site.device(first.id, mode="tcp", uuid=b"another")
    second.register_pk()
    answer = second.link.recv_msg()
    assert answer.register_pk_response.result == 2, answer
    second.id = case.new_id()
    second.register()
    assert site.online(first.id, second.id) == [True, True]
    site.punch(first.id)
    first.push("punch_hole")
    site.punch(second.id)
    second.push("punch_hole")


@pytest.mark.slow
def test_case_053_no_heartbeat_before_registration(case):
    """E | TCP connection that has not registered |
    receives no empty frame within 60 s"""
    site = case.site()
    device = site.device().register()
    idle, asking = site.tcp(), site.punch(device.id)
    end = time.monotonic() + 60
    for server in (idle, asking):
        try:
            message = server.recv_msg(end - time.monotonic())
        except (Closed, TimeoutError):
            continue
        raise AssertionError(f"unexpected {message}")


def test_case_054_registration_refused(case):
    """R | reference profile: RegisterPk over TCP/WS |
    NOT_SUPPORT (8201020806), close"""
    case.not_for("ours registers over TCP and WS, cases 45 to 49")
    site = case.site()
    for server in (site.tcp(), site.ws()):
        server.send_msg(register_pk={"id": case.new_id(), "uuid": b"u",
                                     "pk": bytes(32)})
        assert server.recv_msg().encode().hex() == "8201020806"
        server.expect_closed()


def test_case_055_connection_reset(case):
    """E | kill the TCP connection (RST) |
    offline at once for query and PHR"""
    site = case.site()
    device = site.device(mode="tcp")
    device.register_pk()
    device.link.expect("register_pk_response")
    assert site.online(device.id) == [True]
    device.link.reset()
    wait_until(lambda: site.online(device.id) == [False], 1)
    assert site.failure(device.id) == OFFLINE


def test_case_056_later_path(case):
    """E | id registered by UDP, then also by TCP |
    pushes go by the later path"""
    site = case.site()
    by_udp = site.device().register()
    by_tcp = site.device(by_udp.id, by_udp.source, mode="tcp",
                         uuid=by_udp.uuid, signer=by_udp.signer).register()
    site.punch(by_udp.id)
    by_tcp.push("punch_hole")
    by_udp.no_push(0.3)
    by_udp.register_pk()
    assert by_udp.results.get(timeout=5).result == 0
    site.punch(by_udp.id)
    by_udp.push("punch_hole")
    by_tcp.no_push(0.3)
