"""Devices: heartbeat, sysinfo, --assign, --deploy, switch-grant, presence."""
import base64
import hashlib
import time

import nacl.signing
import pytest

from harness import Device, b64, crc16


def test_sysinfo_of_a_registered_device_is_stored(world):
    d = Device(world)
    assert d.sysinfo(hostname="desk-01") == "SYSINFO_UPDATED"
    row = world.admin.get(f"/api/devices/{d.guid}")
    assert row["id"] == d.id and row["device_name"] == "desk-01"
    assert row["info"]["os"] == "linux / Debian 12"


def test_sysinfo_of_an_unknown_id_is_refused_by_name(world):
    assert Device(world, register=False).sysinfo() == "ID_NOT_FOUND"


def test_sysinfo_with_another_machines_uuid_is_not_believed(world):
    d = Device(world)
    d.uuid = Device(world, register=False).uuid
    assert d.sysinfo() == "ID_NOT_FOUND"


def test_sysinfo_ver_is_constant(world):
    c = world.client()
    first = c.post("/api/sysinfo_ver").text
    assert first and c.post("/api/sysinfo_ver").text == first


def test_an_idle_heartbeat_is_an_empty_object_and_writes_nothing(world):
    d = world.device()
    d.heartbeat()
    before = world.redis.do("INFO", "persistence")
    offset = world.redis.do("INFO", "stats")
    writes = dirty(world)
    assert d.heartbeat() == {}
    assert dirty(world) == writes, (before, offset)


def dirty(world):
    """Write commands that Redis has executed for clients of the api."""
    text = world.redis.do("INFO", "commandstats").decode()
    names = ("hset", "set", "sadd", "srem", "hdel", "zadd", "expire", "del", "xadd")
    return [line.split(",")[0] for line in text.split()
            if line.split("_", 1)[-1].split(":")[0] in names]


def test_heartbeat_of_a_device_outside_the_inventory_asks_for_sysinfo(world):
    d = Device(world)
    assert "sysinfo" in d.heartbeat()
    d.sysinfo()
    assert "sysinfo" not in d.heartbeat()


@pytest.mark.parametrize("body", [{}, {"id": "unknown", "uuid": "eA=="},
                                  {"id": "a b", "uuid": ""}])
def test_heartbeat_of_nobody_is_an_empty_object(world, body):
    assert world.client().post("/api/heartbeat", body).json() == {}


def strategy(world, options=None, **more):
    body = dict(name=world.name("strategy"), config_options=options or {}, **more)
    return world.admin.post("/api/strategies", body).json()


def test_a_strategy_is_pushed_once(world):
    s = strategy(world, {"enable-clipboard": "N", "whitelist": ""})
    d = world.device(strategy_name=s["name"])
    reply = d.heartbeat(modified_at=0)
    assert reply["strategy"] == {"config_options": {"enable-clipboard": "N", "whitelist": ""},
                                 "extra": {}}
    again = d.heartbeat(modified_at=reply["modified_at"])
    assert "strategy" not in again and "modified_at" not in again


def test_a_changed_strategy_is_pushed_again_and_a_renamed_one_is_not(world):
    s = strategy(world, {"enable-audio": "N"})
    d = world.device(strategy_name=s["name"])
    t = d.heartbeat()["modified_at"]
    world.admin.patch(f"/api/strategies/{s['guid']}", dict(note="x"))
    assert d.heartbeat(modified_at=t) == {}
    world.admin.patch(f"/api/strategies/{s['guid']}",
                      dict(config_options={"enable-audio": "Y"}))
    reply = d.heartbeat(modified_at=t)
    assert reply["modified_at"] != t
    assert reply["strategy"]["config_options"] == {"enable-audio": "Y"}


