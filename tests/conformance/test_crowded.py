"""MAX_CONNECTIONS: who has said nothing makes room, who registered stays."""

import pytest

from link import Closed, Timeout
from servers import Profile

PLACES, EACH = 8, 4


@pytest.fixture
def site(case):
    return case.private_site(Profile(relay=False, hbbs={
        "MAX_CONNECTIONS": str(PLACES), "MAX_CONNECTIONS_PER_IP": str(EACH)}))


def closed(stream, wait=0.01):
    """Whether the server has ended STREAM within WAIT seconds."""
    try:
        while True:
            stream.recv(wait)
    except Timeout:
        return False
    except Closed:
        return True


def filled(case, site, own):
    """All places but OWN taken by strangers, the oldest first."""
    return [site.tcp(case.ip()) for _ in range(PLACES - own)]


@pytest.mark.parametrize("kind", ["tcp", "ws"])
def test_the_oldest_that_said_nothing_makes_room_for_a_newcomer(
        case, site, kind):
    device = site.device(mode=kind).register()
    strangers = filled(case, site, 1)
    a = getattr(site, kind)()
    assert site.online(device.id, over=a) == [True]
    assert [closed(s, 8) for s in strangers[:1]] == [True]
    assert not any(closed(s) for s in strangers[1:])
    assert device.ended is None


def test_who_has_asked_stays_longer_than_who_has_not(case, site):
    device = site.device(mode="tcp").register()
    asking = site.punch(device.id)
    device.push("punch_hole")
    for stranger in filled(case, site, 2):
        newcomer = site.punch(device.id)    # its reply waits for the device
        device.push("punch_hole")
        assert closed(stranger, 8)
    assert not closed(asking)
    newest = site.tcp()
    assert closed(asking, 8), "the oldest of those that asked"
    assert not closed(newest) and not closed(newcomer)
    assert device.ended is None


def test_one_beyond_the_cap_is_refused_where_all_have_registered(case, site):
    devices = [site.device(mode="tcp").register() for _ in range(PLACES)]
    assert closed(site.tcp(), 8)
    assert all(d.ended is None for d in devices)


def test_an_address_at_its_cap_ends_nobody(case, site):
    source = case.ip()
    strangers = filled(case, site, EACH)
    own = [site.tcp(source) for _ in range(EACH)]
    assert closed(site.tcp(source), 8)
    assert not any(closed(s) for s in strangers + own)


def test_with_few_descriptors_there_are_fewer_places(case):
    site = case.private_site(Profile(relay=False), start=False)
    hbbs = site.stack.hbbs
    hbbs.argv = ["prlimit", "--nofile=60", *hbbs.argv]
    site.stack.start()
    device = site.device(mode="tcp").register()
    strangers = [site.tcp(case.ip()) for _ in range(60)]
    assert site.online(device.id) == [True]
    assert closed(strangers[0], 8) and not closed(strangers[-1])
    assert device.ended is None
