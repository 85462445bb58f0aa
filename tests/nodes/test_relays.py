"""Several relays act as one: halves that reach different ones are joined."""

import hashlib
import os
import random
import signal
import threading
import time

import pytest

import keys
import pb
import servers
from bulk import digest_of, pump
from link import Closed, wait_until
from peer import random_uuid

BULK = 8 << 20
KINDS = pytest.mark.parametrize("kinds", [
    ("tcp", "tcp"), ("tcp", "ws"), ("ws", "tcp"), ("ws", "ws")])


@pytest.fixture(scope="module")
def trio(make_cluster):
    c = make_cluster(nodes=1, relays=3, relay_settings={"TICKETS": "N"})
    await_listed(c, 3)
    yield c
    c.stop()


def await_listed(cluster, n):
    wait_until(lambda: cluster.redis.command("ZCARD", "nodes:hbbr") == n
               and all(m.metrics().get("hbbr_redis_connected") == 1
                       for m in cluster.relays if m.running), 20)


def half(case, relay, kind, uuid, key=keys.SERVER.text, **more):
    """A connection to RELAY that has named UUID."""
    site = case.site(relay)
    end = site.relay() if kind == "tcp" else site.relay_ws()
    end.send_msg(request_relay={"uuid": uuid, "licence_key": key, **more})
    return end


def total(cluster, name):
    return sum(r.metrics().get(name, 0) for r in cluster.relays if r.running)


def exchange(one, two):
    """A frame or message each way."""
    one.send(b"ping from one")
    assert two.recv() == b"ping from one"
    two.send(b"pong from two")
    assert one.recv() == b"pong from two"


@KINDS
def test_halves_at_two_relays_are_joined(case, trio, kinds):
    before = total(trio, 'hbbr_links_total{direction="in"}')
    uuid = random_uuid()
    one = half(case, trio.relays[0], kinds[0], uuid, id="123456789")
    wait_until(lambda: trio.redis.command("GET", f"half:{uuid}"))
    two = half(case, trio.relays[1], kinds[1], uuid)
    exchange(one, two)
    wait_until(lambda: total(
        trio, 'hbbr_links_total{direction="in"}') == before + 1)
    wait_until(lambda: trio.redis.command("GET", f"half:{uuid}") is None)


def test_bulk_both_ways_arrives_intact(case, trio):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "tcp", uuid)
    two = half(case, trio.relays[2], "tcp", uuid)
    there, back = os.urandom(BULK), os.urandom(BULK)
    pump(one, there)
    pump(two, back)
    assert digest_of(two, BULK) == hashlib.sha256(there).digest()
    assert digest_of(one, BULK) == hashlib.sha256(back).digest()


@pytest.mark.parametrize("size", [1, 0x3f, 0x40, 0x4000, 1 << 20])
def test_messages_keep_their_borders_across_relays(case, trio, size):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "ws", uuid)
    two = half(case, trio.relays[1], "ws", uuid)
    exchange(one, two)
    data = os.urandom(size)
    one.send(data)
    one.send(b"behind it")
    assert two.recv() == data
    assert two.recv() == b"behind it"


def test_early_data_is_kept_on_both_sides(case, trio):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "tcp", uuid)
    one.send_raw(b"early one" * 500)
    wait_until(lambda: trio.redis.command("GET", f"half:{uuid}"))
    two = half(case, trio.relays[1], "tcp", uuid)
    two.send_raw(b"early two" * 500)
    assert two.read_exactly(4500) == b"early one" * 500
    assert one.read_exactly(4500) == b"early two" * 500


def test_when_one_end_closes_the_other_does(case, trio):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "tcp", uuid)
    two = half(case, trio.relays[1], "tcp", uuid)
    exchange(one, two)
    two.send_raw(b"last words")
    two.close()
    assert one.read_exactly(10) == b"last words"
    one.expect_closed(3)


def test_a_third_connection_is_not_joined(case, trio):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "tcp", uuid)
    two = half(case, trio.relays[1], "tcp", uuid)
    exchange(one, two)
    half(case, trio.relays[0], "tcp", uuid).expect_closed(5)


