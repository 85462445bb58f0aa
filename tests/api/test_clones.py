"""Ids that several machines use are found, shown and resolved."""

import contextlib

import pytest

from harness import Device

PATH = "/api/devices/clones"
A, B = "192.0.2.10", "198.51.100.20"


class Machine:
    """One of those that use the id of a device."""

    def __init__(self, device, host, ip):
        self.device, self.host = device, host
        self.client = device.world.client(ip=ip)

    def report(self):
        body = self.device.who(version="1.4.9", cpu="x, 1GHz, 2/2 cores", memory="4GB",
                               os="linux / Debian 12", hostname=self.host, username="root")
        assert self.client.post("/api/sysinfo", body).text == "SYSINFO_UPDATED"

    def heartbeat(self):
        """As a client does: it reports again when it is asked."""
        reply = self.client.post("/api/heartbeat", self.device.who(ver=1004090)).json()
        if "sysinfo" in reply:
            self.report()
        return "sysinfo" in reply


def take_turns(*machines, times=3):
    for _ in range(times):
        for m in machines:
            m.heartbeat()


def pair(world, a=A, b=B):
    """Two machines of one id that have not met."""
    device = Device(world)
    one, two = Machine(device, "original", a), Machine(device, "copy", b)
    one.report()
    return device, one, two


def cloned(world, **addresses):
    device, one, two = pair(world, **addresses)
    two.report()
    take_turns(one, two)
    return device, one, two


def found(world, device, client=None):
    rows = (client or world.admin).get(PATH, device=device.guid)["data"]
    return rows[0] if rows else None


def machine(row, host):
    return next(m for m in row["machines"] if m["hostname"] == host)


def act(world, device, what, body=None):
    world.admin.done("POST", f"/api/devices/{device.guid}/clone/{what}", body)


def open_ids(world):
    return world.admin.get("/api/web/overview")["cloned_ids"]


def orders(world, device):
    rows = world.redis.do("HKEYS", "policy:leave")
    return {r.decode() for r in rows if r.decode().startswith(device.id + " ")}


@contextlib.contextmanager
def nothing_under_way(world):
    world.redis.do("DEL", "policy:leave")
    yield
    world.redis.do("DEL", "policy:leave")


def test_two_machines_with_one_id_are_found_and_shown_with_their_facts(world):
    before = open_ids(world)
    device, one, two = pair(world)
    assert not one.heartbeat()  # nobody is asked without a reason
    two.report()
    assert one.heartbeat() and two.heartbeat()
    assert found(world, device) is None  # they have only met
    one.heartbeat()
    row = found(world, device)
    assert (row["id"], row["ignored"]) == (device.id, False)
    assert {(m["hostname"], m["address"]) for m in row["machines"]} == {("original", A), ("copy", B)}
    assert all(m["os"] == "linux / Debian 12" and m["seen"] for m in row["machines"])
    assert open_ids(world) == before + 1
    assert not one.heartbeat() and not two.heartbeat()  # it is known now


def test_a_machine_with_a_new_name_is_asked_and_is_one_machine(world):
    device = Device(world)
    Machine(device, "old-name", A).report()
    renamed = Machine(device, "new-name", B)
    renamed.report()
    take_turns(renamed, times=8)
    assert found(world, device) is None
    watch = f"api:clone:watch:{device.guid}"
    assert 0 < world.redis.do("TTL", watch) <= 150
    world.redis.do("DEL", watch)  # as its time would
    assert not renamed.heartbeat()


def test_other_addresses_with_the_same_facts_are_one_machine(world):
    device = Device(world)
    ways = [Machine(device, "laptop", ip) for ip in (A, B, "2001:db8::7")]
    for w in ways:
        w.report()
    assert not any(w.heartbeat() for w in ways * 4)
    assert found(world, device) is None


def test_the_machines_without_the_id_are_sent_away_by_their_address(world):
    device, one, two = cloned(world)
    with nothing_under_way(world):
        keep = machine(found(world, device), "original")["key"]
        act(world, device, "keep", dict(machine=keep))
        assert orders(world, device) == {f"{device.id} {B}"}
        assert 0 < world.redis.do("TTL", "policy:leave") <= 300
    assert found(world, device) is None
    info = [r["info"] for r in world.admin.get("/api/audits/console", pageSize=1)["data"]]
    assert info == [f"{device.id} (copies take another ID)"]
    # The copy has another id: the first one alone is asked, and found no more.
    take_turns(one, times=6)
    assert found(world, device) is None
    # It is back: who did not leave is found again.
    take_turns(two, one, times=3)
    assert found(world, device)


