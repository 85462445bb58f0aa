"""Section 8.6: punch hole, cases 73 to 98."""

import queue
import socket
import threading
import time

import keys
import mangle
import net
import peer
import profiles
from policy import ALICE, BOB, Policy
from servers import Profile

SYMMETRIC, ASYMMETRIC = 2, 1
V6 = mangle.encode("2001:db8:9::1", 40600)      # a socket_addr_v6, 18 bytes
MISMATCH, UNKNOWN_ID, OFFLINE = "5a021803", "5a00", "5a021802"


def check_signed(site, device, signed):
    assert keys.signed_id_pk(signed, site.server_pk) == (
        device.id, device.signer.pk)


def punched(case, profile="default", same_ip=False, **request):
    """(site, device, A's connection, the PunchHole it got)."""
    site = case.site(profile)
    device = site.device().register()
    a = site.punch(device.id, device.source if same_ip else None, **request)
    return site, device, a, device.push("punch_hole")


def test_case_073_wrong_licence_key(case):
    """R | wrong licence_key | PHR 5a021803"""
    site = case.site()
    for key in ("", "wrong", site.key[:-1], site.key + "="):
        a = site.punch(case.new_id(), licence_key=key)
        assert a.recv_msg().encode().hex() == MISMATCH


def test_case_074_no_key(case):
    """R | server without key, any licence_key | accepted"""
    site = case.site("nokey")
    device = site.device().register()
    for key in ("", "anything"):
        site.punch(device.id, licence_key=key)
        device.push("punch_hole")


def test_case_075_unknown_or_offline(case):
    """R | unknown id / known but offline | 5a00 / 5a021802"""
    site = case.site()
    assert site.failure(case.new_id()) == UNKNOWN_ID
    if case.lab.reference:
        return      # its devices only go offline by waiting: case 33
    device = site.device(mode="tcp").register()
    device.close()
    end = time.monotonic() + 5
    while site.failure(device.id) != OFFLINE:
        assert time.monotonic() < end


def test_case_076_punch_hole(case):
    """R | A and B different IPs, nat ASYMMETRIC | B gets PunchHole{A's TCP
    ip:port, nat_type 1, relay_server as configured}; A gets nothing yet"""
    site, _, a, push = punched(case)
    assert mangle.decode(push.socket_addr) == a.address
    assert push.nat_type == ASYMMETRIC
    assert push.relay_server == site.relay_server
    assert not push.force_relay and not push.udp_port
    a.expect_quiet(0.3)


def test_case_077_punch_hole_sent(case):
    """R | B answers PunchHoleSent on new TCP connection | A gets PHR{B's TCP
    source, nat_type, relay_server, pk verifies}; oneof is nat_type"""
    site, device, a, push = punched(case)
    address = device.answer_punch(push)
    answer = a.expect("punch_hole_response")
    assert mangle.decode(answer.socket_addr) == address
    assert answer.which() == "nat_type" and answer.nat_type == ASYMMETRIC
    assert answer.relay_server == site.relay_server
    assert not answer.is_udp
    check_signed(site, device, answer.pk)


def test_a_is_told_when_b_listens(case):
    """B sends its address, hangs up and listens, all a little late: it is
    busy. A, that knocks as soon as it is told, is let in."""
    site = case.site()
    device = site.device().register()
    for same_ip in (False, True):
        assert any(_knocks_in_time(site, device, same_ip) for _ in range(10))


def _knocks_in_time(site, device, same_ip):
    a = site.punch(device.id, device.source if same_ip else None)
    knocked = queue.SimpleQueue()

    def knock():
        told = a.expect("punch_hole_response").socket_addr
        with net.bound(socket.SOCK_STREAM, a.address[0], 0) as s:
            knocked.put(s.connect_ex(mangle.decode(told)))

    thread = threading.Thread(target=knock)
    thread.start()
    push = device.push("fetch_local_addr" if same_ip else "punch_hole")
    b = device.open_answer()
    if same_ip:
        b.send_msg(local_addr={
            "socket_addr": push.socket_addr, "id": device.id,
            "local_addr": mangle.encode(*b.address)})
    else:
        b.send_msg(punch_hole_sent=device._punch_hole_sent(push))
    address = b.address
    time.sleep(0.005)
    b.close()
    with net.bound(socket.SOCK_STREAM, *address) as listener:
        listener.listen(1)
        thread.join()
    a.close()
    return knocked.get(timeout=1) == 0


