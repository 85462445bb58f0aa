"""Overview, history, open connections, and the explanation of a verdict."""
import os
import signal
import socket
import struct
import subprocess
import time

import pytest

from harness import ROOT, free_port, wait_for


def lease(world, service, epoch, name, version="0.1.0", sessions=0, bits=0, draining=False,
          refusals=()):
    def text(n, s):
        s = s if isinstance(s, bytes) else s.encode()
        return bytes([n << 3 | 2, len(s)]) + s

    def number(n, v):
        out = bytes([n << 3])
        while v > 127:
            out += bytes([v & 127 | 128])
            v >>= 7
        return out + bytes([v])

    info = text(1, name) + b"\x15" + struct.pack("<I", epoch) + text(4, version) + \
        number(7, sessions) + number(8, bits) + number(9, int(draining)) + \
        b"".join(text(13, text(1, why) + number(2, n)) for why, n in refusals)
    world.redis.do("SET", f"node:{service}:{epoch:08x}", info, "EX", 60)
    world.redis.do("ZADD", f"nodes:{service}", int(time.time()), f"{epoch:08x}")


@pytest.fixture()
def nodes(world):
    lease(world, "hbbs", 1, "id-1", sessions=5, refusals=[("no_rule", 40)])
    lease(world, "hbbr", 2, "relay-1", sessions=3, bits=1000000,
          refusals=[("no_ticket", 2), ("cap_ip", 7)])
    lease(world, "hbbr", 3, "relay-2", version="0.0.9", sessions=4, bits=500, draining=True,
          refusals=[("no_ticket", 100)])
    yield
    world.redis.do("DEL", "nodes:hbbs", "nodes:hbbr", "node:hbbs:00000001",
                   "node:hbbr:00000002", "node:hbbr:00000003")


def kinds(overview):
    return {(a["kind"], a["name"]) for a in overview["attention"]}


def test_the_overview_sums_up_the_nodes(world, nodes):
    o = world.admin.get("/api/web/overview")
    assert (o["relay_sessions"], o["relay_bits_per_s"]) == (7, 1000500)
    by_name = {n["name"]: n for n in o["nodes"]}
    assert by_name["id-1"]["sessions"] == 5 and by_name["id-1"]["service"] == "hbbs"
    assert by_name["relay-2"]["draining"] is True
    assert ("node_draining", "relay-2") in kinds(o) and ("versions_differ", "relay-2") in kinds(o)
    assert o["redis"]["up"] is True and o["users"] >= 1


def refused(world):
    return {(r["service"], r["reason"]): r["count"]
            for r in world.admin.get("/api/web/overview")["refusals"]}


def test_refusals_are_summed_by_service_and_reason(world, nodes):
    got = refused(world)
    assert {k: v for k, v in got.items() if k[0] != "api"} == {
        ("hbbs", "no_rule"): 40, ("hbbr", "no_ticket"): 102, ("hbbr", "cap_ip"): 7}


def test_a_wrong_password_is_among_the_refusals_of_the_api(world):
    before = refused(world).get(("api", "log_in"), 0)
    world.client().post("/api/login", dict(username="admin", password="wrong, surely", id="1",
                                           uuid="dTE="))
    wait_for("it to be counted", lambda: refused(world).get(("api", "log_in"), 0) > before)


def test_what_redis_says_of_itself_is_shown(world):
    def redis():
        return world.admin.get("/api/web/overview")["redis"]

    r = wait_for("the probe", lambda: redis()["used"] and redis())
    assert r["append_only"] is True and r["unsaved"] is False and r["replica"] is False
    assert (r["max"], r["replicas"]) == (0, 0) and r["saved"] > 0
    world.redis.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
    world.redis.do("CONFIG", "SET", "maxmemory", 1 << 30)
    try:
        wait_for("the limit", lambda: redis()["max"] == 1 << 30)
    finally:
        world.redis.do("CONFIG", "SET", "maxmemory", 0)
    wait_for("no limit", lambda: redis()["max"] == 0)


def test_a_site_without_servers_wants_attention(world):
    assert {("no_rendezvous", ""), ("no_relay", "")} <= kinds(world.admin.get("/api/web/overview"))


def test_a_plain_user_has_no_overview(world):
    u = world.user()
    u.refused("GET", "/api/web/overview", status=403)
    u.refused("GET", "/api/web/history", status=403)


