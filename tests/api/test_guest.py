"""Guest links: who may make them, what a guest gets, what hbbs goes by."""
import hashlib
import json
import os
import time

import pytest

from harness import ROOT, Device, wait_for
from test_audit import connect, rows
from test_permissions import with_role
from test_round_trips import Watch

LINKS = "/api/guest-links"
SCRIPTS = {name: open(os.path.join(ROOT, path)).read() for name, path in (
    ("lookup", "common/site/policy_lookup.lua"), ("count", "services/hbbs/store/guest.lua"))}
USER, GUEST, GUEST_ROLE = 1, 9, 10      # of enum policy_row
COUNT = 0


def guest(world):
    """Somebody from an address of his own."""
    global COUNT
    COUNT += 1
    return world.client(ip=f"198.51.{100 + COUNT // 250}.{COUNT % 250 + 1}")


def make(u, *devices, status=200, **more):
    body = dict(devices=[d.id for d in devices], expires_at=int(time.time()) + 3600, uses=0)
    return u.post(LINKS, dict(body, **more), status=status).json()


@pytest.fixture()
def maker(world):
    u = world.user()
    u.device = world.device(user_name=u.name)
    return u


def exchange(world, link, status=200, **more):
    by = more.pop("by", None) or guest(world)
    return by.post("/api/web/guest", dict(secret=link["secret"], **more), status=status).json()


def reason(world, link, status=403, **more):
    return exchange(world, link, status, **more)["reason"]


def ticket(world, shown, device, status=200):
    return guest(world).post("/api/web/guest/ticket", dict(
        {"pass": shown["pass"]}, id=device.id), status=status).json()


def sha(token):
    return hashlib.sha256(token.encode()).hexdigest()


def judged(world, token, device):
    """The rows that hbbs would judge a request with TOKEN by."""
    return world.redis.do("EVAL", SCRIPTS["lookup"], 0, sha(token), device.id, "peer:0000")


def counted(world, link, token, ip="198.51.100.20"):
    """What hbbs is told when it lets a session with TOKEN from IP begin."""
    return world.redis.do("EVAL", SCRIPTS["count"], 0, link["guid"], sha(token), ip).decode()


def control_role(world, **permissions):
    return world.admin.post("/api/control-roles", dict(
        name=world.name("narrow"), permissions=permissions)).json()["guid"]


def ends(world, link, at_s):
    """The link ended at AT_S, for the api and for hbbs."""
    doc = json.loads(world.redis.do("HGET", "api:guestlink", link["guid"]))
    world.redis.do("HSET", "api:guestlink", link["guid"], json.dumps(dict(doc, expires_at=at_s)))
    row = world.redis.do("HGET", "policy:guest", link["guid"]).decode().split()
    row[2] = str(at_s)
    world.redis.do("HSET", "policy:guest", link["guid"], " ".join(row))


def test_a_guest_link_is_shown_once_and_leads_somebody_without_an_account(world, maker):
    link = make(maker, maker.device, note="For the auditor")
    assert link["url"] == f"{world.api.base}/web/#guest={link['secret']}"
    assert link["state"] == "active" and link["own"] and link["user_name"] == maker.name
    again = maker.get(f"{LINKS}/{link['guid']}")
    assert "secret" not in again and "url" not in again
    assert again == {k: v for k, v in link.items() if k in again}
    stored = world.redis.do("HGET", "api:guestlink", link["guid"]).decode()
    assert link["secret"] not in stored and sha(link["secret"]) in stored
    shown = exchange(world, link)
    assert [d["id"] for d in shown["devices"]] == [maker.device.id]
    assert shown["uses_left"] == -1 and shown["user_name"] == maker.name
    assert shown["expires_at"] == link["expires_at"] and 0 < shown["expires_in"] <= 3600
    t = ticket(world, shown, maker.device)
    assert 0 < t["expires_in"] <= 60 and t["ice_servers"] == []
    assert judged(world, t["token"], maker.device)[GUEST].decode() == link["guid"]
    # It is for hbbs, and not a session of the maker.
    world.client(t["token"]).get("/api/currentUser", status=401)


