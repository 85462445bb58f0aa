"""What reads many things asks Redis as often as what reads one."""
import hashlib
import socket
import uuid

import pytest

from harness import World, crc16
from ldapserver import Directory


class Watch:
    """What clients say to Redis about KEYS; what scripts do inside is not said."""

    def __init__(self, redis, *keys):
        self.redis, self.keys = redis, [f'"{k}"' for k in keys]
        self.sock = socket.create_connection(("127.0.0.1", redis.port), 20)
        self.file = self.sock.makefile("r", newline="\r\n")
        self.sock.sendall(b"MONITOR\r\n")
        assert self.file.readline() == "+OK\r\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def count(self, act):
        mark = str(uuid.uuid4())
        act()
        self.redis.do("ECHO", mark)
        n = 0
        while mark not in (line := self.file.readline()):
            n += " lua]" not in line and any(k in line for k in self.keys)
        return n

    def least(self, act):
        """Without what the api's own threads ask now and then."""
        return min(self.count(act) for _ in range(5))


def test_a_page_of_users_with_what_they_belong_to(world):
    names = {world.user(group_name=world.group()[0]).name for _ in range(4)}

    def page(size):
        rows = world.admin.get("/api/users", pageSize=size)["data"]
        assert len(rows) == min(size, len(rows))
        return rows

    rows = page(1000)
    assert names == {r["name"] for r in rows if r["name"] in names and r["group_name"]}
    with Watch(world.redis, "api:usergroup", "api:controlrole", "api:strategy") as watch:
        few = watch.least(lambda: page(len(rows) - 3))
        assert few > 0 and watch.least(lambda: page(len(rows))) == few


def test_devices_within_reach_with_owners_and_groups(world):
    def reach(n):
        u = world.user()
        for _ in range(n):
            world.device(user_name=u.name, device_group_name=world.group("device")[0])
        with Watch(world.redis, "api:devicegroup", "api:user") as watch:
            def look():
                rows = u.get("/api/peers", accessible="", pageSize=100)["data"]
                assert len([r for r in rows if r["device_group_name"]]) == n
            return watch.least(look)

    reach(1)
    one = reach(1)
    assert one > 0 and reach(4) == one


@pytest.mark.parametrize("way", ["into the bin", "back"])
def test_entries_that_move(world, way):
    u = world.user()
    book = u.post("/api/ab/shared/add", dict(name=world.name("book"))).json()["guid"]
    for i in range(6):
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id=str(i)))

    def move(ids):
        if way == "into the bin":
            u.done("DELETE", f"/api/ab/peer/{book}", ids)
        else:
            u.done("POST", f"/api/ab/bin/restore/{book}", ids)

    if way == "back":
        u.done("DELETE", f"/api/ab/peer/{book}", list("012345"))
    keys = [f"api:book:peers:{book}", f"api:book:bin:{book}"]
    move(["0"])
    with Watch(world.redis, *keys) as watch:
        one = watch.count(lambda: move(["1"]))
        assert one > 0 and watch.count(lambda: move(["2", "3", "3", "4"])) == one
    left = {"5"} if way == "into the bin" else {"0", "1", "2", "3", "4"}
    rows = u.post("/api/ab/peers", ab=book, current=1, pageSize=100).json()["data"]
    assert {r["id"] for r in rows} == left


@pytest.fixture(scope="module")
def calm():
    """A site of our own: others' users and devices would make a scan longer."""
    w = World()
    yield w
    w.stop()


def grows_not(world, keys, make, act):
    """ACT asks for what is in KEYS as often whether MAKE ran once or four times."""
    def asked():
        with Watch(world.redis, *(keys() if callable(keys) else keys)) as watch:
            return watch.least(act)

    make()
    one = asked()
    for _ in range(3):
        make()
    assert one > 0 and asked() == one


def sessions_of(world, u):
    mine = f"api:user:sessions:{u.guid}"
    return [mine] + ["token:" + h.decode() for h in world.redis.do("SMEMBERS", mine)
                     if h.decode() != hashlib.sha256(u.token.encode()).hexdigest()]


def test_ones_own_sessions(calm):
    u = calm.user()

    def listed():
        rows = u.get("/api/web/sessions/own", pageSize=100)["data"]
        assert len(rows) == len(sessions_of(calm, u))

    grows_not(calm, lambda: sessions_of(calm, u),
              lambda: calm.login(u.name, u.password), listed)


