"""Several hbbs on one Redis act as one (ARCHITECTURE.md, section 4)."""

import signal
import time

import pytest

import mangle
from link import wait_until
from servers import Profile

OFFLINE = "5a021802"


def nodes(case, count):
    """COUNT sites: hbbs processes that share the Redis of the first."""
    first = case.private_site(Profile(relay=False))
    sites = [first]
    for _ in range(count - 1):
        site = case.private_site(Profile(relay=False), start=False)
        stack = site.stack
        stack.redis = None
        stack.hbbs.env["REDIS_URL"] = first.stack.redis.url
        stack.hbbs.start()
        stack.await_hbbs()
        # As every node of one site has the same key pair.
        sites.append(site)
    # A node lists the others when it refreshes its lease.
    for site in sites:
        wait_until(lambda site=site: f"hbbs_nodes_alive {count}" in
                   site.stack.ops(site.stack.hbbs, "/metrics")[1])
    return sites


def answer_at(site, device, push):
    """DEVICE's PunchHoleSent on a connection to SITE; the address it had."""
    link = site.tcp(device.source)
    link.send_msg(punch_hole_sent={
        "socket_addr": push.socket_addr, "id": device.id,
        "nat_type": "ASYMMETRIC", "version": "1.4.9"})
    address = link.address
    link.close()
    return address


@pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
def test_a_session_over_three_nodes(case, mode):
    """B at node 1, A at node 2, B's answer at node 1, 2 or 3."""
    sites = nodes(case, 3)
    device = sites[0].device(mode=mode).register()
    # Presence reaches Redis a moment after the answer to RegisterPk.
    wait_until(lambda: sites[1].online(device.id) == [True])
    for where in sites:
        a = sites[1].punch(device.id)
        address = answer_at(where, device, device.push("punch_hole"))
        answer = a.expect("punch_hole_response")
        assert mangle.decode(answer.socket_addr) == address
        assert answer.pk
        a.close()


def test_a_relay_request_crosses_nodes(case):
    """RequestRelay at node 2 for a peer of node 1, answered at node 1."""
    one, two = nodes(case, 2)
    device = one.device().register()
    wait_until(lambda: two.online(device.id) == [True])
    a = two.tcp()
    a.send_msg(request_relay={"id": device.id, "uuid": "the-uuid",
                              "relay_server": "r.example"})
    push = device.push("request_relay")
    assert push.uuid == "the-uuid"
    device.answer(relay_response={"socket_addr": push.socket_addr,
                                  "version": "1.4.9"})
    assert a.expect("relay_response").version == "1.4.9"


def kill(site):
    process = site.stack.hbbs
    process.child.send_signal(signal.SIGKILL)
    process.child.wait()
    process.child = None


def test_a_killed_node_leaves_its_udp_peers_reachable(case):
    """SIGKILL of B's node: another node pushes at once (A is not refused),
    and the restarted one does before B's next heartbeat."""
    one, two = nodes(case, 2)
    device = one.device().register()
    wait_until(lambda: two.online(device.id) == [True])
    kill(one)
    a = two.punch(device.id)
    a.expect_quiet(1)
    a.close()
    one.stack.hbbs.start()
    one.stack.await_hbbs()
    a = one.punch(device.id)
    device.push("punch_hole")
    a.close()
    # Until its own heartbeat it is online by the grace of the dead node.
    assert two.online(device.id) == [True]
    device.register_peer()
    wait_until(lambda: "hbbs_peers_held 1" in
               one.stack.ops(one.stack.hbbs, "/metrics")[1])


def test_a_peer_that_moves_is_known_to_the_new_node_alone(case):
    """RegisterPk at node 2: node 1 lets it go, pushes come from node 2."""
    one, two = nodes(case, 2)
    device = one.device(mode="ws").register()
    moved = two.device(device.id, device.source, mode="ws",
                       uuid=device.uuid, signer=device.signer).register()
    wait_until(lambda: device.ended is not None)
    for site in (one, two):
        wait_until(lambda site=site: site.online(device.id) == [True])
        a = site.punch(device.id)
        moved.push("punch_hole")
        a.close()


def test_a_stopped_node_says_goodbye(case):
    """SIGTERM: the WebSocket peers of the node are offline at once."""
    one, two = nodes(case, 2)
    device = one.device(mode="ws").register()
    wait_until(lambda: two.online(device.id) == [True])
    one.stack.hbbs.stop()
    wait_until(lambda: two.online(device.id) == [False], 5)
    assert two.failure(device.id) == OFFLINE


def test_an_id_change_at_another_node(case):
    """The old id is gone from the node that held it."""
    one, two = nodes(case, 2)
    device = one.device().register()
    wait_until(lambda: two.online(device.id) == [True])
    name = f"moved-{device.id[:6]}"
    result = two.tcp(device.source).ask("register_pk_response", register_pk={
        "id": name, "old_id": device.id, "uuid": device.uuid}).result
    assert result == 0
    wait_until(lambda: one.online(device.id) == [False])
    assert one.failure(device.id) == "5a00"
    # Before its next heartbeat it is where it was, seen from both.
    for site in (one, two):
        wait_until(lambda site=site: site.online(name) == [True])
        a = site.punch(name)
        device.push("punch_hole")
        a.close()


@pytest.mark.slow
def test_redis_cut_off_and_back(case):
    """Redis paused for longer than a lease: both nodes serve their own, and
    everything crosses nodes again afterwards."""
    one, two = nodes(case, 2)
    device = one.device().register()
    wait_until(lambda: two.online(device.id) == [True])
    redis = one.stack.redis.process.child
    redis.send_signal(signal.SIGSTOP)
    try:
        time.sleep(8)
        a = one.punch(device.id)
        device.push("punch_hole")
        a.close()
        assert one.online(device.id) == [True]
    finally:
        redis.send_signal(signal.SIGCONT)
    wait_until(lambda: two.online(device.id) == [True], 20)
    a = two.punch(device.id)
    device.push("punch_hole")
    a.close()
