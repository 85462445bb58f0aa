"""Presets and secret strategies: only for devices that somebody vouched for."""
import base64

import pytest

from harness import Device

SECRET = "telegram-key-of-the-helpdesk"


def groups_of(world, d):
    row = world.admin.get(f"/api/devices/{d.guid}")
    return row["device_group_name"]


def waits(world, d):
    rows = world.admin.get("/api/devices/presets", pageSize=1000)["data"]
    return [r for r in rows if r["guid"] == d.guid]


def wish(world):
    name, _ = world.group("device")
    return name, {"preset-device-group-name": name}


def deploy(world, d):
    world.settings(require_deployment=True)
    try:
        r = world.token(device=2).post(
            "/api/devices/deploy", d.who(pk=base64.b64encode(d.pk).decode())).json()
        assert r["result"] == "OK", r
    finally:
        world.settings(require_deployment=False)


def assign(world, d):
    world.token(device=2).done("POST", "/api/devices/cli", d.who(note="from the image"))


def test_a_strangers_presets_change_nothing_and_wait(world):
    name, preset = wish(world)
    book = world.name("book")
    guid = world.admin.post("/api/ab/shared/add", dict(name=book)).json()["guid"]
    d = Device(world)
    assert d.sysinfo(**preset, **{"preset-address-book-name": book, "preset-user-name": "admin",
                                  "preset-address-book-password": "pw in a preset"}) == "SYSINFO_UPDATED"
    row = world.admin.get(f"/api/devices/{d.guid}")
    assert (row["device_group_name"], row["user_name"], row["approved"]) == ("", "", False)
    assert world.admin.get("/api/ab/peers", ab=guid)["total"] == 0
    [w] = waits(world, d)
    assert w["presets"] == dict(device_group_name=name, address_book_name=book, user_name="admin",
                                address_book_password="")
    assert w["id"] == d.id and w["hostname"] == "host-" + d.id and w["since"] > 0
    # its password is not in Redis in plain
    for key in ("api:device", "api:device:wish"):
        assert b"pw in a preset" not in world.redis.do("HGET", key, d.guid)


@pytest.mark.parametrize("vouch", [deploy, assign])
def test_presets_of_a_device_that_a_token_vouched_for_count_at_once(world, vouch):
    name, preset = wish(world)
    d = Device(world)
    vouch(world, d)
    d.sysinfo(**preset)
    assert groups_of(world, d) == name and not waits(world, d)


def test_an_approval_applies_what_waits_and_what_comes_later(world):
    name, preset = wish(world)
    book = world.name("book")
    guid = world.admin.post("/api/ab/shared/add", dict(name=book)).json()["guid"]
    d = Device(world)
    d.sysinfo(**preset, **{"preset-address-book-name": book,
                           "preset-address-book-password": "sesame"})
    world.admin.done("POST", f"/api/devices/{d.guid}/approve")
    assert groups_of(world, d) == name and not waits(world, d)
    [entry] = world.admin.get("/api/ab/peers", ab=guid)["data"]
    assert (entry["id"], entry["password"]) == (d.id, "sesame")
    assert world.admin.get(f"/api/devices/{d.guid}")["approved"] is True
    other, preset = wish(world)
    d.sysinfo(**preset)
    assert groups_of(world, d) == other


def test_a_refused_wish_does_not_come_back_but_a_new_one_does(world):
    _, preset = wish(world)
    d = Device(world)
    d.sysinfo(**preset)
    world.admin.done("DELETE", f"/api/devices/{d.guid}/presets")
    d.sysinfo(**preset)
    assert groups_of(world, d) == "" and not waits(world, d)
    world.admin.refused("DELETE", f"/api/devices/{d.guid}/presets", status=404)
    d.sysinfo(**wish(world)[1])
    assert waits(world, d)


def test_another_key_is_another_device(world):
    _, preset = wish(world)
    d = Device(world)
    assign(world, d)
    d.pk = b"\2" * 32
    d.register()
    d.sysinfo(**preset)
    assert groups_of(world, d) == "" and waits(world, d)


def test_a_deleted_device_waits_no_longer(world):
    d = Device(world)
    d.sysinfo(**wish(world)[1])
    assert waits(world, d)
    world.admin.done("POST", f"/api/devices/{d.guid}/disable")
    world.admin.done("DELETE", f"/api/devices/{d.guid}")
    assert not waits(world, d)
    assert world.redis.do("ZSCORE", "api:device:wishes", d.guid) is None
    assert world.redis.do("HGET", "api:device:wish", d.guid) is None


def test_all_presets_can_count_and_some_kinds_only(world):
    name, preset = wish(world)
    world.settings(presets="all", preset_kinds=["note"])
    try:
        d = Device(world)
        d.sysinfo(**preset, **{"preset-note": "seen"})
        row = world.admin.get(f"/api/devices/{d.guid}")
        assert (row["note"], row["device_group_name"]) == ("seen", "")
        world.settings(preset_kinds=["device_group_name"])
        d.sysinfo(**preset)
        assert groups_of(world, d) == name
    finally:
        world.settings(presets="approved", preset_kinds=[
            "user_name", "strategy_name", "device_group_name", "note", "address_book_name"])
    world.admin.refused("PUT", "/api/settings/general", dict(presets="maybe"), says="presets")
    world.admin.refused("PUT", "/api/settings/general", dict(allow_presets=True), says="presets")


def test_who_had_presets_off_keeps_them_off(world):
    raw = world.redis.do("HGET", "api:settings", "general")
    world.redis.do("HSET", "api:settings", "general", '{"allow_presets":false}')
    try:
        assert world.admin.get("/api/settings/general")["presets"] == "off"
    finally:
        if raw is None:
            world.redis.do("HDEL", "api:settings", "general")
        else:
            world.redis.do("HSET", "api:settings", "general", raw)


