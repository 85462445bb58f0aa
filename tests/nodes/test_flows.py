"""B is registered at one node, A asks a second, B answers at any of three.

Every flow of section 4 of the protocol specification; a real session ends
each of the first tests.
"""

import pytest

import frame
import mangle
import pb
import peer
from link import Closed, Timeout, wait_until

HOME, ASKED = 0, 1              # where B is registered, where A asks
ANSWERED = pytest.mark.parametrize("answered", [0, 1, 2])
MODES = pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
OK, MISMATCH, EXISTS = 0, 2, 3


def sites(case, cluster):
    return [case.site(node) for node in cluster.nodes]


def device(case, cluster, answered=ASKED, **more):
    """A registered B that the asked node sees online."""
    at = sites(case, cluster)
    b = at[HOME].device(answers=at[answered], **more).register()
    wait_until(lambda: at[ASKED].online(b.id) == [True])
    return b, at[ASKED]


def session(a, b):
    s, login = a.connect(b.id)
    assert login.which() == "peer_info", login
    assert b.next_session().channel is not None and s.channel is not None


def refusal(site, peer_id):
    """What a request for PEER_ID is refused with, in hex; "" if it is not."""
    asker = site.punch(peer_id)
    try:
        return asker.recv_msg(0.3).encode().hex()
    except Timeout:
        return ""
    finally:
        asker.close()


def pushed(site, b):
    """Who asked for B at SITE, and what B got of it; None if B got nothing."""
    asker = site.punch(b.id)
    try:
        return asker, b.push("punch_hole", 2)
    except AssertionError:
        asker.close()
        return None


# ---- whole sessions ---------------------------------------------------------

@ANSWERED
@pytest.mark.parametrize("how", ["direct", "local", "udp", "relay"])
def test_session_with_a_udp_peer_of_another_node(case, three, how, answered):
    b, asked = device(case, three, answered, auto=True)
    a = asked.controller(b.source if how == "local" else None,
                         udp_punch=how == "udp", force_relay=how == "relay")
    session(a, b)
    assert a.how == how


@ANSWERED
@pytest.mark.parametrize("a_mode", ["tcp", "ws"])
@pytest.mark.parametrize("mode", ["tcp", "ws"])
def test_session_with_a_stream_peer_of_another_node(case, three, mode, a_mode,
                                                    answered):
    b, asked = device(case, three, answered, mode=mode, auto=True)
    a = asked.controller(mode=a_mode)
    session(a, b)
    assert a.how == "relay"


@ANSWERED
@MODES
def test_relay_that_a_asks_for_with_the_peer_at_another_node(
        case, three, mode, answered):
    """RequestRelay: B gets A's uuid and answers without one."""
    b, asked = device(case, three, answered, mode=mode)
    a = asked.tcp()
    uuid = peer.random_uuid()
    a.send_msg(request_relay={"id": b.id, "uuid": uuid, "secure": True,
                              "relay_server": asked.relay_server,
                              "token": "secret"})
    push = b.push("request_relay")
    assert (push.uuid, push.relay_server, push.secure, push.token) == (
        uuid, asked.relay_server, True, "")
    b.answer(relay_response={"socket_addr": push.socket_addr,
                             "version": "1.4.9"})
    answer = a.expect("relay_response")
    assert (answer.uuid, answer.relay_server, answer.refuse_reason) == (
        "", "", "")


# ---- fields that cross nodes ------------------------------------------------

@ANSWERED
@MODES
def test_ipv6_and_udp_fields_cross_nodes(case, three, mode, answered):
    b, asked = device(case, three, answered, mode=mode)
    a6, b6 = mangle.encode("2001:db8:1::a", 7), mangle.encode(
        "2001:db8:1::b", 8)
    a = asked.punch(b.id, udp_port=40000, socket_addr_v6=a6)
    push = b.push("punch_hole")
    assert mangle.decode(push.socket_addr) == a.address
    assert (push.udp_port, push.socket_addr_v6, push.nat_type) == (
        40000, a6, 1)
    seen = b.answer_punch(push, socket_addr_v6=b6)
    answer = a.expect("punch_hole_response")
    assert mangle.decode(answer.socket_addr) == seen
    assert answer.socket_addr_v6 == b6 and not answer.is_udp
    inner = peer.keys.signed_id_pk(answer.pk, asked.server_pk)
    assert inner == (b.id, b.signer.pk)


@ANSWERED
def test_an_answer_in_the_name_of_another_peer_does_not_cross(
        case, three, answered):
    b, asked = device(case, three, answered)
    liar, _ = device(case, three, answered)
    a = asked.punch(b.id)
    push = b.push("punch_hole")
    liar.answer_punch(push)                 # claims its own id
    b.answer_punch(push)
    answer = a.expect("punch_hole_response")
    assert mangle.decode(answer.socket_addr)[0] == b.source
    a.expect_quiet(0.3)


def test_an_answer_reaches_the_asker_once(case, three):
    """Three UDP copies at a third node are one answer."""
    b, asked = device(case, three, 2)
    a = asked.punch(b.id, udp_port=40000)
    push = b.push("punch_hole")
    hole = b.answers.udp(b.source)
    for _ in range(3):
        hole.send_msg(punch_hole_sent=b._punch_hole_sent(push))
    answer = a.expect("punch_hole_response")
    assert answer.is_udp and mangle.decode(answer.socket_addr) == hole.address
    a.expect_quiet(0.3)
    hole.expect_quiet(0.1)


