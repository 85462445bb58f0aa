"""The administrators' side: users, groups, roles, tokens, settings."""
import json
import pytest


def test_users_are_created_listed_and_filtered(world):
    gname, _ = world.group()
    u = world.user(group_name=gname, email=world.name("m") + "@example.org", note="n")
    row = world.admin.get("/api/users", name=u.name)["data"][0]
    assert row["guid"] == u.guid and row["group_name"] == gname and row["note"] == "n"
    assert world.admin.get("/api/users", name=f"%{u.name[:4]}%", group_name=gname)["total"] == 1
    assert world.admin.get("/api/users", name="no such")["data"] == []
    assert "pw" not in row and "totp" in row


@pytest.mark.parametrize("body,says", [
    (dict(name="admin", password="long enough"), "exists"),
    (dict(name="ADMIN", password="long enough"), "exists"),
    (dict(name="", password="long enough"), "name"),
    (dict(name="-", password="long enough"), "name"),
    (dict(name="x\ny", password="long enough"), "name"),
    (dict(name="short", password="short"), "8 characters"),
    (dict(name="grp", password="long enough", group_name="nope"), "group"),
    (dict(name="mail", password="long enough", email="no mail"), "email"),
    (dict(name="nopw"), "password"),
    (dict(password="long enough"), "name")])
def test_bad_users_are_refused(world, body, says):
    world.admin.refused("POST", "/api/users", body, says=says)


def test_an_email_belongs_to_one_user(world):
    mail = world.name("one") + "@example.org"
    u = world.user(email=mail)
    v = world.user()
    v_path = f"/api/users/{v.guid}"
    world.admin.refused("PUT", v_path, dict(email=mail.upper()), says="in use")
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(email=""))
    world.admin.done("PUT", v_path, dict(email=mail))


def test_a_user_is_changed_member_by_member(world):
    gname, _ = world.group()
    u = world.user()
    path = f"/api/users/{u.guid}"
    new = world.name("renamed")
    world.admin.done("PUT", path, dict(name=new, display_name="D", note="N", group_name=gname))
    row = world.admin.get(path)
    assert (row["name"], row["display_name"], row["note"], row["group_name"]) == (new, "D", "N", gname)
    assert world.admin.get("/api/users", name=u.name)["total"] == 0
    assert u.post("/api/currentUser").json()["name"] == new
    world.admin.done("PUT", path, dict(group_name="-"))
    assert world.admin.get(path)["group_name"] == ""


def test_users_are_deleted_only_when_disabled_and_release_their_devices(world):
    u = world.user()
    d = world.device(user_name=u.name)
    path = f"/api/users/{u.guid}"
    world.admin.refused("DELETE", path, says="Disable")
    world.admin.done("POST", path + "/disable")
    world.admin.done("DELETE", path)
    world.admin.refused("GET", path, status=404)
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == ""
    assert world.redis.do("HGET", "policy:user", u.guid) is None
    world.user()  # the name space is intact
    assert world.admin.post("/api/users", dict(name=u.name, password="long enough")).json()["guid"]


def test_an_administrator_cannot_lock_himself_out(world):
    me = world.admin.get("/api/users", name="admin")["data"][0]["guid"]
    world.admin.refused("POST", f"/api/users/{me}/disable", says="yourself")
    world.admin.refused("PUT", f"/api/users/{me}", dict(is_admin=False), says="yourself")


def test_force_logout(world):
    u, v = world.user(), world.user()
    world.admin.done("POST", "/api/users/force-logout", dict(user_guids=[u.guid, v.guid]))
    u.refused("POST", "/api/currentUser", status=401)
    v.refused("POST", "/api/currentUser", status=401)


@pytest.mark.parametrize("kind", ["user", "device"])
def test_groups_are_created_changed_and_deleted(world, kind):
    name, guid = world.group(kind, note="n")
    path = f"/api/{kind}-groups"
    assert world.admin.get(path, name=name)["data"][0]["guid"] == guid
    world.admin.refused("POST", path, dict(name=name.upper()), says="exists")
    new = world.name("renamed")
    world.admin.patch(f"{path}/{guid}", dict(name=new))
    row = world.admin.get(path, name=new)["data"][0]
    assert row["note"] == "n"
    world.admin.done("DELETE", f"{path}/{guid}")
    assert world.admin.get(path, name=new)["total"] == 0
    assert world.redis.do("HGET", "policy:group", guid) is None


