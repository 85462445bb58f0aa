"""Names of objects, and small rules that strangers ran into."""
import pytest

from harness import Device

KINDS = [
    ("/api/user-groups", {}), ("/api/device-groups", {}), ("/api/strategies", {}),
    ("/api/control-roles", {}), ("/api/admin-roles", {"type": "global", "perms": []}),
    ("/api/users", {"password": "correct horse"}), ("/api/ab/shared/add", {}),
]


@pytest.mark.parametrize("path, more", KINDS)
@pytest.mark.parametrize("name", ["", " ", "\u00a0\u2003", "\u200b", "\t"])
def test_blank_names_are_refused(world, path, more, name):
    world.admin.refused("POST", path, dict(name=name, **more), says="name")


@pytest.mark.parametrize("path, more", KINDS)
def test_names_are_compared_folded_and_trimmed(world, path, more):
    stem = world.name("Zo\u00eb")
    world.admin.post(path, dict(name=stem, **more))
    for twin in (stem.upper(), f" {stem} ", stem.replace("Z", "z") + "\u00a0"):
        error = world.admin.refused("POST", path, dict(name=twin, **more))
        assert "exists" in error, error


def test_a_name_may_change_its_case_but_not_to_anothers(world):
    a = world.admin.post("/api/user-groups", dict(name="\u00c4pfel")).json()
    world.admin.post("/api/user-groups", dict(name="Birnen")).json()
    world.admin.patch(f"/api/user-groups/{a['guid']}", dict(name="\u00e4PFEL"))
    world.admin.refused("PATCH", f"/api/user-groups/{a['guid']}", dict(name="BIRNEN "))
    world.admin.refused("PATCH", f"/api/user-groups/{a['guid']}", dict(name=" "))
    assert world.admin.get("/api/user-groups", name="\u00e4PFEL")["total"] == 1


def test_a_name_of_an_older_version_keeps_working(world):
    """Its index entry has only ASCII letters in lower case."""
    name = world.name("\u00c5sa")
    world.admin.post("/api/users", dict(name=name, password="correct horse"))
    key = "api:user:name"
    guid = world.redis.do("HGET", key, name.lower())
    world.redis.do("HDEL", key, name.lower())
    old = "".join(c.lower() if c.isascii() else c for c in name)
    world.redis.do("HSET", key, old, guid)
    assert world.login(name, "correct horse")
    guid = guid.decode()
    world.admin.done("PUT", f"/api/users/{guid}", dict(name=world.name("Eva")))
    assert world.redis.do("HGET", key, old) is None


def test_a_connection_reference_counts_once(world):
    d, user = world.device(), world.user()
    world.redis.do("HSET", "conn:ref:once", "user", user.guid, "name", user.name, "peer", "1",
                   "ip", "203.0.113.5", "target", d.id)
    for conn in (1, 2):
        d.audit("conn", ip="203.0.113.5", action="new", conn_id=conn, conn_audit_ref="once")
    rows = {r["conn_id"]: r["verified"]
            for r in world.admin.get("/api/audits/conn", remote=d.id)["data"]}
    assert rows == {1: True, 2: False}


def test_the_group_of_an_own_device_is_accessible(world):
    name, _ = world.group("device")
    user = world.user()
    world.device(user_name=user.name, device_group_name=name)
    assert {"name": name} in user.get("/api/device-group/accessible")["data"]


def test_deploy_without_a_key_answers_as_the_contract_says(world):
    token = world.token(device=2)
    world.settings(require_deployment=True)
    d = Device(world, register=False)
    for body in ({}, dict(id=d.id, uuid=d.uuid), dict(id=d.id, uuid=d.uuid, pk=None)):
        r = token.call("POST", "/api/devices/deploy", body, status=200)
        assert r.json() == {"result": "INVALID_INPUT"}
    world.settings(require_deployment=False)
    r = token.call("POST", "/api/devices/deploy", {}, status=200)
    assert r.json() == {"result": "NOT_ENABLED"}


def test_an_unchanged_strategy_is_not_pushed_again(world):
    options = {"enable-audio": "N", "enable-tunnel": "N"}
    s = world.admin.post("/api/strategies", dict(name=world.name("s"),
                                                 config_options=options)).json()
    for body in (dict(config_options=options), dict(config_options=dict(reversed(
            options.items()))), dict(note="other")):
        after = world.admin.put(f"/api/strategies/{s['guid']}", body).json()
        assert after["modified_at"] == s["modified_at"]
    after = world.admin.put(f"/api/strategies/{s['guid']}", dict(config_options={})).json()
    assert after["modified_at"] > s["modified_at"] and after["config_options"] == {}


@pytest.mark.parametrize("scopes, says", [
    ({"devices": 1}, "Unknown member: scopes.devices"), ({"device": 3}, "0 (none), 1 (read)"),
    ({"device": "2"}, "scopes.device"), ({"device": -1}, "0 (none)"), ({"device": True}, "scopes"),
])
def test_scopes_without_a_meaning_are_refused(world, scopes, says):
    world.admin.refused("POST", "/api/tokens", dict(name="x", scopes=scopes), says=says)


def test_every_scope_is_described(world):
    doc = world.client().get("/api/openapi.json")
    body = doc["paths"]["/api/tokens"]["post"]["requestBody"]
    scopes = body["content"]["application/json"]["schema"]["properties"]["scopes"]
    world.admin.post("/api/tokens", dict(name="all", scopes={s: 2 for s in scopes["properties"]}))


def test_a_strategy_is_assigned_by_names_as_by_guids(world):
    name = world.name("by-name")
    world.admin.post("/api/strategies", dict(name=name))
    d, user = world.device(), world.user()
    group, _ = world.group("device")
    world.admin.done("POST", "/api/strategies/assign", dict(
        strategy=name, peers=[d.id], users=[user.name], groups=[group]))
    assert world.admin.get(f"/api/devices/{d.guid}/strategy")["strategy"]["name"] == name
    assert world.admin.get(f"/api/users/{user.guid}")["strategy_name"] == name
    world.admin.refused("POST", "/api/strategies/assign", dict(strategy="nobody's", peers=[d.id]),
                        404, "strategy")
    world.admin.refused("POST", "/api/strategies/assign", dict(strategy=name, peers=["no such"]),
                        404, "no such")
