"""Rules of the specification that its table of cases does not number."""

import os
import socket

import pytest

import frame
import mangle
import ws
from link import Closed, wait_until
from peer import random_uuid
from policy import Policy
from servers import Profile
from test_2_udp import (KNOWN, MISMATCH, OK, REQUEST_PK, register_peer,
                        register_pk)
from test_6_punch import SYMMETRIC, check_signed, punched
from test_7_hbbr import assert_pairs, request
from test_7_relay import request_relay

NO_RETRY = ("offline", "not exist", "not allowed")  # of a client's list


# ---- both -------------------------------------------------------------------

def test_a_banned_address_is_told_so_and_cut_until_the_ban_ends(case):
    site, source = case.site(), case.ip()
    policy, of = Policy(site.stack.redis), f"address {source}"

    def told():
        server = site.punch("1999999991", source)
        try:
            answer = server.expect("punch_hole_response")
        except (Closed, OSError):   # it was open when the ban came
            return False
        finally:
            server.close()
        return "is banned" in answer.other_failure

    def cut():
        try:
            half = site.relay(source)
            half.send(request(site, random_uuid()))
            half.recv(1)
        except TimeoutError:
            half.close()
            return False
        except (Closed, OSError):
            return True

    assert not told()
    policy.ban(of)
    try:
        wait_until(told, 20)
        wait_until(cut, 20)
        assert_pairs(site)      # others go on
    finally:
        policy.end_ban(of)
    wait_until(lambda: not told(), 20)
    wait_until(lambda: not cut(), 20)


# ---- hbbs -------------------------------------------------------------------

def test_a_copy_of_a_machine_is_told_to_take_another_id(case):
    """UUID_MISMATCH makes a client throw its id away (4.2): the copy alone is
    told so, by its address."""
    site = case.site()
    device = site.device().register()
    away = case.ip()
    copy, source = site.udp(away), site.udp(device.source)
    proof = {"uuid": device.uuid, "pk": device.signer.pk}
    assert register_pk(copy, device.id, **proof) == OK
    assert register_peer(copy, device.id) == KNOWN
    Policy(site.stack.redis).leave(device.id, away)
    wait_until(lambda: register_peer(copy, device.id) == REQUEST_PK, 20)
    assert register_pk(copy, device.id, **proof) == MISMATCH
    assert register_pk(source, device.id, **proof) == OK
    assert register_peer(source, device.id) == KNOWN
    assert register_pk(copy, case.new_id(), **proof) == OK


def test_no_key_exchange_without_a_signing_key(case):
    """A literal `-k` text signs nothing (5.2), so there is no hello."""
    site = case.private_site(Profile(hbbs={"KEY": "text"}, relay=False))
    with pytest.raises(TimeoutError):
        site.tcp().recv(1)


def test_limits_of_registration_hold_on_tcp(case):
    device = case.site().device(mode="tcp")
    results = []
    for _ in range(4):
        device.register_pk()
        results.append(device.link.expect("register_pk_response").result)
    assert results == [0, 0, 0, 4]


@pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
def test_registration_rejects_bad_ids_on_every_transport(case, mode):
    device = case.site().device(mode=mode)
    device.id = 'abc"def'
    device.register_pk()
    assert device.link.expect("register_pk_response").result == 5


def test_request_from_the_address_of_a_websocket_device(case):
    """FetchLocalAddr is for two peers that are both reached directly."""
    site = case.site()
    device = site.device(mode="ws").register()
    site.punch(device.id, device.source)
    device.push("punch_hole")


def test_two_attempts_at_once(case):
    """A client with UDP punching asks twice from one address."""
    site, source = case.site(), case.ip()
    device = site.device().register()
    attempts = [site.punch(device.id, source),
                site.punch(device.id, source, udp_port=40000)]
    pushes = [device.push("punch_hole") for _ in attempts]
    assert {mangle.decode(p.socket_addr) for p in pushes} == {
        a.address for a in attempts}
    for push in pushes:
        device.answer_punch(push)
    for a in attempts:
        assert a.expect("punch_hole_response").socket_addr


def test_always_use_relay_is_told_to_the_device(case):
    for same_ip in (False, True):
        _, _, _, push = punched(case, "always-relay", same_ip=same_ip)
        assert push.force_relay and push.nat_type == SYMMETRIC


def test_refusals_of_a_relay_say_why_in_words_that_stop_retries(case):
    site = case.site()
    gone = site.device(mode="tcp").register()
    gone.close()
    for peer_id in (gone.id, case.new_id()):
        a, _ = request_relay(site, peer_id)
        reason = a.expect("relay_response").refuse_reason.lower()
        assert [word for word in NO_RETRY if word in reason], reason