def test_rules_are_stored_by_guid_and_shown_by_name(world):
    a, aguid = world.group()
    b, bguid = world.group()
    d, dguid = world.group("device")
    u = world.user()
    rules = dict(allowed_incomings=[dict(type=0, name=a), dict(type=2, name=u.name)],
                 allowed_outgoings=[dict(type=1, name=d), dict(type=0, name=a)])
    world.admin.patch(f"/api/user-groups/{bguid}", rules)
    new = world.name("renamed")
    world.admin.patch(f"/api/user-groups/{aguid}", dict(name=new))
    row = world.admin.get("/api/user-groups", name=b)["data"][0]
    assert row["allowed_incomings"] == [dict(type=0, name=new), dict(type=2, name=u.name)]
    assert row["allowed_outgoings"] == [dict(type=1, name=d), dict(type=0, name=new)]
    assert world.redis.do("HGET", "policy:group", bguid).decode() == (
        f"1 i g{aguid} u{u.guid} o d{dguid} g{aguid}")
    for bad in (dict(allowed_incomings=[dict(type=1, name=d)]),
                dict(allowed_outgoings=[dict(type=2, name=u.name)]),
                dict(allowed_incomings=[dict(type=0, name="nope")]),
                dict(allowed_incomings=[5])):
        world.admin.refused("PATCH", f"/api/user-groups/{bguid}", bad)
    world.admin.refused("PATCH", f"/api/device-groups/{dguid}",
                        dict(allowed_incomings=[dict(type=1, name=d)]))


def test_members_are_added(world):
    g, guid = world.group()
    u, v = world.user(), world.user()
    world.admin.done("POST", f"/api/user-groups/{guid}", [u.guid, v.guid])
    assert world.admin.get("/api/users", group_name=g)["total"] == 2
    world.admin.refused("DELETE", f"/api/user-groups/{guid}", says="members")
    dg, dguid = world.group("device")
    d = world.device()
    world.admin.done("POST", f"/api/device-groups/{dguid}", [d.id])
    assert world.admin.get("/api/devices", device_group_name=dg)["total"] == 1
    world.admin.done("DELETE", f"/api/device-groups/{dguid}/devices", [d.id])
    assert world.admin.get("/api/devices", device_group_name=dg)["total"] == 0


def test_strategies_are_a_bare_array(world):
    s = world.admin.post("/api/strategies", dict(name=world.name("s"))).json()
    listed = world.admin.get("/api/strategies")
    assert isinstance(listed, list) and s["guid"] in [r["guid"] for r in listed]
    one = world.admin.get(f"/api/strategies/{s['guid']}")
    assert one["config_options"] == {}
    world.admin.done("PUT", f"/api/strategies/{s['guid']}/status", False)
    assert world.admin.get(f"/api/strategies/{s['guid']}")["status"] is False
    world.admin.done("DELETE", f"/api/strategies/{s['guid']}")
    world.admin.refused("GET", f"/api/strategies/{s['guid']}", status=404)


def test_device_assign_takes_every_documented_type(world):
    u = world.user()
    g, _ = world.group("device")
    s = world.admin.post("/api/strategies", dict(name=world.name("s"))).json()
    book = world.name("book")
    world.admin.post("/api/ab/shared/add", dict(name=book))
    d = world.device()
    values = dict(user_name=u.name, device_group_name=g, strategy_name=s["name"], note="n",
                  device_username="du", device_name="dn",
                  ab=f"{book},tag,alias,pass,a note, with comma")
    for kind, value in values.items():
        world.admin.done("POST", f"/api/devices/{d.guid}/assign", dict(type=kind, value=value))
    row = world.admin.get(f"/api/devices/{d.guid}")
    for kind in values:
        if kind != "ab":
            assert row[kind] == values[kind]
    guid = world.admin.get("/api/ab/shared/profiles", name=book)["data"][0]["guid"]
    peer = world.admin.get("/api/ab/peers", ab=guid)["data"][0]
    assert (peer["id"], peer["tags"], peer["alias"], peer["password"], peer["note"]) == (
        d.id, ["tag"], "alias", "pass", "a note, with comma")
    world.admin.refused("POST", f"/api/devices/{d.guid}/assign", dict(type="x", value=""))
    world.admin.refused("POST", f"/api/devices/{d.guid}/assign",
                        dict(type="user_name", value="nope"))


