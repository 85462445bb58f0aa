"""A node that leaves in order leaves nothing unsaid."""

import pytest


@pytest.fixture
def lonely(make_cluster):
    c = make_cluster(nodes=1)
    yield c
    c.stop()


def test_a_peer_that_registered_just_before_a_stop_is_found_again(
        case, lonely):
    """The first presence of a new Redis takes two calls, as its script is not
    known there: the stop comes between them."""
    node = lonely.nodes[0]
    node.cable.delay = 0.02
    b = case.site(node).device()
    b.register_pk()
    assert b.link.expect("register_pk_response").result == 0
    node.process.stop()
    node.cable.delay = 0
    assert lonely.presence(b.id) is not None
    node.start()
    b.register_peer()
    assert not b.link.expect("register_peer_response").request_pk


def test_those_whose_presence_waited_its_turn_are_written_before_a_stop(
        case, lonely):
    """Two calls are under way at most; what comes meanwhile waits."""
    node = lonely.nodes[0]
    node.cable.delay = 0.02
    peers = [case.site(node).device() for _ in range(6)]
    for b in peers:
        b.register_pk()
    for b in peers:
        assert b.link.expect("register_pk_response").result == 0
    node.process.stop()
    node.cable.delay = 0
    assert [b.id for b in peers if lonely.presence(b.id) is None] == []