def test_device_beats_user_beats_device_group(world):
    by = {k: strategy(world, {"relay-server": k}) for k in ("device", "user", "group")}
    u = world.user()
    gname, gguid = world.group("device")
    d = world.device(user_name=u.name, device_group_name=gname)

    def option():
        return d.heartbeat().get("strategy", {}).get("config_options", {}).get("relay-server")

    def assign(member, guid, key):
        world.admin.done("POST", "/api/strategies/assign",
                         {"strategy": by[key]["guid"], member: [guid]})

    assert option() is None
    assign("groups", gguid, "group")
    assert option() == "group"
    assign("users", u.guid, "user")
    assert option() == "user"
    assign("peers", d.guid, "device")
    assert option() == "device"
    effect = world.admin.get(f"/api/devices/{d.guid}/strategy")
    assert effect["from"] == "device" and effect["strategy"]["guid"] == by["device"]["guid"]
    # a disabled one manages nothing: no falling back to the next level
    world.admin.done("PUT", f"/api/strategies/{by['device']['guid']}/status", False)
    assert option() is None
    # none applies any more: the client is told to forget the time stamp
    assert d.heartbeat(modified_at=7) == {"modified_at": 0}
    world.admin.done("POST", "/api/strategies/assign", {"peers": [d.guid]})
    assert option() == "user"


def test_a_strategy_has_only_text_values(world):
    world.admin.refused("POST", "/api/strategies",
                        dict(name=world.name("s"), config_options={"a": 1}))


def trusted(world):
    """A device that was assigned with a token, so that its presets count."""
    d = Device(world)
    world.token(device=2).done("POST", "/api/devices/cli", d.who(device_name="kiosk"))
    return d


def test_presets_apply_when_they_change_and_do_not_undo_an_administrator(world):
    u = world.user()
    gname, _ = world.group("device")
    s = strategy(world)
    world.admin.post("/api/ab/shared/add", dict(name="preset-book", note=None))
    d = trusted(world)
    wish = {"preset-user-name": u.name, "preset-device-group-name": gname,
            "preset-strategy-name": s["name"], "preset-note": "from preset",
            "preset-address-book-name": "preset-book", "preset-address-book-tag": "new",
            "preset-address-book-alias": "Alias"}
    assert d.sysinfo(**wish) == "SYSINFO_UPDATED"
    row = world.admin.get(f"/api/devices/{d.guid}")
    assert (row["user_name"], row["device_group_name"], row["strategy_name"], row["note"]) == (
        u.name, gname, s["name"], "from preset")
    world.admin.done("POST", f"/api/devices/{d.guid}/assign", dict(type="user_name", value=""))
    d.sysinfo(**wish)
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == ""
    book = world.admin.get("/api/ab/shared/profiles", name="preset-book")["data"][0]["guid"]
    peers = world.admin.get("/api/ab/peers", ab=book)["data"]
    assert peers[0]["id"] == d.id and peers[0]["tags"] == ["new"] and peers[0]["alias"] == "Alias"


def test_presets_can_be_switched_off(world):
    u = world.user()
    world.settings(presets="off")
    try:
        d = trusted(world)
        d.sysinfo(**{"preset-user-name": u.name})
        assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == ""
    finally:
        world.settings(presets="approved")


def test_a_device_keeps_its_place_when_its_id_changes(world):
    u = world.user()
    d = world.device(user_name=u.name)
    old = d.id
    Device.count += 1
    d.id = str(Device.count)
    d.register()
    assert d.sysinfo() == "SYSINFO_UPDATED"
    row = world.admin.get(f"/api/devices/{d.guid}")
    assert row["id"] == d.id and row["user_name"] == u.name
    assert world.admin.get("/api/devices", id=old)["total"] == 0
    assert world.redis.do("HGET", "policy:device", old) is None
    assert world.redis.do("HGET", "policy:device", d.id) is not None


def test_assign_by_command_line(world):
    u, t = world.user(), world.token(device=2)
    gname, _ = world.group("device")
    d = Device(world)
    t.done("POST", "/api/devices/cli",
           d.who(user_name=u.name, device_group_name=gname, note="rack 4", device_name="Box"))
    row = world.admin.get(f"/api/devices/{d.guid}")
    assert (row["user_name"], row["device_group_name"], row["note"], row["device_name"]) == (
        u.name, gname, "rack 4", "Box")
    text = t.post("/api/devices/cli", d.who(user_name="nobody-at-all")).text
    assert text == "User does not exist"
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == u.name


def test_assign_needs_a_token_that_may_write_devices(world):
    d = Device(world)
    body = d.who(note="x")
    world.token(device=1).refused("POST", "/api/devices/cli", body, status=403)
    world.token(user=2).refused("POST", "/api/devices/cli", body, status=403)
    world.user().refused("POST", "/api/devices/cli", body, status=403)
    world.client().refused("POST", "/api/devices/cli", body, status=401)


