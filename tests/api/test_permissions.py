"""A test per role and endpoint, generated from the server's own route table."""
import uuid

import pytest

from harness import World

GUID = str(uuid.uuid4())


@pytest.fixture(scope="module")
def routes(world):
    doc = world.client().get("/api/openapi.json")
    assert doc["openapi"] == "3.1.0"
    out = []
    for path, item in doc["paths"].items():
        for method, op in item.items():
            out.append((method.upper(), path, op))
    assert len(out) > 100
    return out


def body_for(op):
    """The smallest body that fits the schema."""
    try:
        schema = op["requestBody"]["content"]["application/json"]["schema"]
    except KeyError:
        return None
    return example(schema)


def example(schema):
    kind = schema.get("type")
    if kind == "object":
        props = schema.get("properties", {})
        return {k: example(props[k]) for k in schema.get("required", [])}
    return {"array": [], "integer": 0, "boolean": True, "string": "x"}.get(kind, {})


def call(c, method, path, op):
    path = path.replace("{guid}", GUID).replace("{section}", "general")
    return c.call(method, path, body_for(op))


def test_every_route_that_needs_somebody_refuses_nobody(world, routes):
    for method, path, op in routes:
        if op["x-requires"] != "none":
            for c in (world.client(), world.client("not-a-token")):
                r = call(c, method, path, op)
                assert r.status_code == 401, (method, path, r.status_code, r.text)


def test_every_administrative_route_refuses_a_plain_user(world, routes):
    u = world.user()
    for method, path, op in routes:
        if op["x-requires"] not in ("none", "user"):
            r = call(u, method, path, op)
            assert r.status_code == 403, (method, path, r.status_code, r.text)


def test_no_route_that_needs_a_token_works_with_one_for_other_areas(world, routes):
    areas = ["device", "audit", "user", "group", "strategy", "address_book"]
    tokens = {a: world.token(**{b: 2 for b in areas if b != a}) for a in areas}
    none = world.token()
    for method, path, op in routes:
        if op["x-requires"] == "none":
            continue
        area = op["x-area"]
        c = tokens.get(area, none)
        if op["x-requires"] == "user" and area == "none":
            continue  # their handlers answer for API tokens
        r = call(c, method, path, op)
        assert r.status_code == 403, (method, path, area, r.status_code, r.text)


def test_a_reading_token_changes_nothing(world, routes):
    areas = ["device", "audit", "user", "group", "strategy", "address_book"]
    c = world.token(**{a: 1 for a in areas})
    for method, path, op in routes:
        if op["x-requires"] in ("none", "admin") or op["x-area"] == "none":
            continue
        reads = method == "GET" or path in (
            "/api/ab/personal", "/api/ab/settings", "/api/ab/shared/profiles",
            "/api/ab/peers", "/api/ab/tags/{guid}", "/api/ab/get")
        r = call(c, method, path, op)
        if reads:
            assert r.status_code != 403 or "audits" in path, (method, path, r.text)
        elif op["x-requires"].endswith(".view"):
            pass  # finer rights are checked by the handler, below
        else:
            assert r.status_code == 403, (method, path, r.status_code, r.text)


def test_each_right_opens_its_routes_and_no_others(world, routes):
    rights = sorted({op["x-requires"] for _, _, op in routes
                     if op["x-requires"] not in ("none", "user", "token", "admin")})
    for right in rights:
        u = with_role(world, "global", [right])
        for method, path, op in routes:
            need = op["x-requires"]
            if need in ("none", "user"):
                continue
            r = call(u, method, path, op)
            implied = need == right or (need.endswith(".view") and
                                        need.split(".")[0] == right.split(".")[0])
            if implied:
                assert r.status_code != 403 or need != right, (right, method, path, r.text)
            else:
                assert r.status_code == 403, (right, method, path, r.status_code, r.text)


def with_role(world, kind, perms, **more):
    role = world.admin.post("/api/admin-roles", dict(name=world.name("role"), type=kind,
                                                     perms=perms, **more)).json()
    u = world.user()
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
    return u


def test_an_individual_role_covers_own_devices_only(world):
    u = with_role(world, "individual", ["devices.enable", "devices.info", "devices.assign"])
    mine, other = world.device(user_name=u.name), world.device()
    assert [r["id"] for r in u.get("/api/devices")["data"]] == [mine.id]
    u.done("POST", f"/api/devices/{mine.guid}/disable")
    u.refused("POST", f"/api/devices/{other.guid}/disable", status=403)
    u.done("POST", f"/api/devices/{mine.guid}/assign", dict(type="note", value="x"))
    # assigning is not a right that an individual role can have
    u.refused("POST", f"/api/devices/{mine.guid}/assign", dict(type="user_name", value="admin"),
              status=403)