@pytest.mark.parametrize("kind", ["local_addr", "relay_response"])
def test_answers_for_another_id_are_ignored(case, kind):
    site, _, a, push = punched(case)
    c = site.device().register()
    if kind == "local_addr":
        c.answer_local(push)
    else:
        c.answer(relay_response={
            "socket_addr": push.socket_addr, "uuid": random_uuid(),
            "relay_server": push.relay_server, "id": c.id,
            "version": "1.4.9"})
    a.expect_quiet(0.5)


def test_oversized_v6_address_is_left_out(case):
    site, device, a, push = punched(case, socket_addr_v6=b"x" * 19)
    assert push.socket_addr_v6 == b""
    device.answer_punch(push, socket_addr_v6=b"x" * 40)
    answer = a.expect("punch_hole_response")
    assert answer.socket_addr_v6 == b""
    check_signed(site, device, answer.pk)


def test_what_must_not_reach_the_device_in_a_punch(case):
    """Nothing of A's request but what the device needs."""
    site = case.site()
    device = site.device().register()
    a = site.ws()
    site.punch(device.id, over=a, token="secret", switch_code="code")
    push = device.push("punch_hole")
    assert push.unknown == []
    assert b"secret" not in push.encode() and b"code" not in push.encode()


def test_online_query_of_a_thousand_peers(case):
    site = case.site()
    device = site.device().register()
    ids = [case.new_id() for _ in range(999)]
    assert site.online(*ids, device.id) == [False] * 999 + [True]


def test_device_moves_from_udp_to_tcp_and_back(case):
    site = case.site()
    device = site.device().register()
    device.close()
    for mode in ("tcp", "ws", "udp"):
        moved = site.device(device.id, device.source, mode=mode,
                            uuid=device.uuid, signer=device.signer)
        moved.register_pk()
        result = moved.link.expect("register_pk_response").result
        assert result in (0, 4)     # the third within 7 s is one too many
        if result == 0:
            moved.start()
            site.punch(device.id)
            moved.push("punch_hole")
            moved.close()


# ---- hbbr -------------------------------------------------------------------

def test_third_connection_cannot_join_a_pair(case):
    site, uuid = case.site(), random_uuid()
    one, two = site.paired(uuid=uuid)
    third = site.relay()
    third.send(request(site, uuid))
    third.send_raw(b"intruder")
    one.send(b"for two")
    two.send(b"for one")
    assert (one.recv(), two.recv()) == (b"for one", b"for two")
    try:
        third.fill(0.5)
    except (Closed, TimeoutError):
        return
    raise AssertionError(bytes(third.buffer))


def test_first_message_of_the_relay_is_bounded(case):
    site = case.site()
    for relay in (site.relay(), site.relay_ws()):
        with pytest.raises(Closed):
            relay.send(request(site, "u" * 100_000))
            relay.recv()


def test_empty_and_text_messages_are_not_relayed(case):
    site = case.site()
    for kind in ("relay", "relay_ws"):
        other, web = site.pair(kind, "relay_ws")
        web.send_raw(ws.encode(ws.TEXT, b"text"))
        web.send(b"")
        web.send(b"data")
        assert other.recv() == b"data"
    tcp, web = site.pair("relay", "relay_ws")
    tcp.send(b"")
    tcp.send(b"data")
    assert web.recv() == b"data"


def test_large_messages_cross_a_mixed_relay(case):
    """Beyond 4 MiB the TCP header takes its longest form."""
    tcp, web = case.site().paired("relay", "relay_ws")
    data = os.urandom(5 << 20)
    tcp.send(data)
    assert web.recv(20) == data
    web.send(data)
    assert tcp.recv(20) == data
    assert tcp.head == frame.header(len(data)) and len(tcp.head) == 4


def test_fragments_of_a_message_become_one_frame(case):
    tcp, web = case.site().paired("relay", "relay_ws")
    data = os.urandom(100_000)
    for piece in ws.fragments(ws.BINARY, data, [1, 70_000, 0]):
        web.send_raw(piece)
    assert tcp.recv() == data


def test_early_data_of_both_ends_of_a_mixed_relay(case):
    """Messages sent before the pairing arrive after it, in order."""
    site, uuid = case.site(), random_uuid()
    tcp, web = site.relay(), site.relay_ws()
    tcp.send_raw(frame.encode(request(site, uuid)) + frame.encode(b"one")
                 + frame.encode(b"two"))
    web.send_raw(ws.encode(ws.BINARY, request(site, uuid))
                 + ws.encode(ws.BINARY, b"three")
                 + ws.encode(ws.BINARY, b"four"))
    assert [web.recv(), web.recv()] == [b"one", b"two"]
    assert [tcp.recv(), tcp.recv()] == [b"three", b"four"]


def test_half_closed_end_closes_the_other(case):
    site = case.site()
    for kind in ("relay", "relay_ws"):
        one, two = site.paired("relay", kind)
        one.send(b"last words")
        one.sock.shutdown(socket.SHUT_WR)
        assert two.recv() == b"last words"
        two.expect_closed(3)
