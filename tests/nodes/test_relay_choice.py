"""Which relay hbbs hands out: registered ones, their state, places."""

import time

import pytest

import mmdb
import net
from link import Closed, wait_until


class Lease:
    """A relay's lease, written as hbbr writes it, refreshed by hand."""

    def __init__(self, cluster, epoch, address, sessions=0, lan="",
                 draining=False):
        self.redis, self.epoch = cluster.redis, epoch
        self.address, self.lan = address, lan
        self.sessions, self.draining = sessions, draining
        self.write()

    def write(self, life=60):
        text = b"".join(
            bytes([n << 3 | 2, len(v)]) + v.encode()
            for n, v in ((5, self.address), (6, self.lan)) if v)
        text += bytes([7 << 3, self.sessions, 9 << 3, self.draining])
        self.redis.command("SET", f"node:hbbr:{self.epoch}", text, "EX", life)
        self.redis.command("ZADD", "nodes:hbbr", int(time.time()), self.epoch)

    def drop(self):
        self.redis.command("DEL", f"node:hbbr:{self.epoch}")


def told(case, cluster):
    """The relay that a device is pushed for a new pair."""
    site = case.site(cluster.nodes[0])
    device = site.device().register()
    asker = site.punch(device.id)
    push = device.push("punch_hole")
    asker.close()
    return push.relay_server


@pytest.fixture(scope="module")
def lone(make_cluster):
    """One hbbs without RELAY_SERVERS."""
    c = make_cluster(nodes=1, relays=0, named_relays=False)
    yield c
    c.stop()


def test_a_relay_registers_and_is_handed_out_until_it_stops(
        case, make_cluster):
    """The real thing: no RELAY_SERVERS, one hbbr that says its address."""
    address = f"{net.SERVER4}:29999"
    c = make_cluster(nodes=1, relays=1, relay_settings={
        "RELAY_ADDRESS": address}, named_relays=False)
    try:
        wait_until(lambda: told(case, c) == address, 20)
        c.relays[0].stop()
        wait_until(lambda: told(case, c) == "", 20)
    finally:
        c.stop()


def test_the_least_loaded_one_is_handed_out_and_never_a_draining_one(
        case, lone):
    busy = Lease(lone, "00000001", "busy.example", sessions=120)
    idle = Lease(lone, "00000002", "idle.example")
    try:
        wait_until(lambda: told(case, lone) == "idle.example", 10)
        idle.draining = True
        idle.write()
        wait_until(lambda: told(case, lone) == "busy.example", 10)
        assert {told(case, lone) for _ in range(3)} == {"busy.example"}
    finally:
        busy.drop()
        idle.drop()


def test_a_pair_on_one_lan_gets_the_lan_address(case, lone):
    lease = Lease(lone, "00000003", "relay.example", lan="192.168.7.9")
    try:
        wait_until(lambda: told(case, lone) == "relay.example", 10)
        site, source = case.site(lone.nodes[0]), case.ip()
        device = site.device(source=source).register()
        asker = site.punch(device.id, source=source)
        assert device.push("fetch_local_addr").relay_server == "192.168.7.9"
        asker.close()
    finally:
        lease.drop()


def test_the_nearest_relay_is_handed_out(case, make_cluster, tmp_path):
    """GEOIP_DB from a file, and a new file is taken up at the next start."""
    path = tmp_path / "places.mmdb"
    mmdb.write(path, {"203.0.113.0/25": (10, 50), "203.0.113.128/25": (11, 50),
                      "198.18.0.0/15": (10, 50)})
    c = make_cluster(nodes=1, relays=0, named_relays=False,
                     GEOIP_DB=str(path),
                     GEO_OVERRIDES="near.example=10,51 far.example=-70,40")
    leases = [Lease(c, "0000000a", "far.example"),
              Lease(c, "0000000b", "near.example", sessions=99)]
    try:
        assert "geoip_loaded" in c.nodes[0].process.text()
        wait_until(lambda: told(case, c) == "near.example", 10)
        assert {told(case, c) for _ in range(4)} == {"near.example"}
    finally:
        del leases
        c.stop()


def test_a_broken_database_is_said_and_does_no_harm(case, make_cluster,
                                                    tmp_path):
    path = tmp_path / "broken.mmdb"
    path.write_bytes(b"no database")
    c = make_cluster(nodes=1, relays=0, named_relays=False,
                     GEOIP_DB=str(path))
    Lease(c, "0000000c", "relay.example")
    try:
        assert "geoip_unusable" in c.nodes[0].process.text()
        wait_until(lambda: told(case, c) == "relay.example", 10)
    finally:
        c.stop()


