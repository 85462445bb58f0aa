"""What a change of access would do is told before it is made."""

import pytest

KINDS = ["remote", "file", "tunnel", "rdp", "camera", "terminal"]


def preview(c, method, path, status=200, **more):
    return c.post("/api/web/rules/preview", dict(method=method, path=path, **more),
                  status=status).json()


def named(p):
    return {(x["user"], x["device"]): (x["gains"], x["loses"]) for x in p["changes"]}


ASKED = ["remote", "file", "camera"]  # of Explain: one of each sort


def reached(world, users, devices):
    """What Explain says of each pair and kind."""
    return {(u, d.id, k) for u in users for d in devices for k in ASKED
            if world.admin.post("/api/web/explain",
                                dict(user=u, device=d.id, kind=k)).json()["allowed"]}


def stored(world):
    return {k: world.redis.do("DUMP", k) for k in sorted(world.redis.do("KEYS", "*"))
            if b"policy:" in k or k in (b"api:user", b"api:usergroup", b"api:devicegroup",
                                        b"api:device", b"api:controlrole", b"api:audit-console",
                                        b"api:changes", b"api:events")}


class Site:
    """Two groups, their members and devices of every sort."""

    def __init__(self, world):
        self.world = world
        self.g, self.gguid = world.group()
        self.h, self.hguid = world.group(allowed_incomings=[])
        self.dg, self.dguid = world.group("device")
        self.role = world.admin.post("/api/control-roles", dict(
            name=world.name("role"), permissions={"camera": "disable"})).json()
        self.a, self.b = world.user(group_name=self.g), world.user(group_name=self.g)
        self.boss = world.user(group_name=self.h)
        world.admin.done("PUT", f"/api/users/{self.b.guid}",
                         dict(control_role_name=self.role["name"]))
        self.devices = [world.device(), world.device(user_name=self.a.name),
                        world.device(user_name=self.boss.name),
                        world.device(device_group_name=self.dg),
                        world.device(user_name=self.boss.name, device_group_name=self.dg)]
        self.users = ["", self.a.name, self.b.name, self.boss.name]

    def calls(self):
        rule = [dict(type=0, name=self.g)]
        return [
            ("PATCH", f"/api/user-groups/{self.hguid}", dict(body=dict(allowed_incomings=rule))),
            ("PATCH", f"/api/device-groups/{self.dguid}", dict(body=dict(allowed_incomings=[
                dict(type=2, name=self.a.name)]))),
            ("PATCH", f"/api/user-groups/{self.gguid}", dict(body=dict(allowed_outgoings=[
                dict(type=1, name=self.dg)]))),
            ("PATCH", f"/api/control-roles/{self.role['guid']}",
             dict(body=dict(permissions={"file": "disable"}))),
            ("DELETE", f"/api/control-roles/{self.role['guid']}", {}),
            ("POST", f"/api/user-groups/{self.hguid}", dict(ids=[self.a.guid])),
            ("POST", f"/api/device-groups/{self.dguid}", dict(ids=[self.devices[0].id] * 2)),
            ("DELETE", f"/api/device-groups/{self.dguid}/devices",
             dict(ids=[self.devices[3].id])),
            ("PUT", f"/api/users/{self.a.guid}", dict(body=dict(group_name=self.h))),
            ("POST", f"/api/users/{self.boss.guid}/disable", {}),
            ("POST", f"/api/devices/{self.devices[0].guid}/assign",
             dict(body=dict(type="user_name", value=self.boss.name))),
            ("POST", f"/api/devices/{self.devices[1].guid}/disable", {}),
        ]

    def do(self, method, path, more):
        body = more.get("ids", more.get("body"))
        self.world.admin.call(method, path, body, status=200)


@pytest.fixture
def site(world):
    return Site(world)


@pytest.mark.parametrize("nth", range(12))
def test_a_preview_says_what_explain_says_after_the_change(world, site, nth):
    method, path, more = site.calls()[nth]
    before = reached(world, site.users, site.devices)
    kept = stored(world)
    p = preview(world.admin, method, path, **more)
    assert stored(world) == kept, "a preview changes nothing"
    site.do(method, path, more)
    after = reached(world, site.users, site.devices)
    assert told(p, site) == [after - before, before - after]
    assert after != before
    gains = [x for x in p["changes"] if x["gains"]]
    loses = [x for x in p["changes"] if x["loses"]]
    assert (p["gains"], p["loses"]) == (len(gains), len(loses))
    for k in KINDS:
        assert p["kinds"][k] == dict(gains=sum(k in x["gains"] for x in gains),
                                     loses=sum(k in x["loses"] for x in loses))
    again = preview(world.admin, method, path, **more) if method == "PATCH" else None
    assert again is None or (again["gains"], again["loses"], again["changes"]) == (0, 0, [])


