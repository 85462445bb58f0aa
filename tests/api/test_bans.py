"""Bans: who is kept out, by whom, until when; and that nobody locks himself out."""

import time
import uuid

import pytest

from harness import Api, World, wait_for

PATH = "/api/bans"
OURS = "198.51.100."


@pytest.fixture(autouse=True)
def no_ban_is_left(world):
    yield
    for b in bans(world):
        world.admin.done("DELETE", f"{PATH}/{b['guid']}")


def bans(world):
    return world.admin.get(PATH, pageSize=1000)["data"]


def ban(world, **what):
    return world.admin.post(PATH, what).json()


def over_soon(world, made, at):
    """As if MADE had been banned until AT."""
    raw = world.redis.do("HGET", "api:ban", made["guid"]).decode()
    text, was = f"address {made['address']}", str(made["expires_at"])
    world.redis.do("HSET", "api:ban", made["guid"], raw.replace(was, str(at)))
    world.redis.do("HSET", "policy:ban", text, f"1 {at}")
    world.redis.do("SET", "policy:ban:rev", str(uuid.uuid4()))


def status(api, ip, path="/api/login-options"):
    from harness import Client
    return Client(api.base, ip=ip).call("GET", path).status_code


def test_a_banned_network_is_served_nothing_until_the_ban_ends(world):
    made = ban(world, address=OURS + "77/24", note="scans")
    assert (made["address"], made["note"], made["by"], made["expires_at"]) == (
        OURS + "0/24", "scans", "admin", 0)
    wait_for("the ban", lambda: status(world.api, OURS + "9") == 403)
    stranger = world.client(ip=OURS + "9")
    stranger.refused("POST", "/api/login", dict(username="admin", password="x"), status=403,
                     says="banned")
    stranger.refused("POST", "/api/heartbeat", world.device().who(), status=403, says="banned")
    assert world.client(ip=OURS + "9").call("GET", "/").status_code == 403
    assert status(world.api, "198.51.101.9") == 200
    world.admin.done("DELETE", f"{PATH}/{made['guid']}")
    wait_for("its end", lambda: status(world.api, OURS + "9") == 200)
    world.admin.refused("DELETE", f"{PATH}/{made['guid']}", status=404)


def test_a_ban_is_listed_and_in_the_audit_with_its_end(world):
    made = ban(world, device="123456789", note="stolen",
               expires_at=int(time.time()) + 3600)
    assert [b for b in bans(world) if b["guid"] == made["guid"]] == [made]
    assert made["device"] == "123456789" and "address" not in made
    assert world.redis.do("HGET", "policy:ban", "device 123456789") == (
        b"1 %d" % made["expires_at"])
    world.admin.done("DELETE", f"{PATH}/{made['guid']}")
    rows = world.admin.get("/api/audits/console", pageSize=2)["data"]
    assert [(r["iop"], r["info"]) for r in rows] == [
        (31, "device 123456789"), (30, "device 123456789")]
    assert world.redis.do("HLEN", "policy:ban") == 0


def test_bans_are_found_by_what_is_banned_and_by_their_note(world):
    ban(world, address=OURS + "0/24", note="Scans of June")
    ban(world, device="123456789")
    find = lambda q: [b.get("device") or b["address"] for b in world.admin.get(PATH, q=q)["data"]]
    assert find("scans") == [OURS + "0/24"] == find("100.0/2")
    assert find("3456") == ["123456789"] and find("nobody") == []


def test_the_same_is_banned_once_however_it_is_written(world):
    ban(world, address="2001:DB8::1/32")
    world.admin.refused("POST", PATH, dict(address="2001:db8::/32"), says="already")


def test_ids_that_differ_by_case_alone_are_banned_one_by_one(world):
    made = [ban(world, device=d)["guid"] for d in ("office1", "OFFICE1")]
    world.admin.refused("POST", PATH, dict(device="OFFICE1"), says="already")
    world.admin.done("DELETE", f"{PATH}/{made[1]}")
    world.admin.refused("POST", PATH, dict(device="office1"), says="already")
    ban(world, device="OFFICE1")
    assert sorted(b["device"] for b in bans(world)) == ["OFFICE1", "office1"]


