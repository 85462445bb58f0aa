"""Section 8.7, signalling half: relay set-up through hbbs, 99 to 104."""

import time

import mangle
import pb
from peer import random_uuid
from test_6_punch import check_signed, punched

FORBIDDEN = ("token", "switch_code", "licence_key", "control_permissions")


def request_relay(site, peer_id, source=None, **more):
    """A's connection after RequestRelay, and the uuid."""
    a, uuid = site.tcp(source), random_uuid()
    a.send_msg(request_relay={
        "id": peer_id, "uuid": uuid, "relay_server": site.relay_server,
        "secure": True, **more})
    return a, uuid


def test_case_099_relay_by_the_device(case):
    """R | B-initiated RelayResponse{socket_addr A, uuid, relay_server, id,
    version} | A gets uuid, relay_server, version, pk = signed IdPk, no
    socket_addr; id not present"""
    site, device, a, push = punched(case)
    uuid = random_uuid()
    device.answer(relay_response={
        "socket_addr": push.socket_addr, "uuid": uuid,
        "relay_server": site.relay_server, "id": device.id,
        "version": "1.4.9"})
    answer = a.expect("relay_response")
    assert answer.uuid == uuid and answer.version == "1.4.9"
    assert answer.relay_server == site.relay_server
    assert answer.socket_addr == b"" and answer.which() == "pk"
    check_signed(site, device, answer.pk)


def test_case_100_relay_by_the_device_without_version(case):
    """R | same with empty version | pk empty"""
    site, device, a, push = punched(case)
    device.answer(relay_response={
        "socket_addr": push.socket_addr, "uuid": random_uuid(),
        "relay_server": site.relay_server, "id": device.id})
    answer = a.expect("relay_response")
    assert answer.uuid and answer.pk == b""


def test_case_101_relay_by_the_controller(case):
    """R | A: RequestRelay{id, uuid, relay_server, secure} without licence_key
    | B gets RequestRelay with same uuid/relay_server/secure, socket_addr = A
    """
    site = case.site()
    device = site.device().register()
    a, uuid = request_relay(site, device.id)
    push = device.push("request_relay")
    assert push.uuid == uuid and push.secure
    assert push.relay_server == site.relay_server
    assert mangle.decode(push.socket_addr) == a.address


def test_case_102_what_must_not_reach_the_device(case):
    """S | 101 with token, switch_code, licence_key, control_permissions,
    controlled_context, unknown field 50 | none of them reaches B"""
    site = case.site()
    device = site.device().register()
    uuid = random_uuid()
    request = pb.Message("RequestRelay", **{
        "id": device.id, "uuid": uuid, "relay_server": site.relay_server,
        "secure": True, "token": "secret", "switch_code": "code",
        "licence_key": site.key,
        "control_permissions": {"permissions": 0x2AAAAAA},
        "controlled_context": {"conn_audit_ref": "forged"}})
    request.unknown.append(pb.delimited(50, b"hidden"))
    a = site.ws()       # a token needs a secured connection or WebSocket
    a.send_msg(request_relay=request)
    push = device.push("request_relay")
    assert push.uuid == uuid
    # The server's own reference for the audit is there, A's is not.
    assert push.controlled_context.conn_audit_ref != "forged"
    assert not [name for name in FORBIDDEN if name in push]
    assert push.unknown == []


def test_case_103_agreement_of_the_device(case):
    """R | B answers RelayResponse{socket_addr, version} |
    A gets it with empty uuid/relay_server"""
    site = case.site()
    device = site.device().register()
    a, _ = request_relay(site, device.id)
    push = device.push("request_relay")
    device.answer(relay_response={"socket_addr": push.socket_addr,
                                  "version": "1.4.9"})
    answer = a.expect("relay_response")
    assert answer.version == "1.4.9" and not answer.refuse_reason
    assert answer.uuid == "" and answer.relay_server == ""


def test_case_104_refused_relay(case):
    """E | 101 for unknown/offline id, or denied |
    RelayResponse{refuse_reason} within 100 ms (reference: silence)"""
    site = case.site()
    gone = site.device(mode="tcp").register()
    gone.close()
    for peer_id in (case.new_id(), gone.id):
        start = time.monotonic()
        a, _ = request_relay(site, peer_id)
        answer = a.expect("relay_response")
        assert answer.refuse_reason
        assert time.monotonic() - start < 0.1
