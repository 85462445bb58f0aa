"""Devices that nobody has seen for long leave the lists and come back as they were."""

import json
import time

from harness import World, wait_for

PATH = "/api/devices/retired"


def listed(world, d):
    return world.admin.get("/api/devices", id=d.id)["total"] == 1


def retired(world):
    return {r["guid"]: r for r in world.admin.get(PATH, pageSize=1000)["data"]}


def test_a_retired_device_reports_and_is_what_it_was(world):
    user = world.user()
    name, _ = world.group("device")
    d = world.device(user_name=user.name, device_group_name=name, note="in the cellar")
    before = world.admin.get(f"/api/devices/{d.guid}")
    world.admin.done("POST", f"/api/devices/{d.guid}/retire")
    assert not listed(world, d)
    row = retired(world)[d.guid]
    assert (row["id"], row["note"], row["retired_by"]) == (d.id, "in the cellar", "admin")
    assert "sysinfo" in d.heartbeat()
    assert d.sysinfo() == "SYSINFO_UPDATED"
    after = world.admin.get(f"/api/devices/{d.guid}")
    assert {k: after[k] for k in ("user_name", "device_group_name", "note", "created_at")} == {
        k: before[k] for k in ("user_name", "device_group_name", "note", "created_at")}
    assert d.guid not in retired(world)


def test_an_administrator_takes_one_back(world):
    d = world.device(note="spare")
    world.admin.done("POST", f"/api/devices/{d.guid}/retire")
    world.admin.done("POST", f"{PATH}/{d.guid}/restore")
    assert listed(world, d) and d.guid not in retired(world)
    assert world.admin.get(f"/api/devices/{d.guid}")["note"] == "spare"
    world.admin.refused("POST", f"{PATH}/{d.guid}/restore", status=404)


def test_who_may_not_delete_the_device_takes_nothing_back(world):
    d, stranger = world.device(), world.user()
    world.admin.done("POST", f"/api/devices/{d.guid}/retire")
    stranger.refused("POST", f"{PATH}/{d.guid}/restore", status=403)
    stranger.refused("GET", PATH, status=403)


def test_what_is_gone_meanwhile_is_not_referred_to(world):
    user = world.user()
    d = world.device(user_name=user.name)
    world.admin.done("POST", f"/api/devices/{d.guid}/retire")
    world.admin.done("POST", f"/api/users/{user.guid}/disable")
    world.admin.done("DELETE", f"/api/users/{user.guid}")
    world.admin.done("POST", f"{PATH}/{d.guid}/restore")
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == ""
    assert world.redis.do("HGET", "policy:device", d.id) in (None, b"1 0 - -", "1 0 - -")


def test_a_disabled_device_stays_so_while_it_is_retired(world):
    d = world.device()
    world.admin.done("POST", f"/api/devices/{d.guid}/disable")
    row = world.redis.do("HGET", "policy:device", d.id)
    world.admin.done("POST", f"/api/devices/{d.guid}/retire")
    assert row and world.redis.do("HGET", "policy:device", d.id) == row


def test_one_that_is_online_is_not_retired(world):
    d = world.device()
    world.redis.do("SET", "node:hbbs:0000002a", "x")
    world.redis.do("ZADD", "nodes:hbbs", str(int(time.time())), "0000002a")
    d.seen(0x2A)
    world.admin.refused("POST", f"/api/devices/{d.guid}/retire", says="online")


def test_the_unseen_retire_by_themselves_and_the_others_stay():
    world = World()
    try:
        old, new = world.device(note="old"), world.device()
        raw = json.loads(world.redis.do("HGET", "api:device", old.guid))
        raw["created_at"] -= 40 * 86400 * 1000
        world.redis.do("HSET", "api:device", old.guid, json.dumps(raw, separators=(",", ":")))
        world.settings(device_retirement_days=30)
        wait_for("the old one to retire", lambda: old.guid in retired(world), seconds=30)
        assert listed(world, new) and not listed(world, old)
        assert retired(world)[old.guid]["retired_by"] == ""
    finally:
        world.stop()


def test_nobody_retires_by_default(world):
    assert world.admin.get("/api/settings/general")["device_retirement_days"] == 0
