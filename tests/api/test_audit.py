"""Audits: contract 6, 12, 13.5, and the administrators' lists."""
import csv
import io
import time
import uuid

import pytest

from harness import Device, crc16

BIG = 13402293834873847712  # above 2^53 and above 2^63


def connect(d, conn_id=1532, session=BIG, ref=None, **auth):
    more = {"conn_audit_ref": ref} if ref else {}
    d.audit("conn", ip="203.0.113.7", action="new", conn_id=conn_id, session_id=0, **more)
    d.audit("conn", peer=["987654321", "Alice"], type=0, conn_id=conn_id, session_id=session,
            **dict(dict(primary_auth=3, two_factor=1), **auth))


def rows(world, kind="conn", **query):
    return world.admin.get(f"/api/audits/{kind}", **query)["data"]


def test_a_connection_from_open_to_close(world):
    d = world.device()
    connect(d)
    row = rows(world, remote=d.id)[0]
    assert row["session_id"] == BIG
    assert (row["peer_id"], row["peer_name"], row["ip"]) == ("987654321", "Alice", "203.0.113.7")
    assert (row["conn_type"], row["primary_auth"], row["two_factor"]) == (0, 3, 1)
    assert "end_time" not in row and row["verified"] is False
    assert abs(row["created_at"] - time.time()) < 30
    d.audit("conn", action="close", conn_id=1532, session_id=BIG)
    assert abs(rows(world, remote=d.id)[0]["end_time"] - time.time()) < 30


def test_a_connection_that_never_logs_in_has_no_type(world):
    d = world.device()
    d.audit("conn", ip="203.0.113.7", action="new", conn_id=1, session_id=0)
    d.audit("conn", action="close", conn_id=1, session_id=0)
    row = rows(world, remote=d.id)[0]
    assert "conn_type" not in row and row["end_time"]


def test_conn_ids_repeat_after_a_restart(world):
    d = world.device()
    connect(d, session=1)
    connect(d, session=2)
    a, b = rows(world, remote=d.id)
    assert a["session_id"] == 2 and "end_time" not in a
    assert b["session_id"] == 1 and b["end_time"]


def test_a_repeated_nonce_is_stored_once(world):
    d = world.device()
    nonce = str(uuid.uuid4())
    for _ in range(3):
        d.audit("conn", ip="1.2.3.4", action="new", conn_id=9, session_id=0, nonce=nonce)
        d.audit("file", peer_id="1", type=1, path="/x", is_file=True, info="{}", nonce=nonce[::-1])
    assert len(rows(world, remote=d.id)) == 1


@pytest.mark.parametrize("kind,body", [
    ("conn", dict(action="new", ip="1.2.3.4", conn_id=1, session_id=0)),
    ("file", dict(peer_id="1", type=0, path="/", is_file=False, info="{}")),
    ("alarm", dict(typ=2, info="{}"))])
def test_posts_of_unknown_devices_are_answered_and_not_stored(world, kind, body):
    before = world.admin.get(f"/api/audits/{kind}")["total"]
    r = world.client().post(f"/api/audit/{kind}", dict(id="nobody", uuid="eA==", **body))
    assert r.content == b""
    assert world.admin.get(f"/api/audits/{kind}")["total"] == before


def test_a_reference_of_hbbs_verifies_the_row_and_names_the_user(world):
    u, d = world.user(), world.device()
    world.redis.do("HSET", "conn:ref:r1", "user", u.guid, "name", u.name, "peer", "987",
                   "ip", "203.0.113.7", "target", d.id)
    connect(d, ref="r1")
    row = rows(world, remote=d.id)[0]
    assert row["verified"] is True and row["user_name"] == u.name
    d.audit("file", peer_id="987", conn_id=1532, type=1, path="C:\\in", is_file=False,
            info='{"num":2}')
    row = rows(world, "file", remote=d.id)[0]
    assert row["verified"] is True and row["user_name"] == u.name and row["type"] == 1
    assert row["path"] == "C:\\in" and row["info"] == '{"num":2}'