def test_where_an_account_is_demanded_a_guest_needs_none(world, maker):
    link = make(maker, maker.device)
    world.settings(access_control="strict")
    try:
        t = ticket(world, exchange(world, link), maker.device)
        assert judged(world, t["token"], maker.device)[USER]
    finally:
        world.settings(access_control="assigned")


def test_sessions_are_counted_once_for_each_ticket_and_looking_is_none(world, maker):
    link = make(maker, maker.device, uses=2)
    shown = [exchange(world, link) for _ in range(3)][0]
    assert shown["uses_left"] == 2
    tickets = [ticket(world, shown, maker.device)["token"] for _ in range(3)]
    for i, t in enumerate(tickets[:2]):
        assert [counted(world, link, t) for _ in range(2)] == ["counted"] * 2
        assert maker.get(f"{LINKS}/{link['guid']}")["used"] == i + 1
    assert counted(world, link, tickets[2]) == "used up"
    view = maker.get(f"{LINKS}/{link['guid']}")
    assert view["state"] == "used" and abs(view["last_used_at"] - time.time()) < 60
    assert ticket(world, shown, maker.device, status=403)["reason"] == "used"
    assert ticket(world, shown, maker.device, status=403)["reason"] == "pass"
    assert reason(world, link) == "used"
    # The session that runs is the one that was counted.
    assert counted(world, link, tickets[0]) == "counted"


def test_a_ticket_that_is_handed_on_is_another_use(world, maker):
    link = make(maker, maker.device, uses=2)
    t = ticket(world, exchange(world, link), maker.device)["token"]

    def used():
        return maker.get(f"{LINKS}/{link['guid']}")["used"]
    assert [counted(world, link, t, "198.51.100.20") for _ in range(2)] == ["counted"] * 2
    # The same guest may come by the other protocol the next time.
    assert [counted(world, link, t, "2001:db8::20") for _ in range(2)] == ["counted"] * 2
    assert used() == 1
    assert [counted(world, link, t, "198.51.100.21") for _ in range(2)] == ["counted"] * 2
    assert used() == 2
    assert counted(world, link, t, "198.51.100.22") == "used up"
    assert counted(world, link, t, "2001:db8::21") == "used up"
    assert used() == 2


def test_a_device_outside_the_link_is_refused(world, maker):
    other = world.device(user_name=maker.name)
    shown = exchange(world, make(maker, maker.device))
    assert ticket(world, shown, other, status=403)["reason"] == "device"
    t = ticket(world, shown, maker.device)["token"]
    seen = judged(world, t, other)
    assert seen[USER] is None and seen[GUEST] == b"-"


def test_a_guest_may_no_more_than_the_link_and_than_its_maker(world):
    own = control_role(world, file="disable", audio="enable", camera="enable")
    u = world.user()
    u.device = world.device(user_name=u.name)
    name = world.admin.get(f"/api/control-roles/{own}")["name"]
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(control_role_name=name))
    narrow = control_role(world, file="enable", audio="enable", camera="disable", terminal="enable")
    want = dict(file="disable", audio="enable", camera="disable", terminal="unset")
    offered = {r["guid"]: r for r in u.get(LINKS + "/roles", pageSize=1000)["data"]}
    assert want.items() <= offered[narrow]["permissions"].items()
    link = make(u, u.device, control_role=narrow)
    assert link["control_role_name"]
    shown = exchange(world, link)
    assert want.items() <= shown["permissions"].items()
    t = ticket(world, shown, u.device)["token"]
    row = judged(world, t, u.device)
    assert row[GUEST_ROLE] == world.redis.do("HGET", "policy:role", narrow)
    # Whose role is gone does not become more.
    world.admin.patch(f"/api/control-roles/{narrow}", dict(enabled=False))
    assert reason(world, link) == "void"
    assert ticket(world, shown, u.device, status=403)["reason"] == "void"
    assert judged(world, t, u.device)[GUEST] == b"-"
    u.refused("POST", LINKS, dict(devices=[u.device.id], expires_at=int(time.time()) + 60, uses=0,
                                  control_role=narrow), says="Does not exist: control_role")
    # And without a role of its own it may what its maker may.
    assert exchange(world, make(u, u.device))["permissions"]["camera"] == "enable"