@pytest.mark.parametrize("address, why", [
    ("127.0.0.1", "loopback"), ("0.0.0.0/0", "loopback"), ("::1", "loopback"), ("::/0", "loopback"),
    ("126.0.0.0/7", "loopback"),
])
def test_the_servers_own_addresses_are_not_banned(world, address, why):
    world.admin.refused("POST", PATH, dict(address=address), says=why)


def test_proxies_and_the_callers_own_address_are_not_banned(world):
    api = Api(world.redis, data=world.api.dir, TRUSTED_PROXIES="127.0.0.1,192.0.2.0/25")
    try:
        admin = world.admin
        here = type(admin)(api.base, admin.token, ip=OURS + "5")
        for address in ("192.0.2.0/24", "192.0.2.9"):
            here.refused("POST", PATH, dict(address=address), says="TRUSTED_PROXIES")
        here.post(PATH, dict(address="192.0.2.128/25"))
        for address in (OURS + "5", OURS + "0/24"):
            here.refused("POST", PATH, dict(address=address), says="you come from")
        here.post(PATH, dict(address=OURS + "6"))
    finally:
        api.stop()


@pytest.mark.parametrize("body, why", [
    ({}, "either address or device"),
    (dict(address="192.0.2.1", device="123456789"), "either address or device"),
    (dict(address="example.com"), "neither an address nor a network"),
    (dict(address="192.0.2.1/33"), "neither an address nor a network"),
    (dict(device="12 34"), "device"),
    (dict(device="123456789", expires_at=1), "not in the future"),
    (dict(device="123456789", expires_at=-1), "not in the future"),
])
def test_what_is_no_ban_is_refused_with_a_sentence(world, body, why):
    world.admin.refused("POST", PATH, body, says=why)
    assert bans(world) == []


def test_only_administrators_see_and_make_bans(world):
    user = world.user()
    guid = ban(world, device="123456789")["guid"]
    user.refused("GET", PATH, status=403)
    user.refused("POST", PATH, dict(device="1234567"), status=403)
    user.refused("DELETE", f"{PATH}/{guid}", status=403)


def test_a_ban_for_a_time_is_over_and_leaves_nothing(world):
    made = ban(world, address=OURS + "8", expires_at=int(time.time()) + 3600)
    wait_for("the ban", lambda: status(world.api, OURS + "8") == 403)
    over_soon(world, made, int(time.time()) + 2)
    wait_for("its end", lambda: status(world.api, OURS + "8") == 200 and not bans(world))
    assert world.redis.do("HLEN", "policy:ban") == 0


def test_a_ban_reaches_every_api_and_survives_redis(world):
    alone = World()
    other = Api(alone.redis, data=alone.api.dir)
    try:
        ban(alone, address=OURS + "0/24")
        wait_for("the other node", lambda: status(other, OURS + "3") == 403)
        alone.redis.stop()
        assert status(other, OURS + "3") == 403
        assert status(other, "192.0.2.3", "/api/version") == 200
        alone.redis.start()
        wait_for("redis", lambda: status(other, "192.0.2.3") == 200)
        assert status(other, OURS + "3") == 403
    finally:
        other.stop()
        alone.stop()


def test_there_are_so_many_bans_and_not_one_more(world):
    rows = [x for i in range(10000) for x in (i, f"00000000-0000-7000-8000-{i:012d}")]
    for i in range(0, len(rows), 2000):
        world.redis.do("ZADD", "api:ban:order", *rows[i:i + 2000])
    try:
        world.admin.refused("POST", PATH, dict(device="123456789"), says="Too many bans")
        world.redis.do("ZREM", "api:ban:order", rows[1])
        guid = ban(world, device="123456789")["guid"]
        world.admin.done("DELETE", f"{PATH}/{guid}")
    finally:
        world.redis.do("DEL", "api:ban:order")
