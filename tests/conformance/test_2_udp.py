"""Section 8.2: UDP registration, cases 18 to 44."""

import time

import pytest

import keys
import link
from link import wait_until
from policy import Policy
from servers import Profile

OK, MISMATCH, TOO_FREQUENT = "820100", "8201020802", "8201020804"
INVALID_ID, SERVER_ERROR = "8201020805", "8201020807"
KNOWN, REQUEST_PK = "3a00", "3a021001"
FLOOD_CAP = 1000
UNKNOWN_ID, OFFLINE = "5a00", "5a021802"


def ask(udp, **member):
    """The answer to one datagram, in hex."""
    udp.send_msg(**member)
    return udp.recv_msg().encode().hex()


def register_pk(udp, peer_id, uuid=b"uuid", pk=bytes(32), **more):
    return ask(udp, register_pk={"id": peer_id, "uuid": uuid, "pk": pk,
                                 **more})


def register_peer(udp, peer_id, serial=3):
    return ask(udp, register_peer={"id": peer_id, "serial": serial})


def signed_pk(site, device):
    """The key S signs for DEVICE when somebody asks for it."""
    a = site.punch(device.id)
    device.answer_punch(device.push("punch_hole"))
    answer = a.expect("punch_hole_response")
    a.close()
    peer_id, pk = keys.signed_id_pk(answer.pk, site.server_pk)
    assert peer_id == device.id
    return pk


def test_case_018_heartbeat_of_an_unknown_id(case):
    """R | RegisterPeer unknown to the server |
    3a021001; query says offline; PunchHoleRequest 5a00"""
    site, peer_id = case.site(), case.new_id()
    assert register_peer(site.udp(), peer_id) == REQUEST_PK
    assert site.online(peer_id) == [False]
    assert site.failure(peer_id) == UNKNOWN_ID


def test_case_019_first_registration(case):
    """R | RegisterPk{B1, uuid, pk} | 820100; row with 16-byte guid"""
    site, peer_id = case.site(), case.new_id()
    assert register_pk(site.udp(), peer_id) == OK
    if site.stack:
        assert len(site.stack.record(peer_id)["guid"]) == 16


def test_case_020_heartbeat_after_registration(case):
    """R | then RegisterPeer from the same address | 3a00; online"""
    site, peer_id = case.site(), case.new_id()
    udp = site.udp()
    assert register_pk(udp, peer_id) == OK
    assert register_peer(udp, peer_id) == KNOWN
    assert site.online(peer_id) == [True]


def test_case_021_heartbeat_without_id(case):
    """R | RegisterPeer with empty id | no answer"""
    udp = case.site().udp()
    udp.send_msg(register_peer={"serial": 3})
    udp.expect_quiet(0.5)


def test_case_022_registration_without_uuid_or_pk(case):
    """R | RegisterPk with empty uuid; with empty pk | no answer"""
    site, peer_id = case.site(), case.new_id()
    udp = site.udp()
    udp.send_msg(register_pk={"id": peer_id, "pk": bytes(32)})
    udp.send_msg(register_pk={"id": peer_id, "uuid": b"uuid"})
    udp.expect_quiet(0.5)


def test_case_023_short_id(case):
    """R | RegisterPk id of 5 bytes | UUID_MISMATCH (8201020802)"""
    assert register_pk(case.site().udp(), "12345") == MISMATCH


def test_case_024_other_uuid(case):
    """R | RegisterPk same id, other uuid |
    UUID_MISMATCH; stored record unchanged"""
    site = case.site()
    device = site.device().register()
    assert register_pk(site.udp(), device.id, b"uuid-x") == MISMATCH
    assert register_pk(site.udp(device.source), device.id,
                       b"uuid-x") == MISMATCH
    assert signed_pk(site, device) == device.signer.pk


def test_case_025_new_key_from_the_same_address(case):
    """R | same uuid, same IP, new pk | OK, pk replaced"""
    site = case.site()
    first = site.device().register()
    first.close()
    second = site.device(first.id, first.source, uuid=first.uuid).register()
    assert second.signer.pk != first.signer.pk
    assert signed_pk(site, second) == second.signer.pk


def test_case_026_moved_device(case):
    """R | same uuid and pk from another IP |
    OK, address and stored IP updated"""
    site = case.site()
    first = site.device().register()
    moved = site.device(first.id, uuid=first.uuid,
                        signer=first.signer).register()
    site.punch(first.id)
    moved.push("punch_hole")
    first.no_push(0.3)
    old = site.udp(first.source)
    assert register_peer(old, first.id) == REQUEST_PK


def test_case_027_moved_device_with_new_key(case):
    """R | same uuid, other IP, other pk | UUID_MISMATCH (default policy)"""
    site = case.site()
    device = site.device().register()
    assert register_pk(site.udp(), device.id, device.uuid) == MISMATCH


def test_case_028_heartbeat_from_another_address(case):
    """R | RegisterPeer from another IP than registered |
    3a021001, old address used for pushes until RegisterPk"""
    site = case.site()
    device = site.device().register()
    other = site.udp()
    assert register_peer(other, device.id) == REQUEST_PK
    site.punch(device.id)
    device.push("punch_hole")
    other.expect_quiet(0.3)