def test_sessions_that_make_room_for_one_more(calm):
    def log_in(others):
        u = calm.user()
        for i in range(others):
            calm.redis.do("HSET", f"token:{i:064x}", "user", u.guid, "seen", str(i))
            calm.redis.do("SADD", f"api:user:sessions:{u.guid}", f"{i:064x}")
        with Watch(calm.redis, *sessions_of(calm, u)) as watch:
            n = watch.count(lambda: calm.login(u.name, u.password))
        assert len(sessions_of(calm, u)) == min(others + 2, 50)
        return n

    few = log_in(2)
    assert few > 0 and log_in(49) == few


def test_open_connections_and_whether_their_devices_are_online(calm):
    devices = []

    def connect():
        d = calm.device()
        devices.append(d)
        d.audit("conn", ip="203.0.113.7", action="new", conn_id=1, session_id=0)

    def listed():
        rows = calm.admin.get("/api/web/sessions", pageSize=100)["data"]
        assert {r["device"] for r in rows} >= {d.id for d in devices}

    grows_not(calm, lambda: [f"seen:{crc16(d.id.encode()):04x}" for d in devices],
              connect, listed)


def user_with(world, perm, scope, **more):
    role = world.admin.post("/api/admin-roles", dict(
        name=world.name("role"), type=scope, perms=[perm], **more)).json()
    u = world.user()
    world.admin.put(f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
    return u


@pytest.mark.parametrize("path", ["web/sessions", "audits/conn", "audits/conn?remote=%25"])
def test_connections_to_ones_own_devices(calm, path):
    u = user_with(calm, "audits.view", "individual")
    seen = set()

    def connect():
        calm.device().audit("conn", ip="203.0.113.7", action="new", conn_id=1, session_id=0)
        d = calm.device(user_name=u.name)
        d.audit("conn", ip="203.0.113.7", action="new", conn_id=1, session_id=0)
        seen.add(d.id)

    def listed():
        assert {r["device"] for r in u.get("/api/" + path, pageSize=100)["data"]} == seen

    grows_not(calm, ["api:device", "api:user"], connect, listed)


@pytest.mark.parametrize("kind", ["user", "device"])
def test_groups_with_rules(calm, kind):
    groups = []

    def make():
        name, guid = calm.group(kind)
        rules = [dict(type=2, name=calm.user().name), dict(type=0, name=calm.group()[0])]
        calm.admin.patch(f"/api/{kind}-groups/{guid}", dict(allowed_incomings=rules))
        groups.append((name, rules))

    def listed():
        rows = {r["name"]: r for r in
                calm.admin.get(f"/api/{kind}-groups", pageSize=100)["data"]}
        for name, rules in groups:
            assert rows[name]["allowed_incomings"] == rules

    grows_not(calm, ["api:user", "api:usergroup", "api:strategy"], make, listed)


@pytest.mark.parametrize("who", ["who sees all", "who sees one group"])
def test_presets_that_wait(calm, who):
    group, guid = calm.group("device")
    caller = calm.admin
    if who == "who sees one group":
        caller = user_with(calm, "devices.view", "group", device_groups=[guid])
    waiting = set()

    def wait():
        d = calm.device(user_name=calm.user().name, device_group_name=group)
        d.sysinfo(**{"preset-note": "of a stranger"})
        waiting.add(d.id)

    def listed():
        rows = caller.get("/api/devices/presets", pageSize=100)["data"]
        assert waiting <= {r["id"] for r in rows}
        assert all(r["presets"] == dict(note="of a stranger") for r in rows)

    grows_not(calm, ["api:device", "api:device:wish", "api:user"], wait, listed)


def test_groups_of_a_role(calm):
    groups = []

    def save():
        calm.admin.post("/api/admin-roles", dict(name=calm.name("role"), type="group",
                                                 user_groups=groups))

    grows_not(calm, ["api:usergroup"], lambda: groups.append(calm.group()[1]), save)


def test_users_of_groups_with_a_name(calm):
    made = set()

    def make():
        made.add(calm.user(group_name=calm.group()[0]).name)

    def listed(like):
        rows = calm.admin.get("/api/users", pageSize=1000, group_name=like)["data"]
        return {r["name"] for r in rows}

    def some():
        assert made <= listed("user-group-%") and "admin" not in listed("user-group-%")

    grows_not(calm, ["api:usergroup"], make, some)
    assert "admin" in listed("-") and not made & listed("-")


@pytest.mark.parametrize("query", [{}, {"device_name": "host-%"}, {"user_name": "user-%"}])
def test_devices_with_what_they_belong_to(calm, query):
    made = {}

    def make():
        user = calm.user(group_name=calm.group()[0]).name
        group = calm.group("device")[0]
        d = calm.device(user_name=user, device_group_name=group)
        made[d.id] = (user, group)

    def listed():
        rows = {r["id"]: r for r in calm.admin.get("/api/devices", pageSize=1000, **query)["data"]}
        for i, names in made.items():
            assert (rows[i]["user_name"], rows[i]["device_group_name"]) == names

    grows_not(calm, lambda: ["api:user", "api:usergroup", "api:devicegroup", "api:strategy",
                             *(f"seen:{crc16(i.encode()):04x}" for i in made)], make, listed)


def test_retired_devices(calm):
    retired = set()

    def make():
        d = calm.device()
        calm.admin.done("POST", f"/api/devices/{d.guid}/retire")
        retired.add(d.id)

    def listed():
        rows = calm.admin.get("/api/devices/retired", pageSize=100)["data"]
        assert {r["id"] for r in rows} == retired

    grows_not(calm, ["api:device:retired"], make, listed)


def test_entries_with_what_the_server_knows(calm):
    u = calm.user()
    book = u.post("/api/ab/shared/add", dict(name=calm.name("book"))).json()["guid"]
    known = set()

    def add():
        d = calm.device()
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id=d.id))
        known.add(d.id)

    def listed():
        rows = u.post("/api/ab/peers", ab=book, current=1, pageSize=100).json()["data"]
        assert {r["id"] for r in rows if r["same_server"]} == known
        assert all(r["hostname"] == "host-" + r["id"] for r in rows if r["same_server"])

    u.done("POST", f"/api/ab/peer/add/{book}", dict(id="elsewhere"))
    grows_not(calm, ["api:device", "api:device:name"], add, listed)


