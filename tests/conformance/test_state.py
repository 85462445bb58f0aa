"""What a site keeps while its Redis is away, and after it is back."""

import pytest

from link import wait_until
from servers import Profile
from test_2_udp import KNOWN, OK, SERVER_ERROR, register_peer, register_pk
from test_7_hbbr import assert_pairs


@pytest.fixture
def site(case):
    case.not_for("it has no Redis", reference=True)
    return case.private_site(Profile())


def test_registered_peers_keep_connecting_while_redis_is_away(case, site):
    devices = [site.device(mode=mode, auto=True).register()
               for mode in ("udp", "tcp", "ws")]
    site.stack.redis.stop()
    for device in devices:
        for a_mode in ("tcp", "ws"):
            a = site.controller(mode=a_mode)
            _, login = a.connect(device.id)
            assert login.which() == "peer_info"
            device.next_session()
    assert_pairs(site)
    site.stack.hbbs.check_alive()


def test_new_peer_is_put_off_while_redis_is_away(case, site):
    """SERVER_ERROR, never UUID_MISMATCH: that would cost it its id."""
    udp, known, peer_id = site.udp(), case.new_id(), case.new_id()
    assert register_pk(udp, known) == OK
    site.stack.redis.stop()
    assert register_pk(udp, peer_id) == SERVER_ERROR
    assert register_peer(udp, known) == KNOWN
    site.stack.redis.start()
    wait_until(lambda: register_pk(udp, peer_id) == OK, 15)


def test_peers_survive_a_restart_of_redis_and_hbbs(case, site):
    udp, peer_id = site.udp(), case.new_id()
    assert register_pk(udp, peer_id) == OK
    guid = site.stack.record(peer_id)["guid"]
    site.stack.hbbs.stop()
    site.stack.redis.stop()
    site.stack.redis.start()
    site.stack.hbbs.start()
    site.stack.await_hbbs()
    assert register_peer(udp, peer_id) == KNOWN
    assert site.online(peer_id) == [True]
    assert site.stack.record(peer_id)["guid"] == guid


def test_hbbs_starts_before_redis(case):
    case.not_for("it has no Redis", reference=True)
    site = case.private_site(Profile(relay=False), start=False)
    site.stack.hbbs.start()
    wait_until(lambda: site.stack.ops(site.stack.hbbs, "/livez")[0] == 200,
               10)
    assert site.stack.ops(site.stack.hbbs, "/readyz")[0] != 200
    site.stack.redis.start()
    site.stack.await_hbbs()
    assert register_pk(site.udp(), case.new_id()) == OK