# ---- online query -----------------------------------------------------------

def test_every_node_knows_who_is_online(case, three):
    at = sites(case, three)
    ids = [case.new_id() for _ in range(4)]
    for mode, home, peer_id in zip(("udp", "tcp", "ws"), at, ids):
        home.device(peer_id, mode=mode).register()
    for site in at:
        wait_until(lambda s=site: s.online(*ids) == [True, True, True, False])


@pytest.mark.parametrize("mode", ["tcp", "ws"])
def test_a_lost_connection_is_offline_at_every_node(case, three, mode):
    b, asked = device(case, three, mode=mode)
    b.link.reset()
    wait_until(lambda: asked.online(b.id) == [False], 2)
    assert asked.failure(b.id) == "5a021802"


# ---- one owner --------------------------------------------------------------

@MODES
@pytest.mark.parametrize("second", ["udp", "tcp", "ws"])
def test_a_peer_that_registers_at_another_node_moves_there(
        case, three, mode, second):
    b, asked = device(case, three, mode=mode)
    at = sites(case, three)
    again = at[2].device(b.id, b.source, mode=second, uuid=b.uuid,
                         signer=b.signer).register()
    wait_until(lambda: three.holder(b.id) == three.nodes[2].epoch)
    if mode != "udp":
        wait_until(lambda: isinstance(b.ended, Closed))
    for site in at:
        asker = site.punch(b.id)
        again.push("punch_hole")
        asker.close()
    b.no_push(0.2)
    held = sum(n.metrics()["hbbs_peers_held"] for n in three.nodes)
    assert held >= 1 and b.pushes.empty()


@MODES
def test_another_machine_cannot_take_an_id_at_another_node(case, three, mode):
    b, asked = device(case, three, mode=mode)
    thief = sites(case, three)[2].device(b.id, mode=mode, uuid=b"thief")
    thief.register_pk()
    assert thief.link.expect("register_pk_response").result == MISMATCH
    asker = asked.punch(b.id)
    b.push("punch_hole")
    asker.close()


def test_of_two_machines_that_claim_a_new_id_at_once_one_wins(case, three):
    at = sites(case, three)
    for _ in range(20):
        peer_id = case.new_id()
        rivals = [at[i].device(peer_id, uuid=b"uuid-%d" % i) for i in (0, 1)]
        for rival in rivals:
            rival.register_pk()
        results = [r.link.expect("register_pk_response").result
                   for r in rivals]
        assert sorted(results) == [OK, MISMATCH]
        winner = rivals[results.index(OK)].start()
        wait_until(lambda p=peer_id: at[2].online(p) == [True])
        asker = at[2].punch(peer_id)
        winner.push("punch_hole")
        asker.close()


# ---- ID change --------------------------------------------------------------

@MODES
def test_an_id_change_is_known_at_every_node(case, three, mode):
    b, asked = device(case, three, mode=mode)
    at = sites(case, three)
    new_id = "n" + b.id
    change = at[2].tcp(b.source)
    change.send_msg(register_pk={"id": new_id, "old_id": b.id,
                                 "uuid": b.uuid})
    assert change.expect("register_pk_response").result == OK
    wait_until(lambda: all(refusal(s, b.id) == "5a00" for s in at))
    assert asked.online(b.id) == [False]
    renamed = at[1].device(new_id, b.source, mode=mode, uuid=b.uuid,
                           signer=b.signer).register()
    # Until it hears of that, the old home holds the way of before.
    wait_until(lambda: three.holder(new_id) == three.nodes[1].epoch)
    asker, push = wait_until(lambda: pushed(at[HOME], renamed), 30)
    renamed.answer_punch(push)
    answer = asker.expect("punch_hole_response")
    assert peer.keys.signed_id_pk(answer.pk, asked.server_pk) == (
        new_id, b.signer.pk)


def test_an_id_taken_at_one_node_cannot_be_chosen_at_another(case, three):
    at = sites(case, three)
    taken = at[0].device("t" + case.new_id()).register()
    b = at[1].device().register()
    change = at[2].tcp(b.source)
    change.send_msg(register_pk={"id": taken.id, "old_id": b.id,
                                 "uuid": b.uuid})
    assert change.expect("register_pk_response").result == EXISTS


# ---- the bus ----------------------------------------------------------------

def test_the_bus_takes_no_commands_from_a_damaged_message(case, three):
    """Whatever lands on a node's channel, the node lives and serves."""
    b, asked = device(case, three)
    bus = f"bus:hbbs:{three.nodes[HOME].epoch}"
    register = pb.rendezvous(register_pk={
        "id": b.id, "uuid": b"other", "pk": bytes(32)})
    for garbage in (b"", b"\xff" * 40, b"\x12\x00", b"\x22\x00" + register,
                    frame.encode(register)):
        assert three.redis.command("PUBLISH", bus, garbage) == 1
    asker = asked.punch(b.id)
    b.push("punch_hole")
    asker.close()