def test_control_roles_become_the_words_of_the_protocol(world):
    roles = {r["name"]: r for r in world.admin.get("/api/control-roles")["data"]}
    assert {"Not Logged", "Default"} <= set(roles)
    assert world.redis.do("HGET", "policy:role", "default") == b"1 0"
    r = world.admin.post("/api/control-roles",
                         dict(name=world.name("role"),
                              permissions=dict(keyboard="disable", file="enable"))).json()
    assert world.redis.do("HGET", "policy:role", r["guid"]) == b"1 81"
    u = world.user()
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(control_role_name=r["name"]))
    assert r["guid"].encode() in world.redis.do("HGET", "policy:user", u.guid)
    world.admin.patch(f"/api/control-roles/{r['guid']}", dict(enabled=False))
    assert world.redis.do("HGET", "policy:role", r["guid"]) is None
    world.admin.refused("POST", "/api/control-roles",
                        dict(name="x", permissions=dict(flying="enable")))
    world.admin.refused("DELETE", f"/api/control-roles/{roles['Default']['guid']}", says="built-in")
    world.admin.done("DELETE", f"/api/control-roles/{r['guid']}")


def test_every_policy_change_is_announced(world):
    before = int(world.redis.do("GET", "policy:rev"))
    world.group()
    assert int(world.redis.do("GET", "policy:rev")) > before


def test_api_tokens_are_shown_once_and_expire(world):
    made = world.admin.post("/api/tokens", dict(name="t", scopes=dict(device=1))).json()
    listed = {r["guid"]: r for r in world.admin.get("/api/tokens", pageSize=1000)["data"]}
    assert "token" not in listed[made["guid"]] and listed[made["guid"]]["scopes"]["device"] == 1
    c = world.client(made["token"])
    c.get("/api/devices")
    c.refused("GET", "/api/users", status=403)
    world.admin.done("DELETE", f"/api/tokens/{made['guid']}")
    c.refused("GET", "/api/devices", status=401)
    old = world.admin.post("/api/tokens",
                           dict(name="old", scopes=dict(device=1), expires_at=1000)).json()
    world.client(old["token"]).refused("GET", "/api/devices", status=401)
    world.admin.refused("POST", "/api/tokens", dict(name="t", scopes=dict(nonsense=1)))
    world.admin.refused("POST", "/api/tokens", dict(name="t", scopes=dict(device=3)))


def test_settings_are_checked_and_secrets_are_not_shown(world):
    world.settings("smtp", host="mail.example.org", password="smtp secret", enabled=False)
    shown = world.admin.get("/api/settings/smtp")
    assert shown["password"] == "" and shown["password_set"] is True
    assert b"smtp secret" not in world.redis.do("HGET", "api:settings", "smtp")
    world.settings("smtp", port=2525, password="")
    assert world.admin.get("/api/settings/smtp")["password_set"] is True
    # Sealed once, not again with every change of something else.
    sealed = json.loads(world.redis.do("HGET", "api:settings", "smtp"))["password"]
    for port in (2526, 2527):
        world.settings("smtp", port=port)
    assert json.loads(world.redis.do("HGET", "api:settings", "smtp"))["password"] == sealed
    for section, bad in (("general", dict(access_control="maybe")),
                         ("general", dict(session_days="x")),
                         ("general", dict(log_retention_days=-1)),
                         ("smtp", dict(port=0)), ("smtp", dict(security="hope")),
                         ("oidc", dict(providers=[dict(name="x")])),
                         ("ldap", dict(servers=[5]))):
        world.admin.refused("PUT", f"/api/settings/{section}", bad)
    world.admin.refused("GET", "/api/settings/nonsense", status=404)