def test_case_029_heartbeat_from_another_port(case):
    """S | RegisterPeer from same IP, different port |
    3a021001 until RegisterPk proves uuid"""
    site = case.site()
    device = site.device().register()
    other = site.udp(device.source)
    assert register_peer(other, device.id) == REQUEST_PK
    site.punch(device.id)
    device.push("punch_hole")
    assert register_pk(other, device.id, device.uuid,
                       device.signer.pk) == OK
    site.punch(device.id)
    other.expect("punch_hole")


@pytest.mark.slow
def test_case_030_repeated_registration(case):
    """R | 4 RegisterPk for one id within 1 s | OK, OK, OK, TOO_FREQUENT
    (8201020804); 7 s after the third: OK"""
    udp, peer_id = case.site().udp(), case.new_id()
    answers = [register_pk(udp, peer_id) for _ in range(4)]
    assert answers == [OK, OK, OK, TOO_FREQUENT]
    time.sleep(8)       # whole seconds count, so a little more than 7
    assert register_pk(udp, peer_id) == OK


@pytest.mark.slow
def test_case_031_many_ids_from_one_address(case):
    """R | 40 RegisterPk for distinct ids from one IP in 1 s (reference
    profile) | first 32 OK, rest TOO_FREQUENT; OK again 61 s later"""
    udp = case.site("reference-limits").udp()
    answers = [register_pk(udp, case.new_id()) for _ in range(40)]
    assert answers == [OK] * 32 + [TOO_FREQUENT] * 8
    time.sleep(62)
    assert register_pk(udp, case.new_id()) == OK


def test_case_032_office_comes_back(case):
    """S | 200 known ids re-register from one IP within 5 s after server
    restart | all OK within 15 s"""
    site = case.private_site(Profile(relay=False))
    ids = [case.new_id() for _ in range(200)]
    for group in range(0, 200, 20):
        udp = site.udp()
        for peer_id in ids[group:group + 20]:
            assert register_pk(udp, peer_id) == OK
    site.stack.restart_hbbs()
    office = site.udp()
    waiting, end = set(ids), time.monotonic() + 15
    while waiting:
        assert time.monotonic() < end, f"{len(waiting)} not back"
        waiting = {i for i in waiting if register_pk(office, i) != OK}


@pytest.mark.slow
def test_case_033_online_for_30_seconds(case):
    """R | wait 29 s after last registration, query; then 31 s |
    online; offline, PHR OFFLINE (5a021802)"""
    site, peer_id = case.site(), case.new_id()
    udp = site.udp()
    assert register_pk(udp, peer_id) == OK
    assert register_peer(udp, peer_id) == KNOWN
    time.sleep(28)
    assert site.online(peer_id) == [True]
    time.sleep(5)
    assert site.online(peer_id) == [False]
    assert site.failure(peer_id) == OFFLINE


def test_case_034_restart_then_registration(case):
    """R | server restart, then B1 RegisterPk unchanged |
    OK; (E) online immediately"""
    site = case.private_site(Profile(relay=False))
    udp, peer_id = site.udp(), case.new_id()
    assert register_pk(udp, peer_id) == OK
    site.stack.restart_hbbs()
    assert register_pk(udp, peer_id) == OK
    assert site.online(peer_id) == [True]


def test_case_035_restart_then_heartbeat(case):
    """E | server restart, RegisterPeer from stored IP |
    3a00 and online without RegisterPk"""
    site = case.private_site(Profile(relay=False))
    udp, peer_id = site.udp(), case.new_id()
    assert register_pk(udp, peer_id) == OK
    assert register_peer(udp, peer_id) == KNOWN
    site.stack.restart_hbbs()
    assert register_peer(udp, peer_id) == KNOWN
    assert site.online(peer_id) == [True]
    site.punch(peer_id)
    udp.expect("punch_hole")


def test_case_036_self_test_id(case):
    """R | self-test id "(:test_hbbs:)" RegisterPeer |
    answered, nothing stored"""
    site = case.site()
    udp = site.udp()
    udp.send_msg(register_peer={"id": "(:test_hbbs:)"})
    udp.expect("register_peer_response")
    assert site.failure("(:test_hbbs:)") == UNKNOWN_ID
    assert site.online("(:test_hbbs:)") == [False]


def test_case_037_configured_serial(case):
    """R | serial configured 10, RegisterPeer serial 3 |
    RegisterPeerResponse plus ConfigUpdate{10, list}; with serial 10: none"""
    udp, peer_id = case.site("serial").udp(), case.new_id()
    if not case.lab.reference:      # ours tells only who has registered
        ask(udp, register_pk={"id": peer_id, "uuid": b"u", "pk": bytes(32)})
    udp.send_msg(register_peer={"id": peer_id, "serial": 3})
    got = {m.which(): m for m in (udp.recv_msg(), udp.recv_msg())}
    assert set(got) == {"register_peer_response", "configure_update"}
    update = got["configure_update"].configure_update
    assert update.serial == 10
    assert update.rendezvous_servers == ["198.51.100.1", "198.51.100.2"]
    expected = REQUEST_PK if case.lab.reference else KNOWN
    assert register_peer(udp, peer_id, serial=10) == expected
    udp.expect_quiet(0.5)