def test_each_refusal_has_its_own_sentence(world, maker):
    assert reason(world, dict(secret="x" * 43)) == "unknown"
    revoked = make(maker, maker.device)
    held = exchange(world, revoked)
    live = ticket(world, held, maker.device)["token"]
    maker.done("DELETE", f"{LINKS}/{revoked['guid']}")
    assert counted(world, revoked, live) == "revoked"
    said = exchange(world, revoked, 403)
    assert said == dict(error="This guest link was revoked", reason="revoked")
    assert ticket(world, held, maker.device, status=403)["reason"] == "revoked"
    pin = make(maker, maker.device, pin="2468")
    assert pin["pin"] is True
    assert reason(world, pin) == "pin_wanted"
    assert reason(world, pin, pin="1357") == "pin_wrong"
    assert exchange(world, pin, pin="2468")["pass"]
    short = make(maker, maker.device)
    held = exchange(world, short)
    live = ticket(world, held, maker.device)["token"]
    ends(world, short, int(time.time()) - 1)
    assert maker.get(f"{LINKS}/{short['guid']}")["state"] == "expired"
    assert reason(world, short) == "expired" and counted(world, short, live) == "expired"
    assert ticket(world, held, maker.device, status=403)["reason"] == "expired"
    guest(world).post("/api/web/guest/ticket", dict({"pass": "x"}, id="1"), status=403)


def test_a_link_is_void_while_its_maker_may_not_connect_himself(world, maker):
    link = make(maker, maker.device)
    shown = exchange(world, link)
    t = ticket(world, shown, maker.device)["token"]
    world.admin.done("POST", f"/api/users/{maker.guid}/disable")
    assert reason(world, link) == "void"
    assert judged(world, t, maker.device)[USER].decode().split()[1] == "1"
    world.admin.done("POST", f"/api/users/{maker.guid}/enable")
    other = world.user()
    world.admin.done("POST", f"/api/devices/{maker.device.guid}/assign",
                     dict(type="user_name", value=other.name))
    assert reason(world, link) == "void"
    assert ticket(world, shown, maker.device, status=403)["reason"] == "void"
    # One device that is left is enough.
    second = world.device(user_name=other.name)
    both = make(other, maker.device, second)
    world.admin.done("POST", f"/api/devices/{second.guid}/disable")
    assert [d["id"] for d in exchange(world, both)["devices"]] == [maker.device.id]
    world.admin.done("POST", f"/api/users/{other.guid}/disable")
    world.admin.done("DELETE", f"/api/users/{other.guid}")
    assert reason(world, both) == "void"


def test_wrong_pins_are_limited_as_log_ins_are_and_the_tenth_ends_the_link(world, maker):
    link = make(maker, maker.device, pin="2468")
    one = guest(world)
    assert [reason(world, link, by=one, pin=f"000{i}") for i in range(6)] == ["pin_wrong"] * 6
    assert reason(world, link, 429, by=one, pin="2468") == "too_frequent"
    assert [reason(world, link, pin=f"111{i}") for i in range(4)] == ["pin_wrong"] * 3 + ["revoked"]
    assert maker.get(f"{LINKS}/{link['guid']}")["state"] == "revoked"
    assert reason(world, link, pin="2468") == "revoked"


def test_a_link_is_opened_so_often_an_hour_and_each_guest_is_in_the_audit_once(world, maker):
    link = make(maker, maker.device)
    one, two = guest(world), guest(world)
    for by in (one, one, two, one):
        exchange(world, link, by=by)
    came = [r for r in world.admin.get("/api/audits/console", pageSize=1000)["data"]
            if r["info"].startswith(link["guid"]) and r["iop"] == 35]
    assert len(came) == 2
    key = f"api:guest:rate:{link['guid']}"
    assert world.redis.do("GET", key) == b"4" and 0 < world.redis.do("TTL", key) <= 3600
    world.redis.do("SET", key, 299, "KEEPTTL")
    assert exchange(world, link, by=one)["pass"]
    assert reason(world, link, 429, by=one) == "too_frequent"
    assert reason(world, link, 429, by=guest(world)) == "too_frequent"
    # Others are not concerned, and it goes by.
    assert exchange(world, make(maker, maker.device), by=one)["pass"]
    assert 0 < world.redis.do("TTL", key) <= 3600
    world.redis.do("DEL", key)
    assert exchange(world, link, by=one)["pass"]