def test_accessible_lists_follow_the_rules(world):
    g1, g1guid = world.group()
    g2, g2guid = world.group()
    dg, dgguid = world.group("device")
    me, mate, other = world.user(group_name=g1), world.user(group_name=g1), world.user(group_name=g2)
    own, mates = world.device(user_name=me.name), world.device(user_name=mate.name)
    others, grouped = world.device(user_name=other.name), world.device(device_group_name=dg)

    def ids(c):
        r = c.call("GET", "/api/peers?current=1&pageSize=100&accessible&status=1", status=200)
        return {p["id"] for p in r.json()["data"]}

    def users(c):
        r = c.call("GET", "/api/users?current=1&pageSize=100&accessible&status=1", status=200)
        return {p["name"] for p in r.json()["data"]}

    def groups(c):
        return {p["name"] for p in c.get("/api/device-group/accessible", pageSize=100)["data"]}

    assert ids(me) == {own.id, mates.id} and users(me) == {me.name, mate.name} and not groups(me)
    world.admin.patch(f"/api/user-groups/{g2guid}", dict(allowed_incomings=[dict(type=0, name=g1)]))
    assert ids(me) == {own.id, mates.id, others.id}
    assert users(me) == {me.name, mate.name, other.name}
    assert ids(other) == {others.id}
    world.admin.patch(f"/api/device-groups/{dgguid}",
                      dict(allowed_incomings=[dict(type=2, name=me.name)]))
    assert grouped.id in ids(me) and grouped.id not in ids(mate) and groups(me) == {dg}
    world.admin.patch(f"/api/user-groups/{g2guid}", dict(allowed_incomings=[]))
    world.admin.patch(f"/api/user-groups/{g1guid}", dict(allowed_outgoings=[dict(type=1, name=dg)]))
    assert grouped.id in ids(mate) and others.id not in ids(me)
    world.admin.done("POST", f"/api/devices/{mates.guid}/disable")
    assert mates.id not in ids(me)
    world.admin.done("POST", f"/api/users/{mate.guid}/disable")
    assert users(me) == {me.name}
    row = me.call("GET", "/api/peers?accessible&status=1").json()["data"]
    mine = [r for r in row if r["id"] == own.id][0]
    assert mine["user_name"] == me.name and mine["info"]["os"] == "linux / Debian 12"
    assert mine["info"]["device_name"] == "host-" + own.id


def test_retrieving_accessible_devices_can_be_disabled(world):
    u = world.user()
    world.settings(disable_accessible=True)
    try:
        for path in ("/api/users?accessible", "/api/peers?accessible"):
            assert "disabled" in u.call("GET", path).json()["error"]
    finally:
        world.settings(disable_accessible=False)


def test_pages_for_people(world):
    r = world.client().call("GET", "/", status=200)
    assert r.headers["Content-Type"].startswith("text/html")
    assert world.client().get("/api/version")["version"]


def test_a_device_is_disabled_and_enabled(world):
    d = world.device()
    path = f"/api/devices/{d.guid}"
    world.admin.done("POST", path + "/disable")
    assert world.admin.get(path)["status"] == 0
    assert world.redis.do("HGET", "policy:device", d.id) == b"1 1 - -"
    world.admin.done("POST", path + "/enable")
    assert world.redis.do("HGET", "policy:device", d.id) == b"1 0 - -"
    world.admin.done("POST", path + "/disable")
    world.admin.done("DELETE", path)
    assert d.id in [r["id"] for r in world.admin.get("/api/devices/deleted", pageSize=1000)["data"]]


def test_put_and_patch_change_users_and_strategies_alike(world):
    u = world.user()
    world.admin.done("PATCH", f"/api/users/{u.guid}", dict(note="patched"))
    assert world.admin.get(f"/api/users/{u.guid}")["note"] == "patched"
    s = world.admin.post("/api/strategies", dict(name=world.name("s"))).json()
    changed = world.admin.put(f"/api/strategies/{s['guid']}",
                              dict(config_options={"enable-audio": "N"})).json()
    assert changed["config_options"] == {"enable-audio": "N"}
    assert changed["modified_at"] > s["modified_at"]


def test_roles_and_webhooks_are_shown_and_changed(world):
    for r in world.admin.get("/api/control-roles")["data"]:
        assert world.admin.get(f"/api/control-roles/{r['guid']}") == {
            k: v for k, v in r.items() if k != "etag"}
    name = world.name("role")
    made = world.admin.post("/api/admin-roles", dict(name=name, type="global", perms=[])).json()
    listed = [{k: v for k, v in r.items() if k != "etag"}
              for r in world.admin.get("/api/admin-roles", pageSize=1000)["data"]]
    assert made in listed
    h = world.admin.post("/api/webhooks", dict(url="http://127.0.0.1:9/", enabled=False)).json()
    new = world.admin.patch(f"/api/webhooks/{h['guid']}", dict(url="https://x.example/")).json()
    assert new["url"] == "https://x.example/" and new["enabled"] is False
    assert new in [{k: v for k, v in x.items() if k != "etag"}
                   for x in world.admin.get("/api/webhooks")["data"]]
    world.admin.done("DELETE", f"/api/webhooks/{h['guid']}")