def test_case_078_answer_without_version(case):
    """R | same, version empty | pk empty"""
    _, device, a, push = punched(case)
    device.answer_punch(push, version="")
    answer = a.expect("punch_hole_response")
    assert answer.socket_addr and answer.pk == b""


def test_case_079_same_address(case):
    """R | A and B same observed IP, TCP | B gets FetchLocalAddr, answers
    LocalAddr with re-encoded socket_addr; A gets PHR{local_addr identical,
    is_local true, pk}"""
    site = case.site()
    device = site.device().register()
    a = site.punch(device.id, device.source)
    push = device.push("fetch_local_addr")
    assert mangle.decode(push.socket_addr) == a.address
    assert push.relay_server == site.relay_server
    local_addr = device.answer_local(push)
    answer = a.expect("punch_hole_response")
    assert answer.socket_addr == local_addr
    assert answer.which() == "is_local" and answer.is_local
    check_signed(site, device, answer.pk)


def test_case_080_same_address_over_websocket(case):
    """R | same observed IP, A on WS | PunchHole, not FetchLocalAddr"""
    site = case.site()
    device = site.device().register()
    a = site.ws(device.source)
    site.punch(device.id, over=a)
    push = device.push("punch_hole")
    assert mangle.decode(push.socket_addr)[0] == device.source


def test_case_081_force_relay(case):
    """E | force_relay = true, same IP |
    PunchHole{nat SYMMETRIC, force_relay true}, not FetchLocalAddr"""
    _, _, _, push = punched(case, same_ip=True, force_relay=True)
    assert push.nat_type == SYMMETRIC and push.force_relay


def test_case_082_always_use_relay(case):
    """R | ALWAYS_USE_RELAY=Y, different IPs | PunchHole nat_type 2"""
    _, _, _, push = punched(case, "always-relay")
    assert push.nat_type == SYMMETRIC


def test_case_083_always_use_relay_same_address(case):
    """E | ALWAYS_USE_RELAY=Y, same IP | PunchHole nat_type 2"""
    _, _, _, push = punched(case, "always-relay", same_ip=True)
    assert push.nat_type == SYMMETRIC


def test_case_084_udp_port_and_v6(case):
    """E | udp_port 40000, socket_addr_v6 18 bytes |
    both forwarded in PunchHole; v6 also in FetchLocalAddr"""
    site, device, _, push = punched(case, udp_port=40000, socket_addr_v6=V6)
    assert push.udp_port == 40000 and push.socket_addr_v6 == V6
    site.punch(device.id, device.source, socket_addr_v6=V6)
    assert device.push("fetch_local_addr").socket_addr_v6 == V6


def test_case_085_udp_punch_hole_sent(case):
    """E | B sends UDP PunchHoleSent x3 | A gets exactly one PHR over TCP,
    is_udp true, B's UDP source, pk ok; no UDP packet emitted"""
    site, device, a, push = punched(case, udp_port=40000)
    hole = site.udp(device.source)
    for _ in range(3):
        hole.send_msg(punch_hole_sent={
            "socket_addr": push.socket_addr, "id": device.id,
            "relay_server": push.relay_server, "nat_type": ASYMMETRIC,
            "version": "1.4.9", "socket_addr_v6": V6})
    answer = a.expect("punch_hole_response")
    assert answer.is_udp
    assert mangle.decode(answer.socket_addr) == hole.address
    assert answer.socket_addr_v6 == V6
    assert answer.relay_server == push.relay_server
    check_signed(site, device, answer.pk)
    a.expect_quiet(0.3)
    hole.expect_quiet(0.1)


def test_case_086_unasked_udp_punch_hole_sent(case):
    """S | UDP PunchHoleSent for an address with no pending request, or wrong
    id | nothing emitted"""
    site, device, a, push = punched(case, udp_port=40000)
    other = site.device().register()
    hole = site.udp(device.source)
    sent = {"id": device.id, "version": "1.4.9"}
    hole.send_msg(punch_hole_sent={
        **sent, "socket_addr": mangle.encode("198.51.100.9", 999)})
    hole.send_msg(punch_hole_sent={
        **sent, "socket_addr": push.socket_addr, "id": other.id})
    a.expect_quiet(0.3)
    hole.expect_quiet(0.1)
    other.no_push(0)


