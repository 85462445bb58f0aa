"""Whole sessions between scripted peers, over every path a client takes."""

import base64
import http.client
import json

import pytest

from link import wait_until
from peer import Refused
from policy import Policy


def check(a, device, how):
    control, login = a.connect(device.id)
    assert a.how == how
    assert login.which() == "peer_info", login
    served = device.next_session()
    control.send(misc={"close_reason": "done"})
    assert served.recv("misc").close_reason == "done"


@pytest.mark.parametrize("mode", ["udp", "tcp"])
def test_direct_session_through_a_tcp_hole(case, mode):
    site = case.site()
    device = site.device(mode=mode, auto=True).register()
    how = "direct" if mode == "udp" else "relay"    # TCP mode always relays
    check(site.controller(), device, how)


def test_direct_session_of_a_user_who_is_logged_in(case):
    """Such a client waits for KeyExchange before it asks."""
    site = case.site()
    device = site.device(auto=True).register()
    check(site.controller(token="no-such-token"), device, "direct")


def test_direct_session_within_one_network(case):
    site = case.site()
    device = site.device(auto=True).register()
    check(site.controller(device.source), device, "local")


def test_direct_session_through_a_udp_hole(case):
    site = case.site()
    device = site.device(auto=True).register()
    check(site.controller(udp_punch=True), device, "udp")


def test_session_that_a_symmetric_nat_sends_over_the_relay(case):
    site = case.site()
    device = site.device(nat="SYMMETRIC", auto=True).register()
    check(site.controller(), device, "relay")


def test_session_over_the_relay_after_direct_fails(case):
    """The controller asks for the relay (RequestRelay through hbbs)."""
    site = case.site()
    device = site.device().register()
    a = site.controller()
    server = site.punch(device.id)
    address = device.answer_punch(device.push("punch_hole"))
    answer = server.expect("punch_hole_response")
    assert answer.socket_addr and address
    device.auto = True
    _, login = a._request_relay(device.id, answer)
    assert login.which() == "peer_info"
    device.next_session()


@pytest.mark.parametrize("b_mode", ["udp", "tcp", "ws"])
@pytest.mark.parametrize("a_mode", ["tcp", "ws"])
def test_relayed_session(case, a_mode, b_mode):
    site = case.site()
    device = site.device(mode=b_mode, auto=True).register()
    check(site.controller(mode=a_mode, force_relay=True), device, "relay")


def test_session_with_ipv6_on_both_sides(case):
    site = case.site()
    device = site.device(source=case.ip6(), auto=True).register()
    check(site.controller(case.ip6()), device, "direct")


def test_wrong_password_is_refused_by_the_device(case):
    site = case.site()
    device = site.device(auto=True).register()
    _, login = site.controller(password="wrong").connect(device.id)
    assert login.error == "Wrong Password"


def test_unknown_device_is_refused(case):
    with pytest.raises(Refused, match="failure 0"):
        case.site().controller().connect(case.new_id())


# ---- what the API makes of a session ---------------------------------------

def call(site, method, path, body=None, token=None):
    """One request to the site's API, from its own namespace."""
    network = site.stack.network
    with network.inside(network.servers):
        c = http.client.HTTPConnection("127.0.0.1", site.port + 6, timeout=20)
        c.request(method, path, json.dumps(body) if body is not None else None,
                  {"Content-Type": "application/json",
                   **({"Authorization": f"Bearer {token}"} if token else {})})
        answer = c.getresponse()
        text = answer.read()
        c.close()
    assert answer.status == 200, (path, answer.status, text)
    return json.loads(text) if text.strip().startswith((b"{", b"[")) else text


def test_a_relayed_session_of_a_user_in_the_audit(case):
    """A user signs in at the API, connects with that token through hbbs and
    hbbr, the device reports it with hbbs' reference, and the row says who it
    was and that both servers saw it."""
    site = case.site("audited")
    token = call(site, "POST", "/api/login", {
        "username": "admin", "password": "not the one tried"})["access_token"]
    device = site.device(auto=True).register()
    who = {"id": device.id,
           "uuid": base64.b64encode(device.uuid).decode()}
    assert call(site, "POST", "/api/sysinfo", {
        **who, "version": "1.4.9", "os": "linux / test"}) == b"SYSINFO_UPDATED"
    a = site.controller(token=token, force_relay=True)
    control, login = a.connect(device.id)
    assert login.which() == "peer_info" and a.how == "relay"
    policy = Policy(site.stack.redis)
    ref = next(k.decode().split(":")[2] for k in
               site.stack.redis.command("KEYS", "conn:ref:*")
               if policy.conn_ref(k.decode().split(":")[2])["target"]
               == device.id)
    wait_until(lambda: "relay" in policy.conn_ref(ref))
    call(site, "POST", "/api/audit/conn", {
        **who, "action": "new", "conn_id": 7, "session_id": 0,
        "ip": a.source, "conn_audit_ref": ref})
    call(site, "POST", "/api/audit/conn", {
        **who, "peer": ["1", "Admin"], "type": 0, "conn_id": 7,
        "session_id": 2 ** 63 + 9})
    row = call(site, "GET", f"/api/audits/conn?remote={device.id}",
               token=token)["data"][0]
    assert row["verified"] and row["relayed"] and row["user_name"] == "admin"
    # The administrator ends it: the device hears it in its next heartbeat.
    call(site, "POST", f"/api/audits/conn/{row['guid']}/disconnect",
         token=token)
    assert call(site, "POST", "/api/heartbeat", {
        **who, "ver": 1004009, "conns": [7], "modified_at": 0})[
            "disconnect"] == [7]
    control.send(misc={"close_reason": "done"})