def test_deploy_answers_each_documented_result(world):
    t = world.token(device=2)
    d = Device(world, register=False)
    body = d.who(pk=b64(d.pk))

    def result(**change):
        return t.post("/api/devices/deploy", dict(body, **change)).json()["result"]

    assert result() == "NOT_ENABLED"
    world.settings(require_deployment=True)
    try:
        assert world.redis.do("HGET", "policy:settings", "row") == b"1 1 1"
        assert result(pk="eA==") == "INVALID_INPUT"
        assert result(uuid="!") == "INVALID_INPUT"
        assert result() == "OK"
        assert world.redis.do("HGET", "policy:deployed", d.id).decode() == f"{d.uuid} {b64(d.pk)}"
        assert result() == "OK"
        assert result(uuid=Device(world, register=False).uuid) == "ID_TAKEN"
        assert result(id=world.device().id) == "ID_TAKEN"
    finally:
        world.settings(require_deployment=False)


def test_a_device_is_deleted_only_when_disabled_and_offline_and_stays_away(world):
    d = world.device()
    path = f"/api/devices/{d.guid}"
    world.admin.refused("DELETE", path, says="Disable")
    world.admin.done("POST", path + "/disable")
    world.redis.do("ZADD", "nodes:hbbs", int(time.time()), "00000007")
    d.seen(7)
    world.admin.refused("DELETE", path, says="online")
    d.seen(0, ago=60)
    world.admin.done("DELETE", path)
    assert d.sysinfo() == "DELETED"
    assert d.heartbeat() == {}
    world.admin.refused("GET", path, status=404)
    assert world.redis.do("HGET", "policy:device", d.id) == b"1 2 - -"
    world.admin.done("POST", f"/api/devices/deleted/{d.guid}/restore")
    assert d.sysinfo() == "SYSINFO_UPDATED"


def test_a_deleted_device_comes_back_by_assign(world):
    d = world.device()
    world.admin.done("POST", f"/api/devices/{d.guid}/disable")
    world.admin.done("DELETE", f"/api/devices/{d.guid}")
    world.token(device=2).done("POST", "/api/devices/cli", d.who(note="back"))
    assert d.sysinfo() == "SYSINFO_UPDATED"
    assert world.admin.get(f"/api/devices/{d.guid}")["note"] == "back"


def test_online_state_comes_from_the_leases_of_hbbs(world):
    d = world.device()
    path = f"/api/devices/{d.guid}"
    assert world.admin.get(path)["is_online"] is False
    world.redis.do("ZADD", "nodes:hbbs", int(time.time()), "0000abcd")
    d.seen(0xABCD)
    row = world.admin.get(path)
    assert row["is_online"] is True
    assert abs(time.mktime(time.strptime(row["last_online"], "%Y-%m-%dT%H:%M:%S")) -
               time.mktime(time.gmtime())) < 5
    world.redis.do("ZREM", "nodes:hbbs", "0000abcd")
    assert world.admin.get(path)["is_online"] is False
    d.seen(0, ago=3600)
    row = world.admin.get(path)
    assert abs(time.mktime(time.strptime(row["last_online"], "%Y-%m-%dT%H:%M:%S")) + 3600 -
               time.mktime(time.gmtime())) < 5


def grant(d, key, stamp=None, tamper=b""):
    code = b64(hashlib.sha256(b"some uuid").digest())
    verifier = b64(hashlib.sha256(b"switch-grant-verifier\0" + code.encode()).digest())
    stamp = str(stamp if stamp is not None else int(time.time()))
    msg = b"\0".join([b"switch-grant", d.id.encode(), verifier.encode(), stamp.encode()])
    sig = key.sign(msg + tamper).signature
    return verifier, dict(id=d.id, switch_code_verifier=verifier, timestamp=stamp,
                          signature=b64(sig))


