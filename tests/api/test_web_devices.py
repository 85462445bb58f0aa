"""The console's list of devices, from the index in the api's memory."""
import struct
import time
from urllib.parse import urlencode

import pytest

from harness import Api, Client, Device, World, crc16, wait_for


@pytest.fixture(scope="module")
def site():
    w = World()
    wait_for("the index", lambda: w.admin.call("GET", "/api/web/devices").ok)
    yield w
    w.stop()


def ids(c, path="/api/web/devices", **query):
    return [r["id"] for r in c.get(f"{path}?{urlencode(query)}")["data"]]


def until(c, want, **query):
    wait_for(f"{query} gives {want}", lambda: ids(c, **query) == want)


def seen(device, epoch, ip=bytes([10, 1, 2, 3]), ago=0):
    """As hbbs writes it: the presence, and the word of it."""
    now = int(time.time()) - 1577836800 - ago
    value = struct.pack("<BBHII", 1, 1, 5000, epoch, now) + b"\0" * 10 + b"\xff\xff" + ip
    redis = device.world.redis
    redis.do("HSET", f"seen:{crc16(device.id.encode()):04x}", device.id, value)
    redis.do("XADD", "seen:changes", "*", device.id, value)


def node(w, epoch):
    name = f"{epoch:08x}"
    w.redis.do("SET", f"node:hbbs:{name}", b"\x15" + struct.pack("<I", epoch), "EX", 600)
    w.redis.do("ZADD", "nodes:hbbs", int(time.time()), name)


def test_a_device_is_listed_soon_after_it_is_made_and_until_it_is_deleted(site):
    d = site.device(note="first floor")
    until(site.admin, [d.id], id=d.id)
    row = site.admin.get("/api/web/devices", id=d.id)["data"][0]
    assert row["version"] == "1.4.9" and row["os"] == "linux / Debian 12"
    assert row["note"] == "first floor" and row["is_online"] is False
    old = site.admin.get("/api/devices", id=d.id)["data"][0]
    assert {k: row[k] for k in old} == old
    site.admin.done("POST", f"/api/devices/{d.guid}/disable")
    until(site.admin, [d.id], id=d.id, status=0)
    site.admin.done("DELETE", f"/api/devices/{d.guid}")
    until(site.admin, [], id=d.id)


def test_every_column_filters(site):
    u = site.user()
    ugroup, uguid = site.group()
    site.admin.done("POST", f"/api/user-groups/{uguid}", [u.guid])
    dgroup, _ = site.group("device")
    strategy = site.name("Strategy")
    site.admin.post("/api/strategies", dict(name=strategy))
    d = site.device(user_name=u.name, device_group_name=dgroup, strategy_name=strategy,
                    note="unmistakable", device_name="Reception")
    other = site.device()
    for query in (dict(user=u.name.upper()), dict(user_group=ugroup), dict(device_group=dgroup),
                  dict(strategy=strategy[1:]), dict(note="MISTAK"), dict(name="recept"),
                  dict(q="reception"), dict(q="host-" + d.id), dict(q=d.id)):
        until(site.admin, [d.id], **query)
    both = dict(os="DEBIAN", version="1.4", username="root")
    wait_for("both", lambda: {d.id, other.id} <= set(ids(site.admin, **both)))
    assert other.id in ids(site.admin, user="-", device_group="-", note="-")
    assert other.id in ids(site.admin, unassigned=1)
    assert d.id not in ids(site.admin, unassigned=1)


def test_devices_are_found_by_when_they_were_added(site):
    d = site.device(note=site.name("added"))
    until(site.admin, [d.id], id=d.id)
    added = site.admin.get("/api/web/devices", id=d.id)["data"][0]["created_at"]
    assert ids(site.admin, id=d.id, created_after=added) == [d.id]
    assert ids(site.admin, id=d.id, created_after=added + 1) == []
    assert ids(site.admin, id=d.id, created_before=added) == []
    assert ids(site.admin, id=d.id, created_before=added + 1) == [d.id]


def test_a_renamed_group_is_found_by_its_new_name(site):
    name, guid = site.group("device")
    d = site.device(device_group_name=name)
    until(site.admin, [d.id], device_group=name)
    site.admin.patch(f"/api/device-groups/{guid}", dict(name="Renamed entirely"))
    until(site.admin, [d.id], device_group="renamed ENTIRELY")
    assert ids(site.admin, device_group=name) == []


def test_a_sorted_list_is_the_same_list_in_pages(site):
    tag = site.name("sorting")
    devices = [site.device(note=tag, device_name=f"name {i * 7 % 10}") for i in range(10)]
    wait_for("all", lambda: len(ids(site.admin, note=tag)) == 10)
    by_name = [d.id for d in sorted(devices, key=lambda d: devices.index(d) * 7 % 10)]
    assert ids(site.admin, note=tag, sort="name") == by_name
    assert ids(site.admin, note=tag, sort="-name") == by_name[::-1]
    pages = [ids(site.admin, note=tag, sort="name", current=p, pageSize=3) for p in (1, 2, 3, 4)]
    assert sum(pages, []) == by_name
    assert site.admin.get("/api/web/devices", note=tag, pageSize=3)["total"] == 10
    assert ids(site.admin, note=tag) == [d.id for d in devices]  # in the order they came