def test_a_user_is_named_by_his_account_whatever_he_calls_himself(world):
    u, victim, d = world.user(), world.user(), world.device()
    u.done("PATCH", "/api/currentUser", dict(display_name=victim.name))
    world.redis.do("HSET", "conn:ref:r7", "user", u.guid, "name", victim.name, "target", d.id)
    connect(d, ref="r7")
    row = rows(world, remote=d.id)[0]
    assert row["verified"] is True and row["user_name"] == u.name


def test_a_reference_for_another_device_verifies_nothing(world):
    d = world.device()
    world.redis.do("HSET", "conn:ref:r2", "user", "x", "name", "Mallory", "target", "other")
    connect(d, ref="r2")
    row = rows(world, remote=d.id)[0]
    assert row["verified"] is False and row.get("user_name", "") == ""


def test_a_reference_counts_for_the_device_under_its_new_id(world):
    u = world.user()
    d, other = Device(world, pk=b"\7" * 32), Device(world, pk=b"\x08" * 32)
    world.redis.do("HSET", "conn:ref:r4", "user", u.guid, "name", u.name, "target", d.id,
                   "pk", (b"\7" * 32).hex())
    was, d.id = d.id, "moved-" + d.id
    d.register()
    connect(d, ref="r4")
    assert rows(world, remote=d.id)[0]["verified"] is True
    # Who takes the old id is somebody else.
    other.id = was
    other.register()
    connect(other, ref="r4")
    assert rows(world, remote=was)[0]["verified"] is False


def test_an_audit_under_an_id_that_was_just_given_up_is_kept(world):
    d = world.device()
    was, now = d.id, "moved-" + d.id
    world.redis.do("HDEL", f"peer:{crc16(was.encode()):04x}", was)
    d.id = now
    d.register()
    world.redis.do("SET", f"policy:moved:{was}", now, "EX", "120")
    d.id = was
    connect(d)
    assert len(rows(world, remote=now)) == 1
    world.redis.do("DEL", f"policy:moved:{was}")
    connect(d, conn_id=9)
    assert len(rows(world, remote=now)) == 1


def test_alarms_of_devices(world):
    d = world.device()
    for typ in (0, 1, 2, 6, 7, 8, 9, 10):
        d.audit("alarm", typ=typ, info='{"ip":"1.2.3.4"}')
    assert {r["typ"] for r in rows(world, "alarm", device=d.id)} == {0, 1, 2, 6, 7, 8, 9, 10}
    for typ in (3, 4, 5, 11, -1):
        world.client().refused("POST", "/api/audit/alarm", d.who(typ=typ, info="{}"))


def test_a_note_without_a_token_finds_its_session(world):
    d = world.device()
    connect(d, session=77)
    r = world.client().post("/api/audit/conn", dict(id=d.id, session_id=77, note="in session"))
    assert r.content == b""
    assert rows(world, remote=d.id)[0]["note"] == "in session"
    world.client().post("/api/audit/conn", dict(id=d.id, session_id=78, note="other"))
    assert rows(world, remote=d.id)[0]["note"] == "in session"


def test_the_active_row_and_its_note(world):
    u, d = world.user(), world.device()
    path = f"/api/audit/conn/active?id={d.id}&session_id={BIG}&conn_type=0"
    assert u.call("GET", path, status=200).json() is None
    connect(d)
    guid = u.call("GET", path, status=200).json()
    assert isinstance(guid, str) and len(guid) == 36
    assert u.call("GET", path.replace("type=0", "type=1"), status=200).json() is None
    u.put("/api/audit", dict(guid=guid, note="done well"))
    assert rows(world, remote=d.id)[0]["note"] == "done well"
    u.refused("PUT", "/api/audit", dict(guid=str(uuid.uuid4()), note="x"), status=404)


def test_a_row_of_another_user_cannot_be_annotated(world):
    u, v, d = world.user(), world.user(), world.device()
    world.redis.do("HSET", "conn:ref:r3", "user", u.guid, "name", u.name, "target", d.id)
    connect(d, ref="r3")
    path = f"/api/audit/conn/active?id={d.id}&session_id={BIG}&conn_type=0"
    assert v.call("GET", path, status=200).json() is None
    guid = u.call("GET", path, status=200).json()
    v.refused("PUT", "/api/audit", dict(guid=guid, note="x"), status=403)


