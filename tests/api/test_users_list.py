"""The list of users, sorted and filtered by every column; the own profile."""
import urllib.parse

import pytest

from test_directory import mail_to, sink  # noqa: F401


class People:
    def __init__(self, world):
        self.world, self.mark = world, world.name("people")
        self.group, _ = world.group()
        self.role = world.admin.post("/api/control-roles", dict(name=world.name("role"))).json()
        self.strategy = world.admin.post("/api/strategies", dict(
            name=world.name("strategy"), enabled=True, config_options={})).json()
        self.some = world.admin.post("/api/admin-roles", dict(
            name=world.name("admins"), type="global", perms=["users.view"])).json()
        self.names = []
        self.guids = {}
        for n, last in (("c", "Zoe"), ("A", "bob"), ("b", "")):
            self.add(self.mark + n, display_name=last, note=self.mark + " note " + n)
        a, b = self.names[1], self.names[2]
        self.put(a, email=world.name("a") + "@example.org", admin_roles=[self.some["guid"]],
                 control_role_name=self.role["name"])
        self.put(b, group_name=self.group, strategy_name=self.strategy["name"], is_admin=True)
        world.admin.done("PUT", "/api/users/tfa/totp/enforce",
                         dict(user_guids=[self.guids[b]], enforce=True))
        world.admin.done("POST", f"/api/users/{self.guids[self.names[0]]}/disable")

    def add(self, name, **fields):
        self.guids[name] = self.world.admin.post(
            "/api/users", dict(name=name, password="correct horse", **fields)).json()["guid"]
        self.names.append(name)

    def put(self, name, **fields):
        self.world.admin.done("PUT", f"/api/users/{self.guids[name]}", fields)

    def found(self, **query):
        query = urllib.parse.urlencode(dict(query, q=self.mark))
        rows = self.world.admin.get("/api/users?" + query)["data"]
        return [r["name"][len(self.mark):] for r in rows]


@pytest.fixture(scope="module")
def people(world):
    return People(world)


@pytest.mark.parametrize("column,order", [
    ("name", "Abc"), ("display_name", "bAc"), ("status", "cAb"), ("email", "bcA"),
    ("group_name", "Acb"), ("control_role_name", "bcA"), ("strategy_name", "Acb"),
    ("rights", "cAb"), ("totp", "Acb"), ("source", "Abc"), ("created_at", "cAb"),
    ("note", "Abc")])
def test_users_are_sorted_by_every_column_both_ways_and_by_pages(people, column, order):
    assert people.found(sort=column) == list(order)
    assert people.found(sort="-" + column) == list(order)[::-1]
    assert [people.found(sort=column, pageSize=1, current=i + 1)[0] for i in range(3)] == [*order]
    assert people.found(sort=column, pageSize=1, current=4) == []
    assert people.world.admin.get("/api/users", q=people.mark, sort=column, pageSize=1)["total"] == 3


def test_users_are_filtered_by_every_column(people):
    for query, who in ((dict(rights="all"), "b"), (dict(rights="some"), "A"),
                       (dict(rights="none"), "c"), (dict(totp=0), "Abc"), (dict(totp=1), ""),
                       (dict(source="local"), "Abc"), (dict(source="ldap"), ""),
                       (dict(control_role_name=people.role["name"]), "A"),
                       (dict(strategy_name=people.strategy["name"]), "b"),
                       (dict(group_name=people.group), "b"), (dict(email="@EXAMPLE.org"), "A"),
                       (dict(note="note c"), "c"), (dict(status=0), "c"),
                       (dict(note="note c", status=1), "")):
        assert sorted(people.found(**query), key=str.lower) == [*who], query
    for query, says in ((dict(sort="shoe"), "sort"), (dict(sort="-"), "sort"),
                        (dict(totp="yes"), "totp"), (dict(rights="few"), "rights")):
        for path in ("/api/users", "/api/users/export"):
            people.world.admin.refused("GET", path, says=says, **query)


