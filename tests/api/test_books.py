"""Address books: contract 4 and the scripts' side of them."""
import json

import pytest


def personal(c):
    return c.post("/api/ab/personal").json()["guid"]


def peers(c, book, **query):
    return c.post("/api/ab/peers", ab=book, current=1, pageSize=100, **query).json()


def shared(c, world, **more):
    return c.post("/api/ab/shared/add", dict(name=world.name("book"), **more)).json()["guid"]


def books(c):
    return [p["guid"] for p in c.post("/api/ab/shared/profiles", pageSize=1000).json()["data"]]


def share(c, book, rule, status=200, **subject):
    return c.post("/api/ab/rule", dict(guid=book, rule=rule, **subject), status=status)


def test_the_personal_book_is_made_once_and_by_both_methods(world):
    u = world.user()
    guid = personal(u)
    assert len(guid) == 36 and guid.count("-") == 4
    assert personal(u) == guid == u.get("/api/ab/personal")["guid"]


def test_settings_tell_the_limit(world):
    u = world.user()
    assert u.post("/api/ab/settings").json() == {"max_peer_one_ab": 0}
    book = personal(u)
    world.settings(max_peer_one_ab=1)
    try:
        assert u.post("/api/ab/settings").json() == {"max_peer_one_ab": 1}
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id="1"))
        u.refused("POST", f"/api/ab/peer/add/{book}", dict(id="2"), says="exceed_max_devices")
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id="1", alias="again"))
    finally:
        world.settings(max_peer_one_ab=0)


def test_entries_are_added_changed_and_deleted_with_empty_replies(world):
    u = world.user()
    b = personal(u)
    u.done("POST", f"/api/ab/tag/add/{b}", dict(name="lab", color=4294198070))
    u.done("POST", f"/api/ab/peer/add/{b}",
           dict(id="123", alias="Box", tags=["lab", "unknown"], note="n",
                forceAlwaysRelay="true", rdpPort="", same_server=None))
    row = peers(u, b)["data"][0]
    assert row["tags"] == ["lab"] and row["alias"] == "Box" and row["forceAlwaysRelay"] == "true"
    assert row["same_server"] is False
    u.done("PUT", f"/api/ab/peer/update/{b}", dict(id="123", alias="New"))
    row = peers(u, b)["data"][0]
    assert row["alias"] == "New" and row["tags"] == ["lab"] and row["note"] == "n"
    u.done("DELETE", f"/api/ab/peer/{b}", ["123", "456"])
    assert peers(u, b) == {"total": 0, "data": []}


def test_updating_an_absent_entry_is_an_error(world):
    u = world.user()
    u.refused("PUT", f"/api/ab/peer/update/{personal(u)}", dict(id="1", alias="x"), status=404)


def test_the_hash_is_for_the_personal_book_and_the_password_for_shared_ones(world):
    u = world.user()
    b, s = personal(u), shared(u, world)
    for book in (b, s):
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id="9", hash="aGFzaA==", password="pw"))
    own, other = peers(u, b)["data"][0], peers(u, s)["data"][0]
    assert own["hash"] == "aGFzaA==" and "password" not in own
    assert other["password"] == "pw" and "hash" not in other
    u.done("PUT", f"/api/ab/peer/update/{s}", dict(id="9", password=""))
    assert peers(u, s)["data"][0]["password"] == ""


def test_passwords_are_sealed_in_redis(world):
    u = world.user()
    s = shared(u, world, info=dict(password="book secret"))
    u.done("POST", f"/api/ab/peer/add/{s}", dict(id="9", password="entry secret"))
    assert b"entry secret" not in b"".join(world.redis.do("HVALS", f"api:book:peers:{s}"))
    assert b"book secret" not in world.redis.do("HGET", "api:book", s)
    rows = {p["guid"]: p for p in u.post("/api/ab/shared/profiles").json()["data"]}
    assert rows[s]["info"] == {"password": "book secret"}


def test_tags_keep_unsigned_colours_and_follow_renames(world):
    u = world.user()
    b = personal(u)
    u.done("POST", f"/api/ab/tag/add/{b}", dict(name="a", color=4294967295))
    u.done("POST", f"/api/ab/tag/add/{b}", dict(name="b", color=0))
    assert u.post(f"/api/ab/tags/{b}").json() == [dict(name="a", color=4294967295), dict(name="b", color=0)]
    u.done("POST", f"/api/ab/peer/add/{b}", dict(id="1", tags=["a", "b"]))
    u.done("PUT", f"/api/ab/tag/rename/{b}", dict(old="a", new="A 2"))
    assert set(peers(u, b)["data"][0]["tags"]) == {"b", "A 2"}
    u.refused("PUT", f"/api/ab/tag/rename/{b}", dict(old="b", new="A 2"))
    u.done("PUT", f"/api/ab/tag/update/{b}", dict(name="b", color=7))
    u.done("DELETE", f"/api/ab/tag/{b}", ["A 2"])
    assert u.get(f"/api/ab/tags/{b}") == [dict(name="b", color=7)]
    assert peers(u, b)["data"][0]["tags"] == ["b"]