def test_a_session_is_disconnected_through_the_heartbeat(world):
    d = world.device()
    connect(d, conn_id=41)
    row = rows(world, remote=d.id)[0]
    assert "disconnect" not in d.heartbeat(conns=[41])
    world.admin.done("POST", f"/api/audits/conn/{row['guid']}/disconnect")
    for _ in range(2):  # until it is gone
        assert d.heartbeat(conns=[41, 42])["disconnect"] == [41]
    assert "disconnect" not in d.heartbeat(conns=[42])
    assert "disconnect" not in d.heartbeat(conns=[41])  # a new one with the old number
    assert any(r["iop"] == 5 and r["info"] == d.id for r in rows(world, "console"))


def test_an_ended_session_cannot_be_disconnected(world):
    d = world.device()
    connect(d)
    d.audit("conn", action="close", conn_id=1532, session_id=BIG)
    guid = rows(world, remote=d.id)[0]["guid"]
    world.admin.refused("POST", f"/api/audits/conn/{guid}/disconnect", says="ended")


def test_rows_that_heartbeats_stop_listing_are_closed(world):
    d = world.device()
    connect(d, conn_id=5)
    connect(d, conn_id=6)
    for _ in range(3):
        assert "end_time" not in [r for r in rows(world, remote=d.id) if r["conn_id"] == 5][0]
        d.heartbeat(conns=[6])
    state = {r["conn_id"]: "end_time" in r for r in rows(world, remote=d.id)}
    assert state == {5: True, 6: False}


def test_filters(world):
    d = world.device()
    connect(d)
    assert len(rows(world, remote="%" + d.id[3:] + "%")) >= 1
    assert rows(world, remote=d.id, conn_type=1) == []
    assert len(rows(world, remote=d.id, conn_type=0)) == 1
    future = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(time.time() + 60))
    past = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(time.time() - 600))
    assert rows(world, remote=d.id, created_at=future) == []
    assert len(rows(world, remote=d.id, created_at=past)) == 1
    world.admin.refused("GET", "/api/audits/conn", created_at="yesterday")


def test_csv_quotes_and_defuses_formulas(world):
    d = world.device()
    d.audit("conn", ip="1.2.3.4", action="new", conn_id=3, session_id=0)
    d.audit("conn", peer=["1", '=cmd|"x"'], type=0, conn_id=3, session_id=5)
    r = world.admin.call("GET", "/api/audits/conn", status=200, remote=d.id, format="csv")
    assert r.headers["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(r.text)))
    assert table[0]["device"] == d.id and table[0]["peer_name"] == "'=cmd|\"x\""


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\r=1+1", "\n=1+1", "\t=1", " =1", "\r\n\t @x",
                                  "\rharmless"])
def test_csv_defuses_formulas_behind_white_space_and_line_ends(world, cell):
    d = world.device()
    d.audit("conn", ip="1.2.3.4", action="new", conn_id=3, session_id=0)
    d.audit("conn", peer=["1", cell], type=0, conn_id=3, session_id=5)
    r = world.admin.call("GET", "/api/audits/conn", status=200, remote=d.id, format="csv")
    [row] = csv.DictReader(io.StringIO(r.content.decode(), newline=""))
    assert row["peer_name"] == "'" + cell


def test_users_see_their_own_logs_unless_only_administrators_may(world):
    u, v = world.user(), world.user()
    d = world.device(user_name=u.name)
    connect(d)
    assert [r["device"] for r in u.get("/api/audits/conn")["data"]] == [d.id]
    assert v.get("/api/audits/conn")["data"] == []
    u.refused("GET", "/api/audits/console", status=403)
    world.settings(only_admin_logs=True)
    try:
        u.refused("GET", "/api/audits/conn", status=403)
    finally:
        world.settings(only_admin_logs=False)


def test_events_are_listed_after_an_id(world):
    d = world.device()
    connect(d)
    data = world.admin.get("/api/events")["data"]
    mine = [e for e in data if e["kind"] == "conn" and e["data"]["device"] == d.id]
    assert len(mine) == 2
    later = world.admin.get("/api/events", after=mine[0]["id"])["data"]
    assert mine[0]["id"] not in [e["id"] for e in later] and len(later) >= 1
    world.admin.refused("GET", "/api/events", after="x")
