"""A node is killed without a goodbye: whom it held, and who waited there."""

import time

import pytest

import cluster as clusters
from clock import Clocks
from link import Closed, wait_until

HEARTBEAT, MARGIN, LEASE = 15, 15, 6
OFFLINE = "5a021802"


@pytest.fixture
def trio(make_cluster):
    c = make_cluster(nodes=3)
    yield c
    c.stop()


def answered(case, cluster, b, node):
    """Whether A at NODE is connected to B."""
    asked = case.site(cluster.nodes[node])
    a = asked.punch(b.id)
    try:
        push = b.push("punch_hole", 2)
        b.answer_punch(push)
        return bool(a.expect("punch_hole_response", 2).socket_addr)
    except (AssertionError, TimeoutError):
        return False
    finally:
        a.close()


def test_a_udp_peer_of_a_killed_node_is_reached_at_once(case, trio):
    at = [case.site(n) for n in trio.nodes]
    b = at[0].device(answers=at[1]).register()
    wait_until(lambda: at[1].online(b.id) == [True])
    trio.nodes[0].kill()
    assert answered(case, trio, b, 1)
    # Its next heartbeat reaches another node, which takes it over.
    clusters.move(b, at[2])
    clusters.heard_at(trio, b, 2)
    wait_until(lambda: answered(case, trio, b, 1), HEARTBEAT + MARGIN)


@pytest.mark.parametrize("mode", ["tcp", "ws"])
def test_a_stream_peer_of_a_killed_node_is_refused_until_it_is_back(
        case, trio, mode):
    at = [case.site(n) for n in trio.nodes]
    b = at[0].device(mode=mode, answers=at[1]).register()
    wait_until(lambda: at[1].online(b.id) == [True])
    trio.nodes[0].kill()
    wait_until(lambda: isinstance(b.ended, (Closed, OSError)))
    assert at[1].failure(b.id) == OFFLINE       # at once, in clear words
    assert at[1].online(b.id) == [False]        # and nobody says otherwise
    again = at[2].device(b.id, b.source, mode=mode, uuid=b.uuid,
                         signer=b.signer, answers=at[1]).register()
    wait_until(lambda: at[1].online(b.id) == [True])
    assert answered(case, trio, again, 1)


@pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
def test_who_waits_at_a_killed_node_is_told_and_served_elsewhere(
        case, trio, mode):
    at = [case.site(n) for n in trio.nodes]
    b = at[0].device(mode=mode, answers=at[2]).register()
    wait_until(lambda: at[1].online(b.id) == [True])
    a = at[1].punch(b.id)
    push = b.push("punch_hole")
    trio.nodes[1].kill()
    with pytest.raises((Closed, OSError)):
        a.recv_msg(5)
    b.answer_punch(push)                # to nobody: discarded
    assert answered(case, trio, b, 2)


def test_a_frozen_node_does_not_take_back_what_moved_meanwhile(case, trio):
    """It wakes up after its lease and believes to hold B: one owner is left,
    the one that B speaks to."""
    at = [case.site(n) for n in trio.nodes]
    b = at[0].device(answers=at[2]).register()
    wait_until(lambda: at[1].online(b.id) == [True])
    trio.nodes[0].pause()
    clusters.move(b, at[1])
    clusters.heard_at(trio, b, 1)
    wait_until(lambda: trio.nodes[2].metrics()["hbbs_nodes_alive"] == 2, 20)
    trio.nodes[0].resume()
    trio.await_nodes(3)
    wait_until(lambda: trio.nodes[0].metrics()["hbbs_peers_held"] == 0, 20)
    assert trio.holder(b.id) == trio.nodes[1].epoch
    assert answered(case, trio, b, 2)


@pytest.mark.parametrize("wrong", [3600, -3600])
def test_a_node_with_a_wrong_clock_neither_keeps_nor_loses_a_peer(
        case, make_cluster, tmp_path, wrong):
    c = make_cluster(nodes=2)
    try:
        clocks = Clocks(tmp_path)
        clocks.own(c.nodes[0].process)
        c.nodes[0].kill()
        c.nodes[0].start()
        c.await_nodes(2)
        at = [case.site(n) for n in c.nodes]
        b = at[0].device(answers=at[1]).register()
        clocks.set(wrong)
        for holder in (1, 0, 1):        # B roams; one owner is left each time
            clusters.move(b, at[holder])
            clusters.heard_at(c, b, holder)
            wait_until(lambda: [n.metrics()["hbbs_peers_held"]
                                for n in c.nodes] == [1 - holder, holder], 20)
            wait_until(lambda: answered(case, c, b, 0), 20)
            wait_until(lambda: answered(case, c, b, 1), 20)
        # Its leases count as the others': Redis' clock is the only one.
        time.sleep(LEASE + 1)
        assert [n.metrics()["hbbs_nodes_alive"] for n in c.nodes] == [2, 2]
        assert c.holder(b.id) == c.nodes[1].epoch
        clocks.set(0)
        wait_until(lambda: answered(case, c, b, 0), 20)
    finally:
        c.stop()