def test_entries_of_registered_devices_show_what_the_server_knows(world):
    u, d = world.user(), world.device()
    b = personal(u)
    u.done("POST", f"/api/ab/peer/add/{b}", dict(id=d.id, hostname="old", platform="Windows"))
    row = peers(u, b)["data"][0]
    assert row["same_server"] is True and row["hostname"] == "host-" + d.id
    assert row["platform"] == "Linux"


@pytest.mark.parametrize("rule,may", [(1, "r"), (2, "rw"), (3, "rwf")])
def test_rule_levels(world, rule, may):
    owner, u = world.user(), world.user()
    b = shared(owner, world)
    u.refused("POST", "/api/ab/peers", ab=b, status=404)
    share(owner, b, rule, user=u.name)
    profile = [p for p in u.post("/api/ab/shared/profiles").json()["data"] if p["guid"] == b][0]
    assert profile["rule"] == rule and profile["owner"] == owner.name
    peers(u, b)
    write = u.call("POST", f"/api/ab/peer/add/{b}", dict(id="1"))
    assert (write.status_code == 200) == ("w" in may)
    delete = u.call("DELETE", f"/api/ab/peer/{b}", ["1"])
    assert (delete.status_code == 200) == ("w" in may)
    tag = u.call("POST", f"/api/ab/tag/add/{b}", dict(name="t", color=1))
    assert (tag.status_code == 200) == ("w" in may)
    rename = u.call("PUT", "/api/ab/shared/update/profile", dict(guid=b, note="x"))
    assert (rename.status_code == 200) == ("f" in may)
    rules = u.call("GET", "/api/ab/rules", ab=b)
    assert (rules.status_code == 200) == ("f" in may)


def test_user_beats_group_beats_everyone_whichever_is_wider(world):
    gname, gguid = world.group()
    owner, u, v = world.user(), world.user(group_name=gname), world.user()
    b = shared(owner, world)

    def rule(c):
        rows = [p["rule"] for p in c.post("/api/ab/shared/profiles").json()["data"] if p["guid"] == b]
        return rows[0] if rows else 0

    share(owner, b, 3)
    assert rule(u) == rule(v) == 3
    share(owner, b, 2, group=gname)
    assert rule(u) == 2 and rule(v) == 3
    share(owner, b, 1, user=u.name)
    assert rule(u) == 1 and rule(v) == 3


def test_rules_are_listed_changed_and_deleted(world):
    owner, u = world.user(), world.user()
    b = shared(owner, world)
    guid = share(owner, b, 1, user=u.name).json()["guid"]
    assert share(owner, b, 2, user=u.name).json()["guid"] == guid  # one per subject
    share(owner, b, 1)
    rows = owner.get("/api/ab/rules", ab=b)
    assert rows["total"] == 2
    assert {(r.get("user"), r["rule"]) for r in rows["data"]} == {(u.name, 2), (None, 1)}
    owner.done("PATCH", "/api/ab/rule", dict(guid=guid, rule=3))
    owner.done("DELETE", "/api/ab/rules", [r["guid"] for r in rows["data"]])
    assert owner.get("/api/ab/rules", ab=b)["total"] == 0
    assert b not in books(u)
    owner.refused("POST", "/api/ab/rule", dict(guid=b, rule=4))
    owner.refused("POST", "/api/ab/rule", dict(guid=b, rule=1, user="no-such-user"))


def test_sharing_outside_the_own_group_can_be_forbidden(world):
    gname, _ = world.group()
    owner, mate, other = world.user(group_name=gname), world.user(group_name=gname), world.user()
    b = shared(owner, world)
    world.settings(share_outside_group=False)
    try:
        share(owner, b, 1, user=mate.name)
        share(owner, b, 1, group=gname)
        share(owner, b, 1, status=403, user=other.name)
        share(owner, b, 1, status=403)
    finally:
        world.settings(share_outside_group=True)


@pytest.mark.parametrize("name", ["My address book", "legacy Address Book", "", "x" * 200])
def test_names_that_the_client_reserves_are_refused(world, name):
    world.user().refused("POST", "/api/ab/shared/add", dict(name=name, note=None))


def test_names_are_unique(world):
    u, v = world.user(), world.user()
    u.post("/api/ab/shared/add", dict(name="Unique"))
    v.refused("POST", "/api/ab/shared/add", dict(name="unique"), says="exists")


