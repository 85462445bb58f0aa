"""Section 8.4: ID change, cases 57 to 62."""

import itertools
import threading

import pytest

from link import wait_until
from policy import ALICE, Policy
from servers import Profile
from test_2_udp import signed_pk

OK, MISMATCH, EXISTS, TOO_FREQUENT, BAD_FORMAT = 0, 2, 3, 4, 5
UNKNOWN_ID = "5a00"

_names = itertools.count(1)


def new_name():
    return f"newname{next(_names)}"


def change(server, device, new_id, **other):
    """The result of asking to rename DEVICE to NEW_ID."""
    return server.ask("register_pk_response", register_pk={
        "id": new_id, "old_id": device.id, "uuid": device.uuid,
        **other}).result


def check_renamed(site, device, server):
    name = new_name()
    old_id = device.id
    assert change(server, device, name) == OK
    assert site.failure(old_id) == UNKNOWN_ID
    device.id = name
    device.register_peer()      # answered 3a00, or asked for the key again
    wait_until(lambda: site.online(name) == [True])
    assert signed_pk(site, device) == device.signer.pk


def test_case_057_rename(case):
    """E | RegisterPk{old_id B1, id newname1, uuid-b1} on TCP | OK; old id
    gives ID_NOT_EXIST, new id keeps pk"""
    site = case.site()
    device = site.device().register()
    check_renamed(site, device, site.tcp(device.source))


def test_case_058_taken_name(case):
    """E | new id taken by another uuid | ID_EXISTS (8201020803)"""
    site = case.site()
    device, other = site.device().register(), site.device().register()
    name = new_name()
    assert change(site.tcp(other.source), other, name) == OK
    server = site.tcp(device.source)
    assert change(server, device, name) == EXISTS


def test_case_059_wrong_uuid(case):
    """E | wrong uuid for old_id | refused (not OK), nothing changed"""
    site = case.site()
    device = site.device().register()
    name = new_name()
    assert change(site.tcp(), device, name, uuid=b"guess") != OK
    assert site.failure(name) == UNKNOWN_ID
    assert signed_pk(site, device) == device.signer.pk


def test_case_060_bad_names(case):
    """E | new id "1abc", "ab", 17 characters, "a b c d e" |
    INVALID_ID_FORMAT (8201020805)"""
    site = case.site()
    device = site.device().register()
    for bad in ("1abc", "ab", "a" * 17, "a b c d e"):
        assert change(site.tcp(device.source), device, bad) == BAD_FORMAT, bad
    assert site.online(device.id) == [True]


def test_case_061_many_changes(case):
    """E | many changes quickly | TOO_FREQUENT"""
    site = case.site()
    device = site.device().register()
    for _ in range(50):
        name = new_name()
        result = change(site.tcp(device.source), device, name)
        if result == TOO_FREQUENT:
            return
        assert result == OK
        device.id = name
    raise AssertionError("50 changes in a row were accepted")


def test_case_062_rename_over_websocket(case):
    """E | same over WS 21118 | as 57"""
    site = case.site()
    device = site.device().register()
    check_renamed(site, device, site.ws(device.source))


# ---- policy goes along (not in the reference) -------------------------------

DISABLED, DELETED = 1, 2
# Of the switch code "code-abc" (spec 4.22).
VERIFIER = "dMIn3uiPe77XodFB5IKi7PrKJ7l7+zVquNn0ObSaHQc="


def denied(site, peer_id):
    """Whether a PunchHoleRequest is refused with a text."""
    server = site.punch(peer_id)
    try:
        answer = server.recv_msg(2)
    except TimeoutError:
        return False
    finally:
        server.close()
    return "not allowed" in answer.punch_hole_response.other_failure


@pytest.mark.parametrize("row", [
    {"flags": DISABLED}, {"flags": DELETED}, {"owner": ALICE}])
def test_a_restricted_device_is_no_stranger_under_a_new_id(case, row):
    """Asked for without a pause while it changes its id, it is never
    reachable, neither as what it was nor as what it becomes."""
    site = case.private_site(Profile(relay=False))
    policy = Policy(site.stack.redis)
    policy.settings()
    policy.user()
    device = site.device().register()
    policy.device(device.id, **row)
    assert denied(site, device.id)
    first, name = device.id, new_name()
    reached = []
    done = threading.Event()

    def ask():
        while not done.is_set():
            for peer_id in (first, name):
                server = site.punch(peer_id)
                try:
                    server.recv_msg(0.3)
                except TimeoutError:
                    reached.append(peer_id)
                finally:
                    server.close()
    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        assert change(site.tcp(device.source), device, name) == OK
        device.id = name
        device.register_peer()
        wait_until(lambda: site.online(name) == [True])
    finally:
        done.set()
        for asker in askers:
            asker.join()
    device.no_push(0.2)
    assert reached == []
    assert denied(site, name)
    assert site.failure(first) == UNKNOWN_ID


def test_a_switch_grant_and_the_audit_follow_the_device(case):
    """And not its id, which another device takes."""
    site = case.private_site(Profile(relay=False))
    device = site.device().register()
    policy = Policy(site.stack.redis)
    policy.settings(mode=2)
    policy.grant(device.signer.pk, VERIFIER)
    first, name = device.id, new_name()
    assert change(site.tcp(device.source), device, name) == OK
    stranger = site.device(first, uuid=b"another").register()
    a = site.ws()
    site.punch(first, over=a, switch_code="code-abc")
    assert a.expect("punch_hole_response").other_failure
    stranger.no_push(0.2)
    site.punch(name, over=a, switch_code="code-abc")
    push = device.push("punch_hole")
    ref = push.controlled_context.conn_audit_ref
    assert policy.conn_ref(ref)["pk"] == device.signer.pk.hex()


def test_nobody_renames_himself_to_an_id_that_policy_knows(case):
    site = case.private_site(Profile(relay=False))
    device = site.device().register()
    Policy(site.stack.redis).device("deleted-one", flags=DELETED)
    assert change(site.tcp(device.source), device, "deleted-one") == EXISTS
    assert signed_pk(site, device) == device.signer.pk


@pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
def test_a_renamed_device_is_reached_before_it_registers_again(case, mode):
    site = case.site()
    device = site.device(mode=mode).register()
    name = new_name()
    assert change(site.tcp(device.source), device, name) == OK
    assert site.online(name, device.id) == [True, False]
    a = site.punch(name)
    push = device.push("punch_hole")
    device.id = name
    device.answer_punch(push)
    assert a.expect("punch_hole_response").socket_addr