def test_a_preview_asks_for_the_rights_of_the_call_and_refuses_what_is_no_change_of_access(
        world, site):
    path = f"/api/device-groups/{site.dguid}"
    site.a.refused("POST", "/api/web/rules/preview", dict(method="PATCH", path=path), status=403)
    seer = world.user()
    role = world.admin.post("/api/admin-roles", dict(
        name=world.name("r"), type="global", perms=["devices.view", "users.view"])).json()
    world.admin.done("PUT", f"/api/users/{seer.guid}", dict(admin_roles=[role["guid"]]))
    preview(seer, "PATCH", path, status=403, body={})
    for method, other in (("GET", "/api/users"), ("POST", "/api/logout"), ("PATCH", "/nowhere"),
                          ("DELETE", f"/api/devices/{site.devices[0].guid}"),
                          ("POST", "/api/web/rules/preview")):
        world.admin.refused("POST", "/api/web/rules/preview", dict(method=method, path=other),
                            says="not a change of access")
    world.admin.refused("POST", "/api/web/rules/preview", dict(
        method="PUT", path=f"/api/users/{site.a.guid}", body=dict(password="another horse")),
        says="more than access")
    world.admin.refused("POST", "/api/web/rules/preview", dict(
        method="PATCH", path=path, body=dict(allowed_incomings=[dict(type=0, name="nowhere")])),
        says="nowhere")
    world.admin.refused("POST", "/api/web/rules/preview", dict(
        method="PATCH", path=path, body=dict(colour="red")), says="colour")


def told(p, site):
    """Who of the site gains, and who loses: user, device, kind."""
    ours = {d.id for d in site.devices}
    rows = [(u, d, v) for (u, d), v in named(p).items() if u in site.users and d in ours]
    return [{(u, d, k) for u, d, v in rows for k in ASKED if k in v[i]} for i in (0, 1)]


def test_a_preview_of_several_calls_says_what_all_of_them_do(world, site):
    calls = [dict(method="POST", path=f"/api/users/{u.guid}/disable") for u in (site.a, site.boss)]
    calls.append(dict(method="PATCH", path=f"/api/user-groups/{site.gguid}",
                      body=dict(allowed_outgoings=[dict(type=1, name=site.dg)])))
    calls.append(dict(method="POST", path=f"/api/device-groups/{site.dguid}",
                      ids=[site.devices[0].id]))
    before = reached(world, site.users, site.devices)
    kept = stored(world)
    p = world.admin.post("/api/web/rules/preview", dict(calls=calls)).json()
    assert stored(world) == kept
    for c in calls:
        site.do(c["method"], c["path"], c)
    after = reached(world, site.users, site.devices)
    assert told(p, site) == [after - before, before - after]
    assert after - before and before - after


def test_a_preview_of_a_deletion_is_that_of_disabling_first(world, site):
    path = f"/api/users/{site.boss.guid}"
    before = reached(world, site.users, site.devices)
    p = preview(world.admin, "DELETE", path)
    world.admin.refused("DELETE", path, says="Disable the user first")
    world.admin.done("POST", path + "/disable")
    world.admin.done("DELETE", path)
    kept = [u for u in site.users if u != site.boss.name]
    after = reached(world, kept, site.devices)
    assert told(p, site) == [after - before, before - after]


def test_calls_of_one_preview_that_contradict_each_other_or_lack_something_are_refused(world, site):
    path = f"/api/user-groups/{site.gguid}"
    both = [dict(method="PATCH", path=path, body=dict(allowed_incomings=[dict(type=0, name=x)]))
            for x in (site.g, site.h)]
    for body, says in ((dict(calls=both), "two calls change the same thing"), ({}, "method"),
                       (dict(method="PATCH"), "path"), (dict(calls=[dict(path=path)]), "method"),
                       (dict(calls=[*both[:1], dict(method="GET", path=path)]),
                        "not a change of access")):
        world.admin.refused("POST", "/api/web/rules/preview", body, says=says)
    assert preview_of(world, both[:1] * 2) == preview_of(world, both[:1])
    assert preview_of(world, [])["changes"] == []


def preview_of(world, calls):
    return world.admin.post("/api/web/rules/preview", dict(calls=calls)).json()


def test_a_preview_takes_so_many_calls_and_not_one_more(world, site):
    one, two = (dict(method="POST", path=f"/api/users/{u.guid}/disable") for u in (site.a, site.b))
    p = preview_of(world, [one, two] * 500)
    assert p["gains"] == 0 and p["loses"] > 0
    world.admin.refused("POST", "/api/web/rules/preview", dict(calls=[one] * 1001), says="calls")


def test_a_preview_collects_so_many_writes_and_the_same_call_again_adds_none(world, site):
    one, two = (dict(method="POST", path=f"/api/device-groups/{site.dguid}", ids=[d.id] * 600)
                for d in site.devices[:2])
    each = [one, two] * 5
    assert preview_of(world, each[:4])["loses"] > 0
    world.admin.refused("POST", "/api/web/rules/preview", dict(calls=each),
                        says="Too much changes at once")
    assert preview_of(world, [one] * 25) == preview_of(world, [one])


def test_a_preview_counts_all_and_names_a_thousand(world):
    dg, dguid = world.group("device")
    u = world.user()
    row = f"1 0 - {dguid}"
    ids = [f"preview{i}" for i in range(2500)]
    for i in range(0, len(ids), 500):
        world.redis.do("HSET", "policy:device", *sum([[x, row] for x in ids[i:i + 500]], []))
    try:
        p = preview(world.admin, "PATCH", f"/api/device-groups/{dguid}",
                    body=dict(allowed_incomings=[dict(type=2, name=u.name)]))
        assert (p["gains"], p["loses"], p["devices"]) == (2500, 0, 2500)
        assert len(p["changes"]) == 1000 and len({x["device"] for x in p["changes"]}) == 1000
        assert p["kinds"]["camera"] == dict(gains=2500, loses=0)
    finally:
        for i in range(0, len(ids), 500):
            world.redis.do("HDEL", "policy:device", *ids[i:i + 500])