def test_a_book_is_renamed_handed_over_and_deleted(world):
    u, v = world.user(), world.user()
    b = shared(u, world)
    new = world.name("renamed")
    u.done("PUT", "/api/ab/shared/update/profile", dict(guid=b, name=new, owner=v.name))
    assert b not in books(u) and b in books(v)
    assert v.get("/api/ab/shared/profiles", name=new)["data"][0]["owner"] == v.name
    u.refused("DELETE", "/api/ab/shared", [b], status=404)
    v.done("DELETE", "/api/ab/shared", [b])
    v.refused("POST", "/api/ab/peers", ab=b, status=404)


def test_a_personal_book_is_nobody_elses_and_cannot_be_shared(world):
    u = world.user()
    b = personal(u)
    world.admin.refused("POST", "/api/ab/peers", ab=b, status=404)
    u.refused("POST", "/api/ab/rule", dict(guid=b, rule=1))
    u.refused("DELETE", "/api/ab/shared", [b])


def test_the_recycle_bin(world):
    u = world.user()
    b = shared(u, world)
    for i in "12345":
        u.done("POST", f"/api/ab/peer/add/{b}", dict(id=i, alias="a" + i))
    u.done("DELETE", f"/api/ab/peer/{b}", ["1", "2", "3"])
    assert [r["id"] for r in u.get(f"/api/ab/bin/{b}")["data"]] == ["1", "2", "3"]
    u.done("POST", f"/api/ab/bin/restore/{b}", ["1"])
    assert peers(u, b, id="1")["data"][0]["alias"] == "a1"
    u.done("DELETE", f"/api/ab/bin/{b}", ["2"])
    assert u.get(f"/api/ab/bin/{b}")["total"] == 1
    u.done("DELETE", f"/api/ab/bin/{b}", [])
    assert u.get(f"/api/ab/bin/{b}")["total"] == 0


def test_entries_are_paged_and_filtered(world):
    u = world.user()
    b = personal(u)
    for i in range(7):
        u.done("POST", f"/api/ab/peer/add/{b}", dict(id=f"7{i}", alias=f"Alias {i}"))
    page = u.post("/api/ab/peers", ab=b, current=2, pageSize=3).json()
    assert page["total"] == 7 and [r["id"] for r in page["data"]] == ["73", "74", "75"]
    assert peers(u, b, alias="%alias 4%")["total"] == 1
    assert peers(u, b, id="76")["total"] == 1


def test_the_legacy_book_is_the_personal_one_in_three_levels_of_text(world):
    u = world.user()
    inner = dict(tags=["lab"], tag_colors=json.dumps({"lab": 4294198070}),
                 peers=[dict(id="1", hash="aA==", username="u", hostname="h", platform="Linux",
                             alias="", tags=["lab"])])
    u.done("POST", "/api/ab", dict(data=json.dumps(inner)))
    for reply in (u.get("/api/ab"), u.post("/api/ab/get", {}).json()):
        data = json.loads(reply["data"])
        assert data["peers"][0]["hash"] == "aA==" and data["tags"] == ["lab"]
        assert json.loads(data["tag_colors"]) == {"lab": 4294198070}
    assert peers(u, personal(u))["total"] == 1
    u.done("POST", "/api/ab", dict(data=json.dumps(dict(tags=["lab"], peers=[]))))
    assert u.get(f"/api/ab/tags/{personal(u)}") == [dict(name="lab", color=4294198070)]
    assert peers(u, personal(u))["total"] == 0
    u.refused("POST", "/api/ab", dict(data="not json"))


def test_an_empty_legacy_book_is_explicit(world):
    data = json.loads(world.user().get("/api/ab")["data"])
    assert data == {"tags": [], "peers": [], "tag_colors": "{}"}


def test_a_script_token_manages_all_shared_books(world):
    u = world.user()
    b = shared(u, world)
    t = world.token(address_book=2)
    assert b in [p["guid"] for p in t.get("/api/ab/shared/profiles", pageSize=1000)["data"]]
    t.done("POST", f"/api/ab/peer/add/{b}", dict(id="1", note=None, tags=[]))
    r = world.token(address_book=1)
    assert r.get("/api/ab/peers", ab=b)["total"] == 1
    r.refused("POST", f"/api/ab/peer/add/{b}", dict(id="2"), status=403)
    world.token(device=2).refused("GET", "/api/ab/peers", ab=b, status=403)


def test_two_writers_lose_nothing(world):
    import threading
    u = world.user()
    b = personal(u)
    u.done("POST", f"/api/ab/peer/add/{b}", dict(id="1"))

    def tags(n):
        c = world.client(u.token)
        for i in range(10):
            c.done("POST", f"/api/ab/tag/add/{b}", dict(name=f"t{n}-{i}", color=1))

    threads = [threading.Thread(target=tags, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(u.get(f"/api/ab/tags/{b}")) == 40