def test_case_087_v6_of_the_answering_side(case):
    """E | B's socket_addr_v6 in PunchHoleSent/LocalAddr/RelayResponse |
    forwarded to A"""
    site, device, a, push = punched(case)
    device.answer_punch(push, socket_addr_v6=V6)
    assert a.expect("punch_hole_response").socket_addr_v6 == V6
    a = site.punch(device.id, device.source)
    push = device.push("fetch_local_addr")
    device.answer_local(push, socket_addr_v6=V6)
    assert a.expect("punch_hole_response").socket_addr_v6 == V6
    a = site.punch(device.id)
    push = device.push("punch_hole")
    device.answer(relay_response={
        "socket_addr": push.socket_addr, "uuid": "u" * 36, "id": device.id,
        "relay_server": push.relay_server, "version": "1.4.9",
        "socket_addr_v6": V6})
    assert a.expect("relay_response").socket_addr_v6 == V6


def test_case_088_retry_on_one_connection(case):
    """R | A retries same request on same connection after 3 s |
    B gets second push; one or more answers reach A"""
    site, device, a, _ = punched(case)
    time.sleep(3)
    site.punch(device.id, over=a)
    device.answer_punch(device.push("punch_hole"))
    assert a.expect("punch_hole_response").socket_addr


def test_case_089_two_answers(case):
    """E | B answers both pushes |
    A receives both answers (reference: only first)"""
    site, device, a, push = punched(case)
    time.sleep(1.2)     # sooner it would be the same question
    site.punch(device.id, over=a)
    again = device.push("punch_hole")
    expected = {device.answer_punch(p) for p in (push, again)}
    assert expected == {
        mangle.decode(a.expect("punch_hole_response").socket_addr)
        for _ in range(2)}


def test_case_090_answer_to_nobody(case):
    """R | A disconnects before B answers | answer discarded, no crash"""
    site, device, a, push = punched(case)
    a.close()
    device.answer_punch(push)
    site.punch(device.id)
    device.push("punch_hole")


def test_case_091_answer_for_another_id(case):
    """S | third party C sends PunchHoleSent{socket_addr of A, id other than
    requested} | ignored"""
    site, _, a, push = punched(case)
    c = site.device().register()
    c.answer_punch(push)
    a.expect_quiet(0.5)


def answer_from_elsewhere(case, profile):
    """A's connection after C answered for the device it asked for."""
    site, device, a, push = punched(case, profile)
    c = site.device().register()
    c.answer_punch(push, id=device.id)
    return site, device, a, push


def test_case_092_answer_from_an_unrelated_address(case):
    """S | third party C sends it with the right id from unrelated IP |
    ignored or flagged per policy"""
    _, device, a, push = answer_from_elsewhere(case, "strict")
    a.expect_quiet(0.5)
    device.answer_punch(push)
    assert a.expect("punch_hole_response").socket_addr


def test_case_092_default_policy(case):
    """S | third party C sends it with the right id from unrelated IP |
    ignored or flagged per policy"""
    site, device, a, _ = answer_from_elsewhere(case, "flagged")
    assert a.expect("punch_hole_response").socket_addr
    if site.stack:
        assert [line for line in site.stack.hbbs.text().splitlines()
                if "level=warn" in line and device.id in line]


def test_case_093_two_clients_behind_one_proxy(case):
    """E | two WS clients, same X-Real-IP, request different peers
    concurrently | each gets its own answer"""
    site = case.site("proxied")
    devices = [site.device().register() for _ in range(2)]
    source = case.ip()
    clients = [site.ws(profiles.PROXY, headers=[("X-Real-IP", source)])
               for _ in devices]
    for device, a in zip(devices, clients):
        site.punch(device.id, over=a)
    for device in reversed(devices):
        push = device.push("punch_hole")
        assert mangle.decode(push.socket_addr)[0] == source
        device.answer_punch(push)
    for device, a in zip(devices, clients):
        check_signed(site, device, a.expect("punch_hole_response").pk)