def test_unknown_secrets_are_counted_for_their_address(world):
    one = guest(world)
    said = [one.post("/api/web/guest", dict(secret=f"{i:043}"), status=None) for i in range(31)]
    assert [r.status_code for r in said] == [403] * 30 + [429]


def test_a_revoked_link_ends_the_sessions_that_run_by_it(world, maker):
    link = make(maker, maker.device, note="For Zoë")
    d = maker.device
    for ref, by in (("g1", link["guid"]), ("g2", ""), ("g3", link["guid"])):
        world.redis.do("HSET", f"conn:ref:{ref}", "user", maker.guid, "name", maker.name,
                       "target", d.id, "guest", by)
    connect(d, ref="g1", conn_id=51)
    connect(d, ref="g2", conn_id=52)
    row = {r["conn_id"]: r for r in rows(world, remote=d.id)}
    assert row[51]["guest_link"] == link["guid"] and row[51]["guest_note"] == "For Zoë"
    assert row[51]["user_name"] == maker.name and "guest_link" not in row[52]
    live = {r["conn_id"]: r for r in world.admin.get("/api/web/sessions", pageSize=1000)["data"]
            if r["device"] == d.id}
    assert live[51]["guest_link"] == link["guid"]
    assert "disconnect" not in d.heartbeat(conns=[51, 52])
    maker.done("DELETE", f"{LINKS}/{link['guid']}")
    assert d.heartbeat(conns=[51, 52])["disconnect"] == [51]
    # hbbs let this one in before, and the device tells of it only now.
    connect(d, ref="g3", conn_id=53)
    assert sorted(d.heartbeat(conns=[51, 52, 53])["disconnect"]) == [51, 53]


def test_what_happens_with_a_link_is_in_the_audit(world, maker):
    link = make(maker, maker.device, note="Fair", pin="2468")
    reason(world, link, pin="1111")
    exchange(world, link, pin="2468")
    maker.patch(f"{LINKS}/{link['guid']}", dict(note="Fair 2"))
    maker.done("DELETE", f"{LINKS}/{link['guid']}")
    reason(world, link)
    told = [(r["iop"], r["operator"], r["info"].partition(" ")[2]) for r in reversed(
        world.admin.get("/api/audits/console", pageSize=1000)["data"])
        if r["info"].startswith(link["guid"])]
    assert told == [(32, maker.name, "(Fair)"), (36, "", "(Fair): pin_wrong"), (35, "", "(Fair)"),
                    (33, maker.name, "(Fair 2)"), (34, maker.name, "(Fair 2)"),
                    (36, "", "(Fair 2): revoked")]


def test_a_link_is_changed_by_its_maker_alone_and_not_after_it_was_revoked(world, maker):
    link = make(maker, maker.device)
    path = f"{LINKS}/{link['guid']}"
    later = int(time.time()) + 7200
    assert maker.patch(path, dict(expires_at=later, note="x")).json()["expires_at"] == later
    row = world.redis.do("HGET", "policy:guest", link["guid"]).decode().split()
    assert row[2] == str(later)
    maker.refused("PATCH", path, dict(expires_at=1), says="expires_at")
    maker.refused("PATCH", path, dict(uses=5))
    world.admin.refused("PATCH", path, dict(note="y"), status=403)
    tag = maker.call("GET", path, status=200).headers["ETag"]
    maker.patch(path, dict(note="z"))
    maker.call("PATCH", path, dict(note="q"), headers={"If-Match": tag}, status=412)
    maker.done("DELETE", path)
    maker.refused("PATCH", path, dict(expires_at=later), says="revoked")
    # What has ended goes from the list when it is deleted once more.
    maker.done("DELETE", path)
    maker.refused("GET", path, status=404)
    for key in ("api:guestlink", "policy:guest", "policy:guest:used", "policy:guest:last"):
        assert world.redis.do("HEXISTS", key, link["guid"]) == 0
    assert reason(world, link) == "unknown"