def test_no_pair_is_lost_when_halves_arrive_together(case, trio):
    pairs, chance = 300, random.Random(7)
    uuids = [random_uuid() for _ in range(pairs)]
    ends = {}

    def arrive(which):
        for uuid in uuids:
            relay = trio.relays[chance.randrange(3)]
            kind = "tcp" if chance.random() < 0.7 else "ws"
            ends[which, uuid] = half(case, relay, kind, uuid)

    threads = [threading.Thread(target=arrive, args=(w,)) for w in (0, 1)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for uuid in uuids:
        exchange(ends[0, uuid], ends[1, uuid])
        ends[0, uuid].close()
        ends[1, uuid].close()


def test_the_logs_name_the_real_client_at_both_relays(case, trio):
    uuid = random_uuid()
    one = half(case, trio.relays[0], "tcp", uuid)
    wait_until(lambda: trio.redis.command("GET", f"half:{uuid}"))
    site = case.site(trio.relays[1])
    source = case.ip()
    two = site.relay(source)
    two.send_msg(request_relay={"uuid": uuid, "licence_key": keys.SERVER.text})
    exchange(one, two)
    one.close()

    def line(relay):
        return next((x for x in relay.process.text().splitlines()
                     if "session_end" in x and uuid[:8] in x), "")
    for relay in trio.relays[:2]:
        wait_until(lambda: source in line(relay))


# ---- things go wrong --------------------------------------------------------

def test_a_waiting_half_survives_the_death_of_the_other_relay(
        case, make_cluster):
    c = make_cluster(nodes=1, relays=2, relay_settings={"TICKETS": "N"})
    try:
        await_listed(c, 2)
        uuid = random_uuid()
        half(case, c.relays[0], "tcp", uuid)
        wait_until(lambda: c.redis.command("GET", f"half:{uuid}"))
        c.relays[0].kill()
        # The claim names a dead relay: the newcomers meet at the live one.
        one = half(case, c.relays[1], "tcp", uuid)
        two = half(case, c.relays[1], "tcp", uuid)
        exchange(one, two)
    finally:
        c.stop()


def test_redis_killed_and_back(case, make_cluster):
    c = make_cluster(nodes=1, relays=2, relay_settings={"TICKETS": "Y"})
    try:
        await_listed(c, 2)
        uuid = random_uuid()
        c.redis.command("SET", f"ticket:{uuid}", ticket())
        one = half(case, c.relays[0], "tcp", uuid)
        two = half(case, c.relays[1], "tcp", uuid)
        exchange(one, two)
        c.redis.kill()
        exchange(one, two)              # what runs goes on
        wait_until(lambda: all(r.metrics().get("hbbr_redis_connected") == 0
                               for r in c.relays))
        uuid = random_uuid()            # by key, on one relay
        exchange(half(case, c.relays[0], "tcp", uuid),
                 half(case, c.relays[0], "tcp", uuid))
        c.redis.start()
        await_listed(c, 2)
        uuid = random_uuid()
        c.redis.command("SET", f"ticket:{uuid}", ticket())
        exchange(half(case, c.relays[1], "tcp", uuid),
                 half(case, c.relays[0], "ws", uuid))
    finally:
        c.stop()


def test_who_does_not_know_the_secret_gets_no_link(case, trio):
    uuid = random_uuid()
    half(case, trio.relays[0], "tcp", uuid)
    wait_until(lambda: trio.redis.command("GET", f"half:{uuid}"))
    epoch = trio.redis.command("GET", f"half:{uuid}").decode()
    info = dict(pb.fields(trio.redis.command("GET", f"node:hbbr:{epoch}")))
    port = int(info[10].decode().rsplit(":", 1)[1])
    site = case.site(trio.relays[0])
    intruder = site.stream(port)
    challenge = intruder.read_exactly(44)
    assert challenge[:8] == b"hbbrlnk1"
    intruder.send_raw(b"hbbrlnk1" + bytes(152))
    intruder.expect_closed(5)
    silent = site.stream(port)
    silent.read_exactly(44)
    silent.expect_closed(6)


# ---- tickets ----------------------------------------------------------------

def ticket(target="123456789", bps=0):
    fields = b"\x0a" + bytes([len(target)]) + target.encode()
    return fields + (b"\x20" + varint(bps) if bps else b"")


def varint(n):
    out = b""
    while n > 0x7f:
        out, n = out + bytes([n & 0x7f | 0x80]), n >> 7
    return out + bytes([n])


@pytest.fixture(scope="module")
def guarded(make_cluster):
    c = make_cluster(nodes=1, relays=2)
    await_listed(c, 2)
    yield c
    c.stop()


def test_W8_a_uuid_without_a_ticket_is_refused_at_every_relay(case, guarded):
    uuid = random_uuid()
    ends = [half(case, r, "tcp", uuid) for r in guarded.relays * 2]
    for end in ends:
        end.expect_closed(6)


def test_W8_a_ticket_that_comes_late_is_waited_for(case, guarded):
    uuid = random_uuid()
    ends = [half(case, r, "tcp", uuid) for r in guarded.relays]
    ends[0].send_raw(b"early")
    time.sleep(0.7)
    guarded.redis.command("SET", f"ticket:{uuid}", ticket())
    assert ends[1].read_exactly(5) == b"early"


def test_a_ticket_limits_the_rate_of_its_session(case, guarded):
    uuid, size = random_uuid(), 3 << 20
    guarded.redis.command("SET", f"ticket:{uuid}", ticket(bps=8 << 20))
    one, two = [half(case, r, "tcp", uuid) for r in guarded.relays]
    began = time.monotonic()
    pump(one, bytes(size))
    digest_of(two, size)
    assert time.monotonic() - began > 2     # 1 MiB/s


def test_a_session_through_hbbs_has_its_ticket(case, guarded):
    site = case.site(guarded.nodes[0])
    device = site.device(auto=True).register()
    _, login = site.controller(force_relay=True).connect(device.id)
    assert login.which() == "peer_info", login
    assert total(guarded, 'hbbr_admitted_total{by="ticket"}') >= 1


# ---- drain ------------------------------------------------------------------

def test_a_draining_relay_lets_sessions_end(case, make_cluster):
    c = make_cluster(nodes=1, relays=1, relay_settings={
        "TICKETS": "N", "DRAIN_TIMEOUT": "60"})
    relay = c.relays[0]
    try:
        uuid, waiting = random_uuid(), random_uuid()
        one, two = [half(case, relay, "tcp", uuid) for _ in range(2)]
        exchange(one, two)
        parked = half(case, relay, "tcp", waiting)
        wait_until(lambda: relay.metrics().get("hbbr_waiting") == 1)
        relay.process.child.terminate()
        wait_until(lambda: not relay.ready())
        assert relay.metrics()["hbbr_draining"] == 1
        def lease_says_so():
            info = c.redis.command("GET", c.redis.command(
                "KEYS", "node:hbbr:*")[0])
            return dict(pb.fields(info)).get(9) == 1
        wait_until(lease_says_so)
        exchange(parked, half(case, relay, "tcp", waiting))
        exchange(one, two)
        time.sleep(5.5)
        half(case, relay, "tcp", random_uuid()).expect_closed(3)
        for end in (one, two, parked):
            end.close()
        assert relay.process.child.wait(10) == 0
        assert c.redis.command("KEYS", "node:hbbr:*") == []
    finally:
        c.stop()


def test_a_certificate_renewed_while_draining_is_read_at_once(
        case, make_cluster, tmp_path):
    servers.make_certificate(tmp_path)
    c = make_cluster(nodes=1, relays=1, relay_settings={
        "TICKETS": "N", "DRAIN_TIMEOUT": "60",
        "TLS_CERT": str(tmp_path / "tls.pem"),
        "TLS_KEY": str(tmp_path / "tls.key")})
    relay = c.relays[0]
    try:
        uuid = random_uuid()
        one, two = [half(case, relay, "tcp", uuid) for _ in range(2)]
        exchange(one, two)
        relay.process.child.terminate()
        wait_until(lambda: not relay.ready())
        servers.make_certificate(tmp_path)
        relay.process.child.send_signal(signal.SIGHUP)
        # by itself it looks every half minute
        wait_until(lambda: "certificate_loaded" in relay.process.text(), 20)
        exchange(one, two)
    finally:
        c.stop()


def test_the_drain_has_an_end(case, make_cluster):
    c = make_cluster(nodes=1, relays=1, relay_settings={
        "TICKETS": "N", "DRAIN_TIMEOUT": "2"})
    relay = c.relays[0]
    try:
        uuid = random_uuid()
        one, two = [half(case, relay, "tcp", uuid) for _ in range(2)]
        exchange(one, two)
        relay.process.child.terminate()
        assert relay.process.child.wait(10) == 0
        with pytest.raises(Closed):
            one.recv(3)
    finally:
        c.stop()


def test_the_end_of_a_relay_that_redis_keeps_waiting(case, make_cluster):
    """Questions under way are answered by the closing itself, to nobody."""
    c = make_cluster(nodes=0, relays=2, relay_settings={
        "TICKETS": "Y", "DRAIN_TIMEOUT": "0"})
    redis = c.redis.process.child
    try:
        await_listed(c, 2)
        kept = [half(case, c.relays[0], kind, random_uuid())
                for kind in ("tcp", "ws") for _ in range(5)]
        redis.send_signal(signal.SIGSTOP)
        kept += [half(case, c.relays[0], kind, random_uuid())
                 for kind in ("tcp", "ws") for _ in range(5)]
        time.sleep(0.3)                 # they have asked
        c.relays[0].stop()              # fails unless it exits with 0
        for h in kept:
            with pytest.raises((Closed, OSError)):
                h.recv(3)
    finally:
        redis.send_signal(signal.SIGCONT)
        c.stop()