def test_who_is_online_follows_presence_and_the_life_of_nodes(site):
    d = site.device(note=site.name("online"))
    node(site, 0x77)
    seen(d, 0x77)
    wait_for("online", lambda: d.id in ids(site.admin, online=1))
    row = site.admin.get("/api/web/devices", id=d.id)["data"][0]
    assert row["address"] == "10.1.2.3" and abs(row["last_seen"] - time.time()) < 60
    assert d.id in ids(site.admin, q="10.1.2") and d.id not in ids(site.admin, address="-")
    assert site.admin.get("/api/web/overview")["devices_online"] == 1
    seen(d, 0, ago=7200)
    wait_for("offline", lambda: d.id in ids(site.admin, online=0))
    hour = int(time.time()) - 3600
    assert d.id in ids(site.admin, seen_before=hour)
    assert d.id not in ids(site.admin, seen_after=hour)
    seen(d, 0x77)
    wait_for("online again", lambda: d.id in ids(site.admin, online=1))
    site.redis.do("ZADD", "nodes:hbbs", int(time.time()) - 36, "00000077")
    wait_for("its node is gone", lambda: d.id in ids(site.admin, online=0))


def test_a_device_that_was_online_before_it_was_known_is_listed_as_online(site):
    d = Device(site)
    node(site, 0x78)
    seen(d, 0x78)
    assert d.sysinfo() == "SYSINFO_UPDATED"
    wait_for("online", lambda: d.id in ids(site.admin, online=1))


def test_a_role_lists_what_it_covers(site):
    u, boss = site.user(), site.user()
    group, guid = site.group("device")
    role = site.admin.post("/api/admin-roles", dict(name=site.name("r"), type="group",
                                                    perms=["devices.view"],
                                                    device_groups=[guid])).json()
    site.admin.done("PUT", f"/api/users/{boss.guid}", dict(admin_roles=[role["guid"]]))
    inside, mine = site.device(device_group_name=group), site.device(user_name=u.name)
    wait_for("listed", lambda: mine.id in ids(site.admin, user=u.name))
    assert ids(boss) == [inside.id]
    assert boss.get("/api/web/devices")["total"] == 1
    u.refused("GET", "/api/web/devices", status=403)
    assert ids(u, "/api/web/devices/own") == [mine.id]
    assert ids(boss, "/api/web/devices/own") == []
    site.client().refused("GET", "/api/web/devices/own", status=401)


@pytest.mark.parametrize("query", [dict(sort="colour"), dict(sort="--id"), dict(online="yes"),
                                   dict(status="2"), dict(seen_before="x"), dict(seen_after="-1"),
                                   dict(created_before="x"), dict(created_after="-1"),
                                   dict(unassigned="01")])
def test_what_is_wrong_in_a_query_is_named(site, query):
    site.admin.refused("GET", "/api/web/devices?" + urlencode(query), says=next(iter(query)))


def test_a_second_api_shows_what_the_first_changes(site):
    other = Api(site.redis, data=site.api.dir)
    try:
        c = Client(other.base, site.admin.token)
        wait_for("built", lambda: c.call("GET", "/api/web/devices").status_code == 200)
        d = site.device()
        until(c, [d.id], id=d.id)
        names = {n["service"] for n in c.get("/api/web/overview")["nodes"]}
        wait_for("two", lambda: len([n for n in c.get("/api/web/overview")["nodes"]
                                     if n["service"] == "api"]) == 2)
        assert "api" in names
    finally:
        other.stop()
    wait_for("one", lambda: len([n for n in site.admin.get("/api/web/overview")["nodes"]
                                 if n["service"] == "api"]) == 1)


def test_what_was_there_before_the_start_is_listed_and_a_restore_is_noticed(site):
    d = site.device()
    raw = site.redis.do("HGET", "api:device", d.guid)
    until(site.admin, [d.id], id=d.id)
    site.redis.do("HDEL", "api:device", d.guid)  # no word of it in the stream
    until(site.admin, [], id=d.id)
    site.redis.do("HSET", "api:device", d.guid, raw)
    wait_for("built again", lambda: site.admin.call(
        "GET", "/api/web/devices", id=d.id).json().get("total") == 1, 60)


def test_while_redis_is_away_the_list_is_refused_and_comes_back():
    w = World()
    try:
        wait_for("the index", lambda: w.admin.call("GET", "/api/web/devices").ok)
        d = w.device()
        until(w.admin, [d.id])
        w.redis.stop()
        r = w.admin.call("GET", "/api/web/devices")
        assert r.status_code == 503 and r.headers["Retry-After"]
        w.redis.start()
        late = Device(w)
        wait_for("back", lambda: late.client().call("POST", "/api/sysinfo", late.who())
                 .text == "SYSINFO_UPDATED")
        wait_for("both", lambda: w.admin.call("GET", "/api/web/devices").json().get("total") == 2)
    finally:
        w.stop()