def test_the_last_sign_in_is_shown_sorted_and_filtered_by_and_ends_with_the_user(world):
    u, v = world.user(), world.user()
    row, = world.admin.get("/api/users", name=u.name)["data"]
    at = row["signed_in_at"]
    assert at > row["created_at"] - 60
    assert world.admin.get(f"/api/users/{u.guid}")["signed_in_at"] == at
    never = world.admin.post("/api/users", dict(name=world.name("user"),
                                                password="correct horse")).json()
    world.redis.do("HSET", "api:user:signed-in", u.guid, "1700000000")
    guids = [r["guid"] for r in world.admin.get("/api/users", sort="signed_in_at",
                                                name="user-%", pageSize=1000)["data"]
             if r["guid"] in (u.guid, v.guid, never["guid"])]
    assert guids == [never["guid"], u.guid, v.guid]

    def found(**query):
        return {r["guid"] for r in world.admin.get("/api/users", pageSize=1000, **query)["data"]}

    before = found(signed_in_before=1700000001)
    assert u.guid in before and not {v.guid, never["guid"]} & before  # that is not known of him
    assert v.guid in found(signed_in_after=1700000001)
    assert not {u.guid, never["guid"]} & found(signed_in_after=1700000001)
    world.login(u.name, u.password)
    assert world.admin.get(f"/api/users/{u.guid}")["signed_in_at"] >= at
    world.admin.done("POST", f"/api/users/{u.guid}/disable")
    world.admin.done("DELETE", f"/api/users/{u.guid}")
    assert world.redis.do("HGET", "api:user:signed-in", u.guid) is None


def test_everybody_changes_his_own_profile_and_nothing_else_of_it(world):
    u, v = world.user(), world.user(email=world.name("v") + "@example.org")
    mail = world.name("u") + "@example.org"
    mine = dict(display_name="Ada", email=mail, note="Room 4")
    shown = dict(password=u.password)

    def changes():
        return world.admin.get("/api/audits/console", operator=u.name)["total"]

    before = changes()
    u.done("PATCH", "/api/currentUser", dict(mine, **shown))
    me = u.get("/api/currentUser")
    assert {k: me[k] for k in mine} == mine
    u.done("PATCH", "/api/currentUser", dict(note=""))
    assert u.get("/api/currentUser")["email"] == mail
    taken = world.admin.get(f"/api/users/{v.guid}")["email"]
    for body, says in ((dict(email="no mail"), "email"), (dict(email=taken.upper()), "in use"),
                       (dict(is_admin=True), "is_admin"), (dict(name="root"), "name"),
                       (dict(display_name="Ada\r\nroot"), "display_name"),
                       (dict(note=7), "note")):
        u.refused("PATCH", "/api/currentUser", dict(body, **shown), says=says)
    world.token(user=2).refused("PATCH", "/api/currentUser", mine, status=403)
    assert changes() == before + 2


def test_no_display_name_has_control_characters(world):
    bad = dict(display_name="Ada\tL.", password="correct horse")
    world.admin.refused("POST", "/api/users", dict(bad, name=world.name("u")), says="display_name")
    world.admin.refused("PUT", f"/api/users/{world.user().guid}", bad, says="display_name")


def test_a_client_moves_the_mail_only_with_the_password_and_the_former_address_is_told(
        world, sink):  # noqa: F811
    mail = world.name("was") + "@example.org"
    u, path = world.user(email=mail), "/api/currentUser"
    moved = dict(email=world.name("now") + "@example.org")
    u.refused("PATCH", path, moved, says="Missing: password")
    u.refused("PATCH", path, dict(email=""), says="Missing: password")
    u.refused("PATCH", path, dict(moved, password="a guess"), says="Wrong credentials")
    u.done("PATCH", path, dict(email=mail.upper(), note="the same address"))
    u.done("PATCH", path, dict(email=mail))
    assert u.get(path)["email"] == mail
    u.done("PATCH", path, dict(moved, password=u.password))
    assert u.get(path)["email"] == moved["email"]
    assert f"account {u.name} has another mail address" in " ".join(mail_to(sink, mail).split())
    world.login(u.name, u.password)  # which is as it was


def test_guesses_of_a_password_beside_a_mail_address_count_as_log_ins_do(world):
    u = world.user()
    c = type(u)(world.api.base, u.token, ip="203.0.113.87")
    moved = dict(email=world.name("now") + "@example.org")
    for _ in range(6):
        c.refused("PATCH", "/api/currentUser", dict(moved, password="a guess"), says="credentials")
    c.refused("PATCH", "/api/currentUser", dict(moved, password=u.password), status=429)
    assert u.get("/api/currentUser")["email"] == ""


def test_a_directory_keeps_the_name_and_address_of_its_users(world):
    u = world.user()
    raw = world.redis.do("HGET", "api:user", u.guid)
    world.redis.do("HSET", "api:user", u.guid, raw.replace(b'"local"', b'"ldap:office"'))
    for member in ("display_name", "email"):
        u.refused("PATCH", "/api/currentUser", {member: "x@example.org"}, says=member)
    u.done("PATCH", "/api/currentUser", dict(note="Room 4"))
    assert u.get("/api/currentUser")["note"] == "Room 4"