def test_who_asks_again_for_the_same_device_gets_another_relay(
        case, make_cluster):
    """A relay that dies during set-up costs one retry."""
    c = make_cluster(nodes=1, relays=2)
    try:
        site, source = case.site(c.nodes[0]), case.ip()
        device = site.device().register()
        seen = []
        for _ in range(2):
            asker = site.punch(device.id, source=source)
            seen.append(device.push("punch_hole").relay_server)
            asker.close()
            time.sleep(0.2)     # the device takes copies for duplicates
        assert len(set(seen)) == 2, seen
        c.relays[0].kill()
        c.await_relays(1)
        dead = f"{net.SERVER4}:{c.relays[0].port + 1}"
        assert dead not in {told(case, c) for _ in range(4)}
    finally:
        c.stop()


def test_only_known_relays_where_that_is_asked_for(case, make_cluster):
    c = make_cluster(nodes=1, relays=1, RELAY_CHOICE="known")
    try:
        site = case.site(c.nodes[0])
        device = site.device().register()
        for name, fine in (("evil.example:1", False),
                           (f"{net.SERVER4}:{site.port + 1}", True)):
            a = site.tcp()
            a.send_msg(request_relay={"id": device.id, "uuid": "u-1",
                                      "relay_server": name})
            if fine:
                assert device.push("request_relay").relay_server == name
            else:
                refused = a.expect("relay_response").refuse_reason
                assert "not allowed" in refused
    finally:
        c.stop()


# ---- drain of hbbs ----------------------------------------------------------

def test_a_draining_hbbs_moves_its_clients_and_stops(case, make_cluster):
    c = make_cluster(nodes=2, relays=1, DRAIN_TIMEOUT="5")
    try:
        old, new = [case.site(n) for n in c.nodes]
        streams = [old.device(mode=m).register()
                   for m in ("tcp", "ws", "tcp", "ws")]
        udp = old.device().register()
        child = c.nodes[0].process.child
        began = time.monotonic()
        child.terminate()
        wait_until(lambda: not c.nodes[0].ready())
        with pytest.raises((Closed, OSError)):
            old.tcp().recv(3)
        for device in streams:
            wait_until(lambda d=device: d.ended is not None, 10)
        assert child.wait(10) == 0
        assert time.monotonic() - began < 9
        # Gone, and told so: nobody is pushed to through a dead node.
        for device in streams:
            wait_until(lambda d=device: new.online(d.id) == [False])
        asker = new.punch(udp.id)
        assert udp.push("punch_hole")   # an orphan for one heartbeat
        asker.close()
        again = new.device(streams[0].id, mode="tcp", uuid=streams[0].uuid,
                           signer=streams[0].signer).register()
        assert new.online(again.id) == [True]
    finally:
        c.stop()


def test_who_waits_at_a_draining_hbbs_gets_its_answer(case, make_cluster):
    c = make_cluster(nodes=2, relays=1, DRAIN_TIMEOUT="8")
    try:
        old, new = [case.site(n) for n in c.nodes]
        b = new.device(mode="tcp", answers=new).register()
        wait_until(lambda: old.online(b.id) == [True])
        a, relayed = old.punch(b.id), old.tcp()
        push = b.push("punch_hole")
        relayed.send_msg(request_relay={"id": b.id, "uuid": "u" * 36,
                                        "relay_server": "r", "secure": True})
        c.nodes[0].process.child.terminate()
        wait_until(lambda: not c.nodes[0].ready())
        time.sleep(0.5)
        b.answer_punch(push)
        assert a.expect("punch_hole_response").socket_addr
        # Nobody answers this one: a clear refusal, before the connection ends.
        answer = relayed.expect("relay_response", 10)
        assert "try again" in answer.refuse_reason
        relayed.expect_closed(3)
        assert c.nodes[0].process.child.wait(10) == 0
    finally:
        c.stop()


def test_who_waits_for_redis_at_a_hbbs_that_stops_is_refused(
        case, make_cluster):
    c = make_cluster(nodes=1, relays=0, named_relays=False)
    try:
        site = case.site(c.nodes[0])
        c.nodes[0].cable.delay = 2
        a, relayed = site.punch("123456789"), site.tcp()
        relayed.send_msg(request_relay={"id": "123456789", "uuid": "u" * 36,
                                        "relay_server": "r", "secure": True})
        wait_until(lambda: c.nodes[0].metrics()["hbbs_parked_messages"] == 2)
        c.nodes[0].process.child.terminate()
        answer = a.expect("punch_hole_response", 5)
        assert "try again" in answer.other_failure
        assert "try again" in relayed.expect("relay_response").refuse_reason
        assert c.nodes[0].process.child.wait(10) == 0
    finally:
        c.stop()


def test_a_lone_hbbs_stops_at_once(case, make_cluster):
    c = make_cluster(nodes=1, relays=0, named_relays=False)
    try:
        case.site(c.nodes[0]).device(mode="tcp").register()
        child = c.nodes[0].process.child
        began = time.monotonic()
        child.terminate()
        assert child.wait(10) == 0
        assert time.monotonic() - began < 4
    finally:
        c.stop()