def test_approving_needs_the_right_for_each_wish(world):
    s = world.admin.post("/api/strategies", dict(name=world.name("s"))).json()
    d = Device(world)
    d.sysinfo(**{"preset-strategy-name": s["name"]})
    path = f"/api/devices/{d.guid}"
    c = world.token(device=2)
    c.refused("POST", path + "/approve", status=403)
    c.refused("DELETE", path + "/presets", status=403)
    world.token(device=2, strategy=2).done("POST", path + "/approve")
    assert world.admin.get(path)["strategy_name"] == s["name"]


def test_waiting_wishes_come_page_by_page_and_only_those_one_may_see(world):
    name, guid = world.group()
    owner = world.user(group_name=name)
    mine, other = Device(world), Device(world)
    for d in (mine, other):
        d.sysinfo(**wish(world)[1])
    world.admin.done("POST", f"/api/devices/{mine.guid}/assign",
                     dict(type="user_name", value=owner.name))
    first = world.admin.get("/api/devices/presets", current=1, pageSize=1)
    second = world.admin.get("/api/devices/presets", current=2, pageSize=1)
    assert first["total"] == second["total"] >= 2
    assert len(first["data"]) == len(second["data"]) == 1 and first["data"] != second["data"]
    role = world.admin.post("/api/admin-roles", dict(
        name=world.name("role"), type="group", perms=["devices.view"], user_groups=[guid])).json()
    desk = world.user()
    world.admin.done("PUT", f"/api/users/{desk.guid}", dict(admin_roles=[role["guid"]]))
    seen = desk.get("/api/devices/presets")
    assert seen["total"] == 1 and [r["id"] for r in seen["data"]] == [mine.id]
    desk.refused("POST", f"/api/devices/{mine.guid}/approve", status=403)


def test_the_list_of_waiting_wishes_ends(world):
    world.redis.do("EVAL", "for i = 1, 10000 do redis.call('ZADD', 'api:device:wishes', i, 'x' .. i) end",
                   0)
    d = Device(world)
    try:
        assert d.sysinfo(**wish(world)[1]) == "SYSINFO_UPDATED"
        assert world.redis.do("HGET", "api:device:wish", d.guid) is None
        already = world.redis.do("ZCARD", "api:device:wishes") - 10000
        for i in range(already + 1):
            world.redis.do("ZREM", "api:device:wishes", f"x{i + 1}")
        assert world.redis.do("ZCARD", "api:device:wishes") == 9999
        assert d.sysinfo(**wish(world)[1]) == "SYSINFO_UPDATED"
        assert world.redis.do("HGET", "api:device:wish", d.guid)
    finally:
        world.redis.do("EVAL", "for i = 1, 10000 do redis.call('ZREM', 'api:device:wishes', 'x' .. i) end",
                       0)
    assert waits(world, d)


@pytest.mark.parametrize("more, kept", [(0, True), (1, False)])
def test_a_wish_that_is_long_as_a_whole_does_not_wait(world, more, kept):
    d = Device(world)
    names = len('{"note":"","address_book_note":""}')
    rest = 4096 + more - names - 2040
    texts = {"preset-note": "n" * 2040, "preset-address-book-note": "b" * rest}
    assert d.sysinfo(**texts) == "SYSINFO_UPDATED"
    assert bool(waits(world, d)) is kept


def secret_strategy(world, d):
    s = world.admin.post("/api/strategies", dict(
        name=world.name("s"), config_options={"bot": SECRET, "enable-audio": "N"})).json()
    world.admin.done("POST", "/api/strategies/assign", dict(strategy=s["guid"], peers=[d.guid]))


def test_a_strategy_with_a_secret_is_withheld_from_a_device_nobody_vouched_for(world):
    d = world.device()
    secret_strategy(world, d)
    assert d.heartbeat() == {}
    assert d.heartbeat(modified_at=5) == {"modified_at": 0}
    assert world.admin.get(f"/api/devices/{d.guid}/strategy")["withheld"] is True
    world.admin.done("POST", f"/api/devices/{d.guid}/approve")
    assert d.heartbeat()["strategy"]["config_options"]["bot"] == SECRET
    assert world.admin.get(f"/api/devices/{d.guid}/strategy")["withheld"] is False
    d.pk = b"\3" * 32
    d.register()
    assert d.heartbeat() == {}


def test_a_signature_of_its_key_proves_a_device(world):
    nacl = pytest.importorskip("nacl.signing")
    import time

    key = nacl.SigningKey.generate()
    d = Device(world, pk=bytes(key.verify_key))
    d.sysinfo()
    secret_strategy(world, d)
    assert d.heartbeat() == {}
    verifier = base64.b64encode(b"v" * 32).decode()
    stamp = str(int(time.time()))
    message = b"\0".join([b"switch-grant", d.id.encode(), verifier.encode(), stamp.encode()])
    body = dict(id=d.id, switch_code_verifier=verifier, timestamp=stamp,
                signature=base64.b64encode(key.sign(message).signature).decode())
    assert d.client().post("/api/switch-grant", body).json()["accepted"] is True
    assert d.heartbeat()["strategy"]["config_options"]["bot"] == SECRET


def test_a_strategy_without_secrets_reaches_everybody(world):
    d = world.device()
    s = world.admin.post("/api/strategies", dict(
        name=world.name("s"), config_options={"allow-numeric-one-time-password": "Y"})).json()
    world.admin.done("POST", "/api/strategies/assign", dict(strategy=s["guid"], peers=[d.guid]))
    assert d.heartbeat()["strategy"]["config_options"]
