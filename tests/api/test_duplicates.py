"""Devices that are probably one machine are found, and become one."""

import time

import pytest

from harness import Device, wait_for

PATH = "/api/devices/duplicates"
MERGE = "/api/devices/merge"


def twin_of(world, d, **sysinfo):
    """Another device of the same machine."""
    twin = Device(world, register=False)
    twin.machine, twin.uuid = d.machine, d.uuid
    twin.register()
    assert twin.sysinfo(**sysinfo) == "SYSINFO_UPDATED"
    return twin


def page(world, **query):
    """Once the list of devices is built."""
    def ask():
        r = world.admin.call("GET", PATH, **query)
        assert r.status_code in (200, 503), r.text
        return r.json() if r.status_code == 200 else None

    return wait_for("the index", ask)


def groups(world, by="machine"):
    return [{d["id"] for d in g["devices"]} for g in page(world, by=by, pageSize=50)["data"]]


def found(world, ids, by="machine"):
    wait_for(f"the group of {ids}", lambda: set(ids) in groups(world, by))


def entries(client, book):
    rows = client.post("/api/ab/peers", ab=book, pageSize=100).json()["data"]
    return {r["id"]: (r.get("alias"), r["tags"]) for r in rows}


def test_devices_with_one_machine_id_are_found_and_others_are_not(world):
    a = world.device()
    b, c = twin_of(world, a), twin_of(world, a)
    lone = world.device()
    found(world, {a.id, b.id, c.id})
    assert not any(lone.id in g for g in groups(world))
    row = next(g for g in page(world, pageSize=50)["data"]
               if any(d["id"] == a.id for d in g["devices"]))
    assert row["count"] == 3 and {d["guid"] for d in row["devices"]} == {a.guid, b.guid, c.guid}


def test_devices_with_the_same_name_user_and_system_are_found(world):
    same = dict(hostname="reception-7", username="desk")
    a, b = Device(world), Device(world)
    for d in (a, b):
        assert d.sysinfo(**same) == "SYSINFO_UPDATED"
    other = Device(world)
    other.sysinfo(**same, os="windows / Windows 11 Pro")
    found(world, {a.id, b.id}, by="host")
    assert not any(a.id in g for g in groups(world))
    world.admin.refused("GET", PATH, by="colour", says="by")


def test_one_sees_duplicates_among_what_one_may_see(world):
    user = world.user()
    a = world.device()
    b = twin_of(world, a)
    found(world, {a.id, b.id})
    user.refused("GET", PATH, status=403)
    user.refused("POST", MERGE, dict(keep=a.guid, remove=[b.guid]), status=403)


def test_the_kept_one_gets_what_it_lacks_and_the_others_are_retired(world):
    owner = world.user()
    name, _ = world.group("device")
    keep = world.device(note="mine")
    gone = twin_of(world, keep)
    for kind, value in (("user_name", owner.name), ("device_group_name", name), ("note", "his")):
        world.admin.done("POST", f"/api/devices/{gone.guid}/assign", dict(type=kind, value=value))
    body = dict(keep=keep.guid, remove=[gone.guid])
    said = world.admin.post(MERGE, dict(body, preview=True)).json()
    assert said == {"members": ["user_name", "device_group_name"], "entries": 0}
    assert world.admin.get(f"/api/devices/{keep.guid}")["user_name"] == ""
    assert world.admin.post(MERGE, body).json() == said
    now = world.admin.get(f"/api/devices/{keep.guid}")
    assert (now["user_name"], now["device_group_name"], now["note"]) == (owner.name, name, "mine")
    world.admin.refused("GET", f"/api/devices/{gone.guid}", status=404)
    info = [r["info"] for r in world.admin.get("/api/audits/console", pageSize=2)["data"]]
    assert f"{keep.id} (merged)" in info and f"{gone.id} (retired)" in info
    # It is in the list of retired devices, as it was.
    world.admin.done("POST", f"/api/devices/retired/{gone.guid}/restore")
    back = world.admin.get(f"/api/devices/{gone.guid}")
    assert (back["user_name"], back["note"]) == (owner.name, "his")