@pytest.fixture()
def relay(world, tmp_path):
    """A real one."""
    (tmp_path / "block.txt").write_text(
        "192.0.2.0/24 noise\nnonsense\n" + "".join(f"198.51.100.{i}\n" for i in range(60)))
    port = free_port()
    proc = subprocess.Popen(
        [os.path.join(ROOT, "build/release/bin/hbbr"), "--port", str(port)],
        env=dict(REDIS_URL=world.redis.url, DATA_DIR=str(tmp_path), BLOCKLIST="block.txt",
                 KEY="", NODE_ID="relay-9", OPS_PORT="0", MESH_PORT="0", BIND="127.0.0.1"))
    yield tmp_path, port
    proc.send_signal(signal.SIGTERM)
    assert proc.wait(30) == 0


def lists_of(world, name):
    for r in world.admin.get("/api/web/relay-lists")["data"]:
        if r["name"] == name:
            return {x["setting"]: x for x in r["lists"]}
    return {}


def test_the_lists_that_a_relay_uses_are_shown(world, relay):
    folder, _ = relay
    lists = wait_for("the lists", lambda: lists_of(world, "relay-9"))
    block, black = lists["BLOCKLIST"], lists["BLACKLIST"]
    assert (block["path"], block["missing"], block["entries"]) == \
        (str(folder / "block.txt"), False, 61)
    assert len(block["first"]) == 50 and "192.0.2.0/24" in block["first"]
    assert (block["bad"], block["bad_first"]) == (1, ["2: nonsense"])
    assert abs(block["loaded"] - time.time()) < 60
    assert (black["path"], black["missing"], black["entries"], black["first"]) == \
        (str(folder / "blacklist.txt"), True, 0, [])
    world.user().refused("GET", "/api/web/relay-lists", status=403)


def test_whom_a_relay_refuses_is_counted_with_its_reason(world, relay):
    _, port = relay
    wait_for("the relay", lambda: "relay-9" in {
        n["name"] for n in world.admin.get("/api/web/overview")["nodes"]})
    with socket.create_connection(("127.0.0.1", port), 20) as s:
        s.sendall(b"\x0c\xff\xff\xff")  # a frame of three bytes that are no message
        assert s.recv(1) == b""
    wait_for("it to be counted", lambda: refused(world).get(("hbbr", "bad_message"), 0) == 1)


def test_a_relay_that_tells_nothing_has_no_lists(world, nodes):
    """An older one, or one whose lists have run out."""
    world.redis.do("SET", "lists:hbbr:00000003", b"\xff\xff", "EX", 60)
    names = {r["name"]: r["lists"] for r in world.admin.get("/api/web/relay-lists")["data"]}
    assert names == {"relay-1": []}
    world.redis.do("DEL", "lists:hbbr:00000003")


def test_history_is_written_once_a_minute_and_keeps_its_size(world):
    day = wait_for("a row", lambda: world.admin.get("/api/web/history")["data"])
    assert len(day[-1]) == 6 and day[-1][0] % 60 == 0 and day[-1][0] > time.time() - 300
    year = world.admin.get("/api/web/history", span="year")
    assert year["step_s"] == 86400 and year["data"][-1][0] % 86400 == 0
    # what is older than a day is left out, even if its place was not used again
    world.redis.do("HSET", "api:history:day", "3", "1000 1 1 1 1 1")
    assert world.admin.get("/api/web/history", span="day")["data"][0][0] > 1000
    world.redis.do("HDEL", "api:history:day", "3")
    world.admin.refused("GET", "/api/web/history", says="span", span="week")


def connect(d, conn_id, peer="555"):
    d.audit("conn", conn_id=conn_id, session_id=conn_id, action="new", ip="192.0.2.1")
    d.audit("conn", conn_id=conn_id, session_id=conn_id, peer=[peer, "Peer"], type=0)


def open_on(c, d):
    return [r for r in c.get("/api/web/sessions", pageSize=1000)["data"] if r["device"] == d.id]


def test_a_connection_is_listed_from_its_beginning_to_its_end(world):
    d = world.device()
    connect(d, 7)
    row, = open_on(world.admin, d)
    assert (row["peer_id"], row["peer_name"], row["conn_id"], row["ip"]) == \
        ("555", "Peer", 7, "192.0.2.1")
    assert row["device_online"] is False and abs(row["created_at"] - time.time()) < 60
    world.admin.done("POST", f"/api/audits/conn/{row['guid']}/disconnect")
    d.audit("conn", conn_id=7, action="close")
    assert open_on(world.admin, d) == []