def test_machines_at_one_address_are_not_told_apart_and_it_says_so(world):
    device, *_ = cloned(world, b=A)
    keep = machine(found(world, device), "original")["key"]
    world.admin.refused("POST", f"/api/devices/{device.guid}/clone/keep", dict(machine=keep),
                        says=f"original and copy come from the same address {A}")
    assert not orders(world, device) and found(world, device)


def test_no_copy_can_be_said_and_counts_until_another_machine_comes(world):
    before = open_ids(world)
    device, one, two = cloned(world)
    act(world, device, "ignore", dict(ignored=True))
    take_turns(one, two)
    assert found(world, device)["ignored"] and open_ids(world) == before
    act(world, device, "ignore", dict(ignored=False))
    assert open_ids(world) == before + 1
    act(world, device, "ignore", dict(ignored=True))
    third = Machine(device, "third", "203.0.113.30")
    third.report()
    take_turns(one, third, times=4)
    row = found(world, device)
    assert not row["ignored"] and machine(row, "third")


def test_looking_again_forgets_what_is_not_so_any_more(world):
    device, one, two = cloned(world)
    act(world, device, "check")
    assert found(world, device) is None
    take_turns(one, times=5)
    assert found(world, device) is None
    take_turns(two, one, times=3)
    assert found(world, device)


def test_who_may_not_see_a_device_sees_no_copies_of_it(world):
    user = world.user()
    device, *_ = cloned(world)
    user.refused("GET", PATH, status=403)
    for what, body in (("keep", dict(machine="x")), ("ignore", dict(ignored=True)), ("check", None)):
        user.refused("POST", f"/api/devices/{device.guid}/clone/{what}", body, status=403)
    row = found(world, device)
    assert row["guid"] == device.guid


@pytest.mark.parametrize("what, body", [("keep", dict(machine="x")), ("ignore", dict(ignored=True)),
                                        ("check", None)])
def test_what_is_no_copy_is_not_resolved(world, what, body):
    device = world.device()
    world.admin.refused("POST", f"/api/devices/{device.guid}/clone/{what}", body, status=404)


def test_a_machine_that_does_not_exist_keeps_nothing(world):
    device, *_ = cloned(world)
    world.admin.refused("POST", f"/api/devices/{device.guid}/clone/keep", dict(machine="x"),
                        says="Does not exist: x")


def test_a_name_that_the_device_had_before_is_no_machine(world):
    device = world.device()
    one, two = Machine(device, "original", A), Machine(device, "copy", B)
    two.report()
    take_turns(one, two)
    assert {m["hostname"] for m in found(world, device)["machines"]} == {"original", "copy"}


def test_a_device_that_goes_takes_what_was_found_along(world):
    device, *_ = cloned(world)
    world.admin.done("POST", f"/api/devices/{device.guid}/retire")
    assert found(world, device) is None
    assert world.redis.do("HGET", "api:clone", device.guid) is None


def test_so_many_ids_are_listed_and_not_one_more(world):
    fill = [f"00000000-0000-7000-8000-{i:012d}" for i in range(1000)]
    for g in fill:
        world.redis.do("ZADD", "api:clone:order", 1, g)
    try:
        device, one, two = cloned(world)
        assert found(world, device) is None
        world.redis.do("ZREM", "api:clone:order", fill[0], *fill[990:])
        take_turns(one, two)
        assert found(world, device)
    finally:
        world.redis.do("ZREM", "api:clone:order", *fill)


def test_so_many_copies_are_sent_away_at_a_time(world):
    device, *_ = cloned(world)
    keep = dict(machine=machine(found(world, device), "original")["key"])
    path = f"/api/devices/{device.guid}/clone/keep"
    with nothing_under_way(world):
        for i in range(61):
            world.redis.do("HSET", "policy:leave", f"10000000{i} {B}", "1 99999999999")
        world.admin.refused("POST", path, keep, says="Too many copies")
        world.redis.do("HSET", "policy:leave", f"100000000 {B}", "1 1000")  # it is over
        world.admin.done("POST", path, keep)
        assert world.redis.do("HLEN", "policy:leave") == 61