def test_a_group_role_covers_its_groups_only(world):
    g, gguid = world.group()
    dg, dgguid = world.group("device")
    u = with_role(world, "group", ["users.enable", "users.create", "users.group", "devices.enable",
                                   "device-groups.edit"],
                  user_groups=[gguid], device_groups=[dgguid], unassigned=False)
    inside, outside = world.user(group_name=g), world.user()
    assert [r["name"] for r in u.get("/api/users")["data"]] == [inside.name]
    u.done("POST", f"/api/users/{inside.guid}/disable")
    u.refused("POST", f"/api/users/{outside.guid}/disable", status=403)
    u.refused("POST", "/api/users", dict(name=world.name("n"), password="long enough"), status=403)
    u.post("/api/users", dict(name=world.name("n"), password="long enough", group_name=g))
    u.refused("POST", f"/api/user-groups/{gguid}", [outside.guid], status=403)
    owned, grouped, free = (world.device(user_name=inside.name),
                            world.device(device_group_name=dg), world.device())
    assert {r["id"] for r in u.get("/api/devices")["data"]} == {owned.id, grouped.id}
    u.refused("POST", f"/api/devices/{free.guid}/disable", status=403)
    u.patch(f"/api/device-groups/{dgguid}", dict(note="x"))
    u.refused("POST", "/api/device-groups", dict(name="new"), status=403)


def test_unassigned_devices_are_covered_on_request(world):
    g, gguid = world.group()
    u = with_role(world, "group", ["devices.view"], user_groups=[gguid], unassigned=True)
    free = world.device()
    assert free.id in [r["id"] for r in u.get("/api/devices", pageSize=1000)["data"]]


def test_delegates_cannot_touch_administrators_or_become_one(world):
    everything = ["users.view", "users.password", "users.enable", "users.email", "users.create",
                  "users.delete", "users.2fa", "users.logout", "users.group", "users.note"]
    u = with_role(world, "global", everything)
    boss = world.admin.get("/api/users", name="admin")["data"][0]["guid"]
    u.refused("PUT", f"/api/users/{boss}", dict(password="take it over"), status=403)
    u.refused("POST", f"/api/users/{boss}/disable", status=403)
    u.refused("POST", "/api/users/force-logout", dict(user_guids=[boss]), status=403)
    u.refused("PUT", f"/api/users/{u.guid}", dict(is_admin=True), status=403)
    u.refused("PUT", f"/api/users/{u.guid}", dict(admin_roles=[]), status=403)
    u.refused("POST", "/api/users", dict(name=world.name("a"), password="long enough",
                                         is_admin=True), status=403)


def test_a_user_is_told_with_the_rights_of_who_asks_that_count_for_him(world):
    g, gguid = world.group()
    mine = ["users.view", "users.enable", "users.note"]
    u = with_role(world, "group", mine, user_groups=[gguid])
    role = world.admin.post("/api/admin-roles", dict(
        name=world.name("role"), type="global", perms=["audits.view"])).json()
    plain, better, boss = (world.user(group_name=g) for _ in range(3))
    world.admin.done("PUT", f"/api/users/{better.guid}", dict(admin_roles=[role["guid"]]))
    world.admin.done("PUT", f"/api/users/{boss.guid}", dict(is_admin=True))
    rows = {r["guid"]: r["may"] for r in u.get("/api/users")["data"]}
    assert set(rows[plain.guid]) == set(mine)
    for other in (better, boss):
        assert rows[other.guid] == ["users.view"]
        assert u.get(f"/api/users/{other.guid}")["may"] == ["users.view"]
        u.refused("POST", f"/api/users/{other.guid}/disable", status=403)
    # of two roles each counts for its own group alone
    far, farguid = world.group()
    more = world.admin.post("/api/admin-roles", dict(
        name=world.name("role"), type="group", perms=["users.logout"], user_groups=[farguid])).json()
    there = world.user(group_name=far)
    held = world.admin.get(f"/api/users/{u.guid}")["admin_roles"]
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=held + [more["guid"]]))
    assert set(u.get(f"/api/users/{there.guid}")["may"]) == {"users.view", "users.logout"}
    assert set(u.get(f"/api/users/{plain.guid}")["may"]) == set(mine)
    everything = world.admin.get(f"/api/users/{boss.guid}")["may"]
    assert {"users.delete", "users.role"} <= set(everything)


def test_a_changed_user_needs_the_right_for_each_member(world):
    v = world.user()
    u = with_role(world, "global", ["users.note"])
    u.done("PUT", f"/api/users/{v.guid}", dict(note="x"))
    for member in (dict(email="a@b.example"), dict(password="long enough"), dict(group_name="-"),
                   dict(control_role_name=""), dict(strategy_name=""),
                   dict(email_verification=True), dict(name="renamed")):
        u.refused("PUT", f"/api/users/{v.guid}", dict(member, note="y"), status=403)
    assert world.admin.get(f"/api/users/{v.guid}")["note"] == "x"


def test_a_disabled_role_gives_nothing(world):
    role = world.admin.post("/api/admin-roles", dict(name=world.name("r"), type="global",
                                                     perms=["users.view"])).json()
    u = world.user()
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
    u.get("/api/users")
    world.admin.patch(f"/api/admin-roles/{role['guid']}", dict(enabled=False))
    u.refused("GET", "/api/users", status=403)
    world.admin.refused("POST", "/api/admin-roles", dict(name="x", type="global", perms=["fly"]))
    world.admin.done("DELETE", f"/api/admin-roles/{role['guid']}")