def policy_denies(case):
    """The rules of accounts, at both requests, and what they attach."""
    site = case.site("api")
    policy = Policy(site.stack.redis)
    policy.user()
    policy.token("alice-token")
    device = site.device().register()
    policy.device(device.id, owner=BOB)
    policy.user(BOB, "Bob")

    def asks(token):
        a = site.tcp().secure(site.server_pk)
        return site.punch(device.id, over=a, token=token)

    for token, text in (("", "sign in"), ("alice-token", "not allowed")):
        answer = asks(token).expect("punch_hole_response")
        assert text in answer.other_failure and not answer.socket_addr
    a = site.tcp().secure(site.server_pk)
    answer = a.ask("relay_response", request_relay={
        "id": device.id, "uuid": peer.random_uuid(), "token": "alice-token"})
    assert "not allowed" in answer.refuse_reason
    policy.device(device.id, owner=ALICE)
    policy.role("default", 0x81)
    a = asks("alice-token")
    push = device.push("punch_hole")
    assert push.control_permissions.permissions == 0x81
    ref = policy.conn_ref(push.controlled_context.conn_audit_ref)
    assert ref["user"] == ALICE and ref["target"] == device.id
    assert ref["name"] == "Alice" and ref["ip"] == a.address[0]
    device.answer_punch(push)
    assert a.expect("punch_hole_response").feedback != 0
    # In the clear a token counts for nothing.
    answer = site.punch(device.id, token="alice-token").expect(
        "punch_hole_response")
    assert "sign in" in answer.other_failure


def test_case_094_access_denied(case):
    """E | access denied by policy | PHR{other_failure non-empty, socket_addr
    empty}; text contains "not allowed" """
    case.not_for("it has no policy", reference=True)
    policy_denies(case)
    site = case.private_site(Profile(relay=False))
    device = site.device()
    device.register_pk()
    device.link.expect("register_pk_response")
    site.stack.disable(device.id)
    device.register()
    a = site.punch(device.id)
    answer = a.expect("punch_hole_response")
    assert "not allowed" in answer.other_failure
    assert answer.socket_addr == b""
    a = site.tcp()
    a.send_msg(request_relay={"id": device.id, "uuid": "u" * 36})
    assert "not allowed" in a.expect("relay_response").refuse_reason
    device.no_push(0.3)


def test_case_095_controller_on_ipv6(case):
    """R | IPv6 A and IPv4 B | A's address is the 18-byte form in PunchHole;
    not treated as same intranet"""
    site = case.site()
    device = site.device().register()
    a = site.punch(device.id, case.ip6())
    push = device.push("punch_hole")
    assert len(push.socket_addr) == 18
    assert mangle.decode(push.socket_addr) == a.address


def test_case_096_mapped_address(case):
    """R | A connects over v4-mapped dual-stack socket |
    socket_addr is the IPv4 form (10-11 bytes)"""
    _, _, a, push = punched(case)
    assert len(push.socket_addr) in (10, 11)
    assert mangle.decode(push.socket_addr) == a.address


def test_case_097_mask(case):
    """R | --mask profile: A inside, B outside |
    nat_type forced 2; RelayResponse to A carries local-ip"""
    site = case.site("mask")
    device = site.device().register()
    a = site.punch(device.id, profiles.INSIDE + "1")
    push = device.push("punch_hole")
    assert push.nat_type == SYMMETRIC
    device.answer(relay_response={
        "socket_addr": push.socket_addr, "uuid": "u" * 36, "id": device.id,
        "relay_server": push.relay_server, "version": "1.4.9"})
    assert a.expect("relay_response").relay_server == profiles.LOCAL_IP


def test_case_098_lost_push(case):
    """S | push is lost once (first UDP datagram dropped) |
    duplicate within 100 ms arrives; B model handles once"""
    _, device, _, _ = punched(case)
    end = time.monotonic() + 2
    while len(device.copies) < 2:
        assert time.monotonic() < end, "pushed only once"
        time.sleep(0.01)
    (first, _), (second, _) = device.copies
    assert 0 < second - first < 0.1
    device.no_push(0.2)