def test_switch_grant_is_stored_for_hbbs_if_the_device_signed_it(world):
    key = nacl.signing.SigningKey.generate()
    d = Device(world, pk=bytes(key.verify_key))
    c = world.client()
    verifier, body = grant(d, key)
    assert c.post("/api/switch-grant", body).json() == {"accepted": True}
    assert 0 < world.redis.do("TTL", f"switch:{bytes(key.verify_key).hex()}:{verifier}") <= 30
    _, bad = grant(d, key, tamper=b"x")
    assert c.post("/api/switch-grant", bad).json() == {"accepted": False}
    _, late = grant(d, key, stamp=int(time.time()) - 4000)
    reply = c.post("/api/switch-grant", late).json()
    assert reply["accepted"] is False and abs(reply["server_time"] - time.time()) < 5
    body["id"] = "unknown"
    assert c.post("/api/switch-grant", body).json() == {"accepted": False}


def test_the_verifier_vector_of_the_contract():
    digest = hashlib.sha256(b"switch-grant-verifier\0code-abc").digest()
    assert base64.b64encode(digest).decode() == "dMIn3uiPe77XodFB5IKi7PrKJ7l7+zVquNn0ObSaHQc="


def test_filters_use_percent_dash_and_exact_match(world):
    u = world.user()
    a, b = world.device(user_name=u.name), world.device()
    get = world.admin.get

    def ids(**query):
        return [r["id"] for r in get("/api/devices", **query)["data"]]

    assert ids(id=a.id) == [a.id]
    assert ids(id=a.id[:-1]) == []
    assert a.id in ids(id=a.id[:6] + "%", pageSize=1000)
    assert ids(user_name=u.name) == [a.id]
    assert b.id in ids(user_name="-", pageSize=1000) and a.id not in ids(user_name="-", pageSize=1000)
    assert get("/api/devices", id="no-such") == {"total": 0, "data": []}


def test_pages_are_stable_and_exactly_as_large_as_asked(world):
    for _ in range(5):
        world.device()
    total = world.admin.get("/api/devices")["total"]
    seen = []
    for page in range(1, total // 2 + 2):
        rows = world.admin.get("/api/devices", current=page, pageSize=2)
        assert rows["total"] == total
        seen += [r["id"] for r in rows["data"]]
    assert len(seen) == len(set(seen)) == total
    assert seen == [r["id"] for r in world.admin.get("/api/devices", pageSize=1000)["data"]]


def row_of(world, device_id):
    return world.redis.do("HGET", "policy:device", device_id)


def test_a_device_with_a_new_id_leaves_the_row_of_who_has_its_old_one(world):
    """The id went to another device, whose row came along; only the document
    of the first is late."""
    first, second = world.device(), world.device()
    assert first.sysinfo() == second.sysinfo() == "SYSINFO_UPDATED"
    old, first.id = first.id, "moved-" + first.id
    first.register()
    second.id = old
    second.register()
    world.redis.do("HSET", "policy:device", old, "1 1 - -")
    assert first.sysinfo() == "SYSINFO_UPDATED"
    assert row_of(world, old) == b"1 1 - -"
    assert row_of(world, first.id) == b"1 0 - -"


def test_the_row_of_an_old_id_goes_where_nobody_has_taken_it(world):
    d = world.device()
    d.sysinfo()
    old, d.id = d.id, "moved-" + d.id
    d.register()
    world.redis.do("HDEL", f"peer:{crc16(old.encode()):04x}", old)
    assert d.sysinfo() == "SYSINFO_UPDATED"
    assert row_of(world, old) is None


def test_a_late_document_does_not_write_the_row_of_another_device(world):
    first, second = world.device(), world.device()
    first.sysinfo()
    old, first.id = first.id, "moved-" + first.id
    first.register()
    second.id = old
    second.register()
    world.redis.do("HSET", "policy:device", old, "1 1 - -")
    world.admin.post(f"/api/devices/{first.guid}/enable", {})
    assert row_of(world, old) == b"1 1 - -"


def test_the_record_of_hbbs_decides_who_has_an_id(world):
    first, second = world.device(), world.device()
    first.sysinfo()
    old, first.id = first.id, "moved-" + first.id
    first.register()
    second.id = old
    second.register()
    assert second.sysinfo() == "SYSINFO_UPDATED"
    assert first.sysinfo() == "SYSINFO_UPDATED"
    assert {row_of(world, d.id) for d in (first, second)} == {b"1 0 - -"}