def test_others_see_and_end_links_by_their_rights_over_the_maker(world, maker):
    link = make(maker, maker.device)
    path = f"{LINKS}/{link['guid']}"
    stranger = world.user()
    viewer, ender = (with_role(world, "global", [p]) for p in ("users.view", "users.enable"))
    assert stranger.get(LINKS)["total"] == 0
    for method, body in (("GET", None), ("PATCH", dict(note="x")), ("DELETE", None)):
        stranger.refused(method, path, body, status=404)
    mine = {r["guid"]: r for r in viewer.get(LINKS, pageSize=1000)["data"]}[link["guid"]]
    assert mine["own"] is False and mine["may_revoke"] is False
    assert viewer.get(LINKS, own=1)["total"] == 0
    viewer.refused("DELETE", path, status=403)
    assert ender.get(path)["may_revoke"] is True
    ender.done("DELETE", path)
    assert maker.get(LINKS)["data"][0]["state"] == "revoked"
    world.client().refused("GET", LINKS, status=401)
    world.client().refused("POST", LINKS, dict(devices=[], expires_at=1, uses=0), status=401)
    world.client().refused("GET", LINKS + "/roles", status=401)


def test_a_list_is_newest_first_and_costs_as_much_as_one_link(world):
    u = world.user()
    made = [make(u, world.device(user_name=u.name))["guid"] for _ in range(3)]
    with Watch(world.redis, "api:device", "api:user", "policy:guest:used") as watch:
        assert [r["guid"] for r in u.get(LINKS)["data"]] == made[::-1]
        assert u.get(LINKS, pageSize=2, current=2)["data"][0]["guid"] == made[0]
        one = watch.least(lambda: u.get(LINKS, pageSize=1))
        assert one > 0 and watch.least(lambda: u.get(LINKS, pageSize=3)) == one


@pytest.mark.parametrize("wrong, says", [
    (dict(devices=[]), "devices"), (dict(devices=["nobody-1"]), "Does not exist: device nobody-1"),
    (dict(devices=["a b"]), "Does not exist"), (dict(devices=["1"] * 21), "devices"),
    (dict(expires_at=1), "expires_at"), (dict(expires_at=-1), "expires_at"),
    (dict(expires_in_days=91), "expires_at"), (dict(uses=-1), "uses"), (dict(uses=1001), "uses"),
    (dict(pin="123"), "pin"), (dict(pin="1" * 65), "pin"), (dict(control_role="no"), "control_role"),
    (dict(note="x" * 1025), "note"), (dict(more=1), "more")])
def test_a_link_has_its_bounds_and_not_a_step_more(world, maker, wrong, says):
    body = dict(devices=[maker.device.id], expires_at=int(time.time()) + 90 * 86400, uses=1000,
                pin="1" * 64, note="x" * 1024)
    days = wrong.get("expires_in_days")
    if days:
        wrong = dict(expires_at=int(time.time()) + days * 86400)
    maker.refused("POST", LINKS, dict(body, **wrong), says=says)
    assert maker.post(LINKS, body).json()["state"] == "active"


def test_nobody_lets_others_reach_what_he_does_not_reach_himself(world, maker):
    other = world.device(user_name=world.user().name)
    maker.refused("POST", LINKS, dict(devices=[maker.device.id, other.id], uses=0,
                                      expires_at=int(time.time()) + 60), says=other.id)
    free = world.device()
    assert make(maker, free)["devices"][0]["id"] == free.id