def test_a_connection_that_goes_silent_or_loses_its_device_is_listed_no_more(world):
    d, gone = world.device(), world.device()
    connect(d, 7)
    connect(gone, 8)
    for _ in range(4):
        d.heartbeat()
    assert open_on(world.admin, d) == [] and len(open_on(world.admin, gone)) == 1
    world.admin.done("POST", f"/api/devices/{gone.guid}/disable")
    world.admin.done("DELETE", f"/api/devices/{gone.guid}")
    assert open_on(world.admin, gone) == []
    assert world.redis.do("ZCARD", "api:open:all") == world.admin.get("/api/web/overview")["sessions"]


def test_users_see_connections_of_their_own_devices(world):
    u, other = world.user(), world.user()
    d = world.device(user_name=u.name)
    connect(d, 9)
    assert len(open_on(u, d)) == 1 and open_on(other, d) == []
    world.settings(only_admin_logs=True)
    assert open_on(u, d) == []
    world.settings(only_admin_logs=False)


def explain(world, user, d, status=200, **more):
    return world.admin.post("/api/web/explain", dict(user=user, device=d.id, **more),
                            status=status).json()


def test_a_verdict_is_explained_by_its_rule(world):
    g, gguid = world.group()
    h, hguid = world.group(allowed_incomings=[])
    dg, dguid = world.group("device")
    u, mate, boss = world.user(group_name=g), world.user(group_name=g), world.user(group_name=h)
    own, theirs = world.device(user_name=u.name), world.device(user_name=boss.name)
    free, grouped = world.device(), world.device(device_group_name=dg)

    def seen(user, d):
        r = explain(world, user.name, d)
        return r["allowed"], r["reason"], r["rule"]

    assert seen(u, own) == (True, "ok", "owner")
    assert seen(mate, own) == (True, "ok", "same_user_group")
    assert seen(u, theirs) == (False, "no_rule", "none")
    assert seen(u, free) == (True, "ok", "none") and explain(world, u.name, free)["assigned"] is False
    world.admin.patch(f"/api/user-groups/{hguid}",
                      dict(allowed_incomings=[dict(type=0, name=g)]))
    assert seen(u, theirs)[2] in ("user_group_lets_in", "user_group_may_reach_user_group")
    assert seen(u, grouped) == (False, "no_rule", "none")
    world.admin.patch(f"/api/device-groups/{dguid}",
                      dict(allowed_incomings=[dict(type=2, name=u.name)]))
    assert seen(u, grouped) == (True, "ok", "device_group_lets_in")
    world.admin.done("POST", f"/api/devices/{own.guid}/disable")
    assert seen(u, own)[:2] == (False, "device_disabled")


def test_a_role_that_forbids_is_explained_with_its_permissions(world):
    role = world.name("role")
    world.admin.post("/api/control-roles", dict(name=role, permissions={"file": "disable"}))
    u = world.user()
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(control_role_name=role))
    d = world.device(user_name=u.name)
    r = explain(world, u.name, d, kind="file")
    assert (r["allowed"], r["reason"], r["role"]) == (False, "role", role)
    assert r["permissions"]["file"] == "disable" and r["permissions"]["audio"] == "unset"
    assert explain(world, u.name, d)["allowed"] is True
    assert explain(world, "", d)["reason"] == "sign_in"
    assert explain(world, u.guid, d)["allowed"] is True


def test_an_explanation_needs_the_right_to_see_both(world):
    u = world.user()
    d = world.device(user_name=u.name)
    role = world.admin.post("/api/admin-roles", dict(name=world.name("r"), type="individual",
                                                     perms=["devices.view"])).json()
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
    assert u.post("/api/web/explain", dict(user=u.name, device=d.id)).json()["rule"] == "owner"
    other = world.device()
    u.refused("POST", "/api/web/explain", dict(user=u.name, device=other.id), status=403)
    u.refused("POST", "/api/web/explain", dict(user="admin", device=d.id), status=403)
    u.refused("POST", "/api/web/explain", dict(user="nobody here", device=d.id), status=403)
    world.admin.refused("POST", "/api/web/explain", dict(user="nobody here", device=d.id),
                        says="user")
    world.admin.refused("POST", "/api/web/explain", dict(device="a b"), says="device")
    world.admin.refused("POST", "/api/web/explain", dict(device=d.id, kind="x"), says="kind")


def test_nobody_sees_the_open_sessions(world):
    world.client().refused("GET", "/api/web/sessions", status=401)
