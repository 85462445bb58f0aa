"""Nobody touches whoever has a right that he lacks himself: every route that
changes a user, from the server's own table."""
import re

import pytest

# Route -> the call that would change the user GUID.
TOUCH = {
    "PUT /api/users/{guid}": lambda g: ("PUT", f"/api/users/{g}", dict(password="taken over")),
    "PATCH /api/users/{guid}": lambda g: ("PATCH", f"/api/users/{g}", dict(email="evil@example.org")),
    "DELETE /api/users/{guid}": lambda g: ("DELETE", f"/api/users/{g}", None),
    "POST /api/users/{guid}/enable": lambda g: ("POST", f"/api/users/{g}/enable", None),
    "POST /api/users/{guid}/disable": lambda g: ("POST", f"/api/users/{g}/disable", None),
    "POST /api/users/force-logout": lambda g: ("POST", "/api/users/force-logout",
                                               dict(user_guids=[g])),
    "PUT /api/users/tfa/totp/enforce": lambda g: ("PUT", "/api/users/tfa/totp/enforce",
                                                  dict(user_guids=[g], enforce=True)),
    "PUT /api/users/disable_login_verification": lambda g: (
        "PUT", "/api/users/disable_login_verification", dict(user_guids=[g], type="2fa")),
    "POST /api/user-groups/{guid}": None,  # filled in below: needs a group
    "POST /api/strategies/assign": lambda g: ("POST", "/api/strategies/assign",
                                              dict(strategy="", users=[g])),
}
# They make users, or only show them.
HARMLESS = {"POST /api/users", "POST /api/users/invite", "GET /api/users", "GET /api/users/{guid}",
            "GET /api/users/export"}
# They refuse row by row: the last test.
BY_ROW = {"POST /api/users/bulk", "POST /api/users/import"}
USER_RIGHTS = ["users.view", "users.create", "users.invite", "users.delete", "users.enable",
               "users.email", "users.password", "users.note", "users.2fa", "users.logout",
               "users.strategy", "users.role"]
AREAS = ["device", "audit", "user", "group", "strategy", "address_book"]


def test_every_route_that_changes_a_user_is_tried_here(world):
    found = set()
    for path, item in world.client().get("/api/openapi.json")["paths"].items():
        for method, op in item.items():
            if re.match(r"users\.", op["x-requires"]) or path == "/api/strategies/assign":
                found.add(f"{method.upper()} {path}")
    assert found - HARMLESS - BY_ROW == set(TOUCH)


@pytest.fixture(params=sorted(TOUCH))
def touch(request, world):
    make = TOUCH[request.param]
    if make:
        return make
    _, group = world.group()
    return lambda g: ("POST", f"/api/user-groups/{group}", [g])


def role(world, kind, perms, **more):
    return world.admin.post("/api/admin-roles", dict(name=world.name("role"), type=kind,
                                                     perms=perms, **more)).json()["guid"]


def holder(world, *roles, **fields):
    u = world.user(**fields)
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=list(roles)))
    return u


def stays(world, victim, c, call):
    """C is refused, and nothing of VICTIM has changed: he is still signed in."""
    before = world.redis.do("HGET", "api:user", victim.guid)
    method, path, body = call(victim.guid)
    c.refused(method, path, body, status=403)
    assert world.redis.do("HGET", "api:user", victim.guid) == before
    victim.post("/api/currentUser")


def test_a_groups_helpdesk_does_not_touch_a_member_with_a_wider_role(world, touch):
    name, guid = world.group()
    boss = holder(world, role(world, "global", ["users.view", "audits.view"]), group_name=name)
    desk = holder(world, role(world, "group", USER_RIGHTS, user_groups=[guid]))
    stays(world, boss, desk, touch)


def test_a_global_helpdesk_does_not_touch_an_administrator(world, touch):
    boss = world.user(is_admin=True)
    stays(world, boss, holder(world, role(world, "global", USER_RIGHTS + ["users.group"])), touch)


def test_no_api_token_touches_an_administrator_its_own_least_of_all(world, touch):
    boss = world.user(is_admin=True)
    made = boss.post("/api/tokens", dict(name=world.name("t"),
                                         scopes={a: 2 for a in AREAS})).json()
    stays(world, boss, world.client(made["token"]), touch)


def test_an_api_token_does_not_touch_whoever_has_more_than_its_areas(world, touch):
    boss = holder(world, role(world, "global", ["devices.delete"]))
    c = world.token(user=2, group=2, strategy=2)
    stays(world, boss, c, touch)


def test_equals_and_lesser_ones_may_be_touched(world):
    name, guid = world.group()
    mine = role(world, "group", USER_RIGHTS + ["devices.view"], user_groups=[guid])
    lesser = holder(world, role(world, "group", ["users.view", "devices.view"], user_groups=[guid]),
                    role(world, "individual", ["devices.view"]), group_name=name)
    equal = holder(world, mine, group_name=name)
    c = holder(world, mine)
    for victim in (lesser, equal, world.user(group_name=name)):
        c.done("PUT", f"/api/users/{victim.guid}", dict(password="set by the desk"))
    world.token(user=2).done("PUT", f"/api/users/{world.user().guid}", dict(password="set by a script"))


@pytest.mark.parametrize("wider", [
    dict(kind="group", perms=["users.view"], other=True),
    dict(kind="group", perms=["devices.view"], unassigned=True),
    dict(kind="group", perms=["devices.delete"]),
    dict(kind="individual", perms=["devices.delete"]),
    dict(kind="individual", perms=["audits.view"])])
def test_a_role_that_reaches_further_protects(world, wider):
    name, guid = world.group()
    more = dict(wider)
    kind, perms = more.pop("kind"), more.pop("perms")
    if kind == "group":
        more["user_groups"] = [guid] + ([world.group()[1]] if more.pop("other", None) else [])
    boss = holder(world, role(world, kind, perms, **more), group_name=name)
    desk = holder(world, role(world, "group", USER_RIGHTS + ["devices.view"], user_groups=[guid]))
    desk.refused("PUT", f"/api/users/{boss.guid}", dict(password="taken over"), status=403)
    assert boss.post("/api/currentUser").json()["name"] == boss.name


def test_one_protected_user_in_a_list_stops_the_whole_list(world):
    name, guid = world.group()
    boss, plain = world.user(is_admin=True, group_name=name), world.user(group_name=name)
    desk = holder(world, role(world, "group", USER_RIGHTS, user_groups=[guid]))
    desk.refused("POST", "/api/users/force-logout", dict(user_guids=[plain.guid, boss.guid]),
                 status=403)
    plain.post("/api/currentUser")


def test_many_at_once_touch_nobody_with_a_wider_role(world):
    name, guid = world.group()
    boss = holder(world, role(world, "global", ["users.view", "audits.view"]), group_name=name)
    desk = holder(world, role(world, "group", USER_RIGHTS, user_groups=[guid]))
    before = world.redis.do("HGET", "api:user", boss.guid)
    for op in ("disable", "delete"):
        job = desk.post("/api/users/bulk", dict(id=op, op=op, guids=[boss.guid])).json()
        assert (job["changed"], job["refused"]) == (0, 1)
    text = f"name,email\n{boss.name},evil@example.org\n"
    job = desk.post("/api/users/import", dict(id="import", csv=text)).json()
    assert (job["changed"], job["refused"]) == (0, 1)
    assert world.redis.do("HGET", "api:user", boss.guid) == before
    boss.post("/api/currentUser")