def test_an_api_token_makes_no_guest_links_and_has_none_of_its_own(world):
    token = world.token(user=2)
    d = world.device()
    link = make(world.admin, d)
    path = f"{LINKS}/{link['guid']}"
    body = dict(devices=[d.id], expires_at=int(time.time()) + 60, uses=0)
    token.refused("POST", LINKS, body, status=403)
    token.refused("PATCH", path, dict(note="x"), status=403)
    token.refused("GET", LINKS + "/roles", status=403)
    assert token.get(LINKS, own=1)["total"] == 0
    assert token.get(path)["own"] is False
    # Without the right to users there is nothing for it at all.
    for other in (world.token(device=2), world.token(audit=1)):
        assert other.get(LINKS, status=None).get("total", 0) == 0
        other.refused("GET", path, status=None)
        other.refused("DELETE", path, status=None)
    assert world.admin.get(path)["state"] == "active"


def test_an_id_in_another_case_means_the_same_device(world, maker):
    def box(owner):
        d = Device(world, register=False)
        d.id = f"Box-{d.id}"
        d.register()
        assert d.sysinfo() == "SYSINFO_UPDATED"
        world.admin.done("POST", f"/api/devices/{d.guid}/assign",
                         dict(type="user_name", value=owner.name))
        return d
    own, other = box(maker), box(world.user())
    body = dict(uses=0, expires_at=int(time.time()) + 60)
    link = maker.post(LINKS, dict(body, devices=[own.id.lower()])).json()
    assert [d["id"] for d in link["devices"]] == [own.id]
    maker.refused("POST", LINKS, dict(body, devices=[other.id.lower()]), says="may not reach")


def test_a_user_has_so_many_links_and_not_one_more(world, maker):
    for _ in range(100):
        last = make(maker, maker.device)
    assert "too many" in make(maker, maker.device, status=400)["error"]
    for _ in range(2):
        maker.done("DELETE", f"{LINKS}/{last['guid']}")
    make(maker, maker.device)


FILL = """for i = ARGV[1], ARGV[2] do
    if ARGV[3] then
        redis.call('HSET', KEYS[1], 'fill' .. i, ARGV[3])
        redis.call('ZADD', KEYS[2], 0, 'fill' .. i)
    else
        redis.call('HDEL', KEYS[1], 'fill' .. i)
        redis.call('ZREM', KEYS[2], 'fill' .. i)
    end
end"""


def fill(world, n, *row):
    """N more links that say ROW, or without one none of these any more; a few at
    a time, so that Redis answers others meanwhile."""
    for at in range(0, n, 200):
        world.redis.do("EVAL", FILL, 2, "api:guestlink", "api:guestlink:order", at,
                       min(at + 200, n) - 1, *row)


def test_the_server_has_so_many_links_and_not_one_more(world, maker):
    link = make(maker, maker.device)
    n = 10000 - world.redis.do("ZCARD", "api:guestlink:order")

    def answer():
        body = dict(devices=[maker.device.id], expires_at=int(time.time()) + 3600, uses=0)
        r = maker.post(LINKS, body, status=None)
        return r.status_code != 503 and r.json()
    try:
        # Of a maker and a time to come: the hourly round leaves them alone.
        fill(world, n, json.dumps(dict(user=maker.guid, expires_at=1 << 40)))
        assert "The server has too many" in wait_for("an answer", answer)["error"]
        assert maker.get(LINKS)["data"][0]["guid"] == link["guid"]
    finally:
        fill(world, n)
    assert wait_for("an answer", answer)["guid"]


def test_what_ended_a_week_ago_and_whose_maker_is_gone_goes_from_redis(world, maker):
    gone = world.user()
    kept, old, orphan = make(maker, maker.device), make(maker, maker.device), make(
        gone, world.device(user_name=gone.name))
    world.admin.done("POST", f"/api/users/{gone.guid}/disable")
    world.admin.done("DELETE", f"/api/users/{gone.guid}")
    ends(world, kept, int(time.time()) - 7 * 86400 + 3600)
    ends(world, old, int(time.time()) - 7 * 86400 - 1)
    world.redis.do("DEL", "api:guest:hour")
    for link in (old, orphan):
        wait_for("the hourly round", lambda link=link: world.redis.do(
            "HEXISTS", "api:guestlink", link["guid"]) == 0)
        assert world.redis.do("HEXISTS", "policy:guest", link["guid"]) == 0
    assert [r["guid"] for r in maker.get(LINKS)["data"]] == [kept["guid"]]