def test_case_038_requests_by_datagram(case):
    """R | UDP PunchHoleRequest, LocalAddr, RequestRelay, OnlineRequest |
    no answer, no forwarding"""
    site = case.site()
    device = site.device().register()
    a = site.punch(device.id)
    push = device.push("punch_hole")
    udp = site.udp(a.address[0])
    udp.send_msg(**site.request(device.id))
    udp.send_msg(request_relay={"id": device.id, "uuid": "u" * 36})
    udp.send_msg(online_request={"id": "1", "peers": [device.id]})
    device.link.send_msg(local_addr={
        "socket_addr": push.socket_addr, "local_addr": push.socket_addr,
        "id": device.id, "version": "1.4.9"})
    udp.expect_quiet(0.5)
    device.no_push(0.1)
    a.expect_quiet(0.1)


def test_case_039_config_update_by_datagram(case):
    """S | UDP ConfigureUpdate from loopback and from outside |
    ignored (the reference obeys loopback)"""
    site = case.private_site(Profile(relay=False))
    outside = site.udp()
    with case.lab.network.inside(case.lab.network.servers):
        inside = site.keep(link.Udp(("127.0.0.1", site.port), "127.0.0.1"))
    for udp in (outside, inside):
        udp.send_msg(configure_update={
            "serial": 77, "rendezvous_servers": ["203.0.113.66"]})
    for udp in (outside, inside):
        assert register_peer(udp, case.new_id()) == REQUEST_PK
        udp.expect_quiet(0.3)


def test_case_040_database_refuses_writes(case):
    """R | RegisterPk with database made read-only | SERVER_ERROR
    (8201020807), never UUID_MISMATCH (the reference says OK)"""
    site = case.private_site(Profile(relay=False))
    case.not_for("its database cannot be made to refuse root", reference=True)
    udp, peer_id = site.udp(), case.new_id()
    site.stack.redis.command("CONFIG", "SET", "min-replicas-to-write", "1")
    assert register_pk(udp, peer_id) == SERVER_ERROR
    site.stack.redis.command("CONFIG", "SET", "min-replicas-to-write", "0")
    assert register_pk(udp, peer_id) == OK


def test_case_041_no_register_device(case):
    """E | RegisterPk no_register_device = true |
    OK, reachable, absent from device inventory"""
    site = case.site()
    device = site.device().register(no_register_device=True)
    assert signed_pk(site, device) == device.signer.pk
    if site.stack and not case.lab.reference:
        assert site.stack.record(device.id)["no_register_device"]
        plain = site.device().register()
        assert not site.stack.record(plain.id)["no_register_device"]


def test_case_042_require_deployment(case):
    """E | "require deployment" mode, unknown device |
    NOT_DEPLOYED (8201020808); after API deploy: OK"""
    case.not_for("it has no policy", reference=True)
    site = case.private_site(Profile(relay=False))
    policy = Policy(site.stack.redis)
    known, device = site.device(), site.device()
    known.register()
    policy.settings(require_deployment=1)

    def refused(what):
        what.register_pk()
        return what.link.recv().hex() == "8201020808"
    wait_until(lambda: refused(site.device()))
    assert refused(device)
    for mode in ("tcp", "ws"):
        other = site.device(mode=mode)
        other.register_pk()
        assert other.link.expect("register_pk_response").result == 8
    known.register_pk()
    policy.deployed(device.id, device.uuid, bytes(32))
    assert refused(device), "deployed with another key"
    policy.deployed(device.id, device.uuid, device.signer.pk)
    assert not refused(device)


def test_case_043_bad_ids(case):
    """S | id of 254 bytes, or containing a quote or a newline |
    INVALID_ID_FORMAT, nothing stored"""
    site = case.site()
    udp = site.udp()
    for bad in ("a" * 254, 'abc"def', "abc\ndef"):
        assert register_pk(udp, bad) == INVALID_ID, bad[:10]
        assert site.failure(bad) == UNKNOWN_ID


def test_case_044_registration_flood(case):
    """S | RegisterPk from distinct sources and ids, 100 000 times |
    memory and database growth bounded by configuration"""
    site = case.private_site(Profile(
        hbbs={"MAX_PEERS": str(FLOOD_CAP)}, relay=False))
    count = 100_000 if case.lab.options.long else 6_000
    before = site.stack.hbbs.memory()
    for n in range(count // 20):
        udp = site.udp(f"198.19.{128 + n // 250 % 100}.{1 + n % 250}")
        for i in range(20):
            udp.send_msg(register_pk={"id": f"flood{n}x{i}", "uuid": b"u",
                                      "pk": bytes(32)})
        udp.recv()
        udp.close()
    assert len(site.stack.records()) <= FLOOD_CAP
    assert site.stack.hbbs.memory() - before < 64 << 20
