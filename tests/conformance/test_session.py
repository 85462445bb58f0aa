"""Whole sessions between scripted peers, over every path a client takes."""

import pytest

from peer import Refused


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