def test_entries_of_address_books_follow_the_kept_one(world):
    user = world.user()
    keep = world.device()
    first, second = twin_of(world, keep), twin_of(world, keep)
    book = user.post("/api/ab/personal").json()["guid"]
    for tag in ("red", "blue"):
        user.done("POST", f"/api/ab/tag/add/{book}", dict(name=tag, color=1))
    add = lambda d, **more: user.done("POST", f"/api/ab/peer/add/{book}", dict(id=d.id, **more))
    add(first, alias="Till", tags=["red"])
    add(second, alias="Other", tags=["blue"])
    shared = world.user()
    theirs = shared.post("/api/ab/personal").json()["guid"]
    shared.done("POST", f"/api/ab/peer/add/{theirs}", dict(id=keep.id, alias="Kept"))
    body = dict(keep=keep.guid, remove=[first.guid, second.guid])
    assert world.admin.post(MERGE, dict(body, preview=True)).json()["entries"] == 2
    assert entries(user, book).keys() == {first.id, second.id}
    world.admin.post(MERGE, body)
    assert entries(user, book) == {keep.id: ("Till", ["red", "blue"])}
    assert entries(shared, theirs) == {keep.id: ("Kept", [])}
    bin_ = {e["id"] for e in user.get(f"/api/ab/bin/{book}")["data"]}
    assert bin_ == {first.id, second.id}


@pytest.mark.parametrize("body, why", [
    (lambda a, b: dict(keep=a.guid, remove=[]), "remove"),
    (lambda a, b: dict(keep=a.guid, remove=[a.guid]), "twice"),
    (lambda a, b: dict(keep=a.guid, remove=[b.guid, b.guid]), "twice"),
    (lambda a, b: dict(keep="nobody", remove=[b.guid]), "Does not exist: nobody"),
    (lambda a, b: dict(keep=a.guid, remove=["nobody"]), "Does not exist: nobody"),
    (lambda a, b: dict(keep=a.guid, remove=[b.guid] * 21), "remove"),
])
def test_what_cannot_be_merged_is_refused_with_a_sentence(world, body, why):
    a = world.device()
    b = twin_of(world, a)
    world.admin.refused("POST", MERGE, body(a, b), says=why)
    assert world.admin.get(f"/api/devices/{b.guid}")["id"] == b.id


def test_who_is_online_is_not_merged_away(world):
    keep = world.device()
    gone = twin_of(world, keep)
    gone.seen(0x2b)
    world.redis.do("SET", "node:hbbs:0000002b", "x")
    world.redis.do("ZADD", "nodes:hbbs", int(time.time()), "0000002b")
    try:
        world.admin.refused("POST", MERGE, dict(keep=keep.guid, remove=[gone.guid]),
                            says=f"Still online: {gone.id}")
    finally:
        world.redis.do("ZREM", "nodes:hbbs", "0000002b")
    world.admin.post(MERGE, dict(keep=keep.guid, remove=[gone.guid]))


def test_a_page_has_so_many_groups(world):
    made = set()
    for _ in range(51):
        d = world.device()
        made |= {d.id, twin_of(world, d).id}

    def pages():
        """Both, once the last of them is in the index."""
        two = [page(world, pageSize=1000, current=n)["data"] for n in (1, 2)]
        ids = [d["id"] for p in two for g in p for d in g["devices"]]
        return (two, ids) if made <= set(ids) else None

    (first, second), ids = wait_for("all groups", pages)
    assert len(first) == 50 and second
    assert len(ids) == len(set(ids))


def test_so_many_entries_of_books_follow_and_not_one_more(world):
    keep = world.device()
    gone = twin_of(world, keep)
    body = dict(keep=keep.guid, remove=[gone.guid])
    books = [f"00000000-0000-7000-8000-{i:012d}" for i in range(501)]
    for b in books:
        world.redis.do("ZADD", "api:book:order", 1, b)
        world.redis.do("HSET", f"api:book:peers:{b}", gone.id, '{"id":"%s"}' % gone.id)
    try:
        world.admin.refused("POST", MERGE, body, says="More than 500 entries")
        world.redis.do("DEL", f"api:book:peers:{books[0]}")
        assert world.admin.post(MERGE, body).json()["entries"] == 500
        assert world.redis.do("HKEYS", f"api:book:peers:{books[9]}") == [keep.id.encode()]
        assert world.redis.do("HKEYS", f"api:book:bin:{books[9]}") == [gone.id.encode()]
    finally:
        for b in books:
            world.redis.do("ZREM", "api:book:order", b)
            world.redis.do("DEL", f"api:book:peers:{b}", f"api:book:bin:{b}")