def test_rules_of_a_book(calm):
    owner = calm.user()
    book = owner.post("/api/ab/shared/add", dict(name=calm.name("book"))).json()["guid"]
    names = set()

    def share():
        names.add(calm.user().name)
        for name in names:
            owner.post("/api/ab/rule", dict(guid=book, user=name, rule=1))

    def listed():
        rows = owner.get("/api/ab/rules", ab=book, current=1, pageSize=100)["data"]
        assert {r["user"] for r in rows} == names

    grows_not(calm, ["api:user"], share, listed)


def test_books_with_their_owners(calm):
    books, token = {}, calm.token(address_book=1)

    def make():
        u, name = calm.user(), calm.name("book")
        u.post("/api/ab/shared/add", dict(name=name))
        books[name] = u.name

    def listed():
        rows = token.post("/api/ab/shared/profiles", current=1, pageSize=100).json()["data"]
        assert {r["name"]: r["owner"] for r in rows if r["name"] in books} == books

    grows_not(calm, ["api:user"], make, listed)


def test_tokens_with_those_who_made_them(calm):
    made = []

    def make():
        made.append(calm.token(device=1))

    def listed():
        rows = calm.admin.get("/api/tokens", pageSize=100)["data"]
        assert len(rows) >= len(made) and {r["user_name"] for r in rows} == {"admin"}

    grows_not(calm, ["api:user"], make, listed)


def test_links_of_somebody_from_a_directory(calm):
    ids = dict(entryUUID=["6e1b9a2e-0001"], nsUniqueId=["6e1b9a2e-0002"],
               ipaUniqueID=["6e1b9a2e-0003"])
    people = Directory()
    people.person("uid=one,dc=x", "one")
    people.person("uid=many,dc=x", "many", **ids)
    calm.settings("ldap", servers=[people.settings(names=["before", "long before"])])

    def log_in(name):
        with Watch(calm.redis, "api:user:ext") as watch:
            return watch.count(lambda: calm.login(name, "ldap secret"))

    try:
        one = log_in("one")
        assert one > 0 and log_in("many") == one
    finally:
        calm.settings("ldap", servers=[])
        people.close()
